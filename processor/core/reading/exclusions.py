"""What a mail leaves out, wherever it says so: before the identifier, behind it, or by the number of a list item."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from processor.core.characters import level
from processor.core.reading.breaks import Breaks, breaks
from processor.core.reading.token import Token, TokenKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.lexicon import Cue
    from processor.core.reading.page import Page

_EXCLUSION_REACH = 34
_CURRENCY_REACH = 6  # letters: room for "EUR" between the words and the amount
_SHORT_WORD = 4
_SENTENCE_WORDS = 5
_SENTENCES_BACK = 2


def without_excluded(page: Page, cues: Sequence[Cue], ordered: Sequence[Token]) -> list[Token]:
    """Drop identifiers that the mail leaves out, wherever they stand ("not G012…", "all but G012…",
    "G012… stays out").
    """
    cancelled = [token for token in ordered if token.kind is TokenKind.AMOUNT and _is_cancelled(page, cues, token)]
    ordered = [token for token in ordered if token not in cancelled]
    out: set[str] = set()
    for token in ordered:
        if token.value and (
            _excluded_before(page, cues, token, ordered) or _excluded_after(page, cues, token, ordered)
        ):
            out.add(token.value)
    out |= _background(page, cues, ordered, out)
    positions = _excluded_positions(page, cues)
    rows = [stretch for number in positions for stretch in _item_rows(page, number, ordered)]
    rows += set_aside(page)
    return [
        token
        for token in ordered
        if (token.value not in out or not token.value) and not any(start <= token.start < end for start, end in rows)
    ]


def _background(page: Page, cues: Sequence[Cue], ordered: Sequence[Token], out: set[str]) -> set[str]:
    """Return what is told of only in passing ("G012… was settled in spring"),
    as long as something else of its kind is asked for.
    """
    limits = breaks(page.text)
    named = [token for token in ordered if token.value and token.value not in out]
    mentioned = {
        token for cue in cues if cue.kind == "context.background" for token in _told_of(page, cue, ordered, limits)
    }
    passing = {token.value for token in mentioned} - {token.value for token in named if token not in mentioned}
    asked_kinds = {token.kind for token in named if token.value not in passing}
    return {token.value for token in mentioned if token.value in passing and token.kind in asked_kinds}


def _told_of(page: Page, cue: Cue, ordered: Sequence[Token], limits: Breaks) -> list[Token]:
    """Return the one identifier of the sentence with a cue,
    else of the sentence before it in the paragraph where that asks for nothing.
    """
    inside = [token for token in ordered if token.value and limits.unit(token.start) == limits.unit(cue.start)]
    if not inside:
        inside = _told_before(page, cue, ordered, limits)
    return inside if len({token.value for token in inside}) == 1 else []


def _told_before(page: Page, cue: Cue, ordered: Sequence[Token], limits: Breaks) -> list[Token]:
    earlier = [
        token
        for token in ordered
        if token.value and token.end <= cue.start and limits.paragraph(token.start) == limits.paragraph(cue.start)
    ]
    if not earlier:
        return []
    unit = limits.unit(earlier[-1].start)
    asks = any(
        cue.kind in {"intent.allocate", "intent.request"} and limits.unit(cue.start) == unit for cue in page.cues
    )
    near = limits.crossed(earlier[-1].end, cue.start)[1] <= _SENTENCES_BACK
    return [token for token in earlier if limits.unit(token.start) == unit] if near and not asks else []


def without_settled(page: Page, ordered: Sequence[Token], settled: frozenset[str]) -> list[Token]:
    """Leave out settled invoices that a sentence tells of without asking for anything, when others are asked for:
    no money can move there.
    """
    limits = breaks(page.text)
    asking = {limits.unit(cue.start) for cue in page.cues if cue.kind in {"intent.allocate", "intent.request"}}
    figures = {limits.unit(token.start) for token in ordered if token.kind in {TokenKind.AMOUNT, TokenKind.PAYMENT}}
    passing = {
        token.value
        for token in ordered
        if token.value in settled and limits.unit(token.start) not in asking | figures and _in_prose(page, token)
    }
    asked = {
        token.value
        for token in ordered
        if token.kind is TokenKind.INVOICE
        and (token.value not in passing or limits.unit(token.start) in asking | figures)
    }
    return [token for token in ordered if token.value not in passing - asked or not asked - passing]


def _in_prose(page: Page, token: Token) -> bool:
    """Tell whether a token stands in a sentence, not in a row of a list."""
    first = page.text.rfind("\n", 0, token.start) + 1
    last = page.text.find("\n", token.end)
    row = page.text[first : last if last >= 0 else len(page.text)]
    return len(re.findall(r"\w+", row)) >= _SENTENCE_WORDS and not re.match(r"[ \t]*(?:[-*•・]|\(?\d{1,2}[.)\]/])", row)


_SET_ASIDE = frozenset({"intent.fyi", "intent.withdrawal"})


def set_aside(page: Page) -> list[tuple[int, int]]:
    """Return what stands below a heading that says not to touch it ("For information only, nothing to do:"),
    up to the next blank line.
    """
    found: list[tuple[int, int]] = []
    for match in re.finditer(r"(?m)^[^\n]*:[ \t]*$", page.text):
        inside = [cue for cue in page.cues if match.start() <= cue.start < match.end()]
        named = any(match.start() <= mention.start < match.end() for mention in page.mentions)
        if (
            not named
            and any(_sets_aside(page, cue) for cue in inside)
            and all(cue.kind != "intent.allocate" for cue in inside)
        ):
            blank = re.compile(r"\n[ \t]*\n").search(page.text, _first_word(page.text, match.end()))
            found.append((match.end(), blank.start() if blank else len(page.text)))
    return found


def _first_word(text: str, place: int) -> int:
    word = re.compile(r"\w").search(text, place)
    return word.start() if word else len(text)


def _sets_aside(page: Page, cue: Cue) -> bool:
    words = len(page.text[cue.start : cue.end].split())
    return cue.kind in _SET_ASIDE or (cue.kind.startswith("context.deleted_") and words > 1)


_POSITION = r"(?:<position>[\s.:#]*|#)(\d{1,2})(?!\w)|(\d)番"
_JOINED = r"\s*(?:,|&|,?\s*<and>)\s*"


def _excluded_positions(page: Page, cues: Sequence[Cue]) -> set[int]:
    """Return the list numbers that a sentence without identifiers leaves out ("please leave out item 2")."""
    limits = breaks(page.text)
    found: set[int] = set()
    for cue in cues:
        if not cue.kind.startswith("context.deleted_"):
            continue
        unit = limits.unit(cue.start)
        if any(limits.unit(mention.start) == unit for mention in page.mentions):
            continue
        first, last = page.text.rfind("\n", 0, cue.start) + 1, page.text.find("\n", cue.end)
        sentence = level(page.text[first : last if last >= 0 else len(page.text)])
        found |= {int(match.group(1) or match.group(2)) for match in page.grammar.pattern(_POSITION).finditer(sentence)}
        found |= {
            int(other.value)
            for other in cues
            if other.kind == "ordinals" and limits.unit(other.start) == unit and int(other.value) > 0
        }
    return found


def _item_rows(page: Page, number: int, ordered: Sequence[Token]) -> list[tuple[int, int]]:
    """Return the rows that a list numbers so, where the list has identifiers."""
    rows = [
        (match.start(), match.end()) for match in re.finditer(rf"(?m)^[ \t>*•-]*\(?{number}[.)\]:][^\n]*", page.text)
    ]
    return [row for row in rows if any(token.value and row[0] <= token.start < row[1] for token in ordered)]


def _is_cancelled(page: Page, cues: Sequence[Cue], token: Token) -> bool:
    """Tell whether an amount is the one that no longer holds ("€ 900 instead of 907,50")."""
    return any(
        cue.kind == "context.deleted_before"
        and 0 <= token.start - cue.end <= _CURRENCY_REACH
        and not re.search(r"\w", without_currency(page.text[cue.end : token.start]))
        for cue in cues
    )


def _excluded_before(page: Page, cues: Sequence[Cue], token: Token, ordered: Sequence[Token]) -> bool:
    for cue in cues:
        if (
            cue.kind == "context.deleted_before"
            and cue.end <= token.start <= cue.end + _EXCLUSION_REACH
            and _only_small_words(page, cue.end, token.start)
        ):
            return True
    previous = next((other for other in reversed(ordered) if other.value and other.end <= token.start), None)
    joined = previous is not None and page.grammar.pattern(_JOINED).fullmatch(
        level(page.text[previous.end : token.start])
    )
    return bool(joined) and previous is not None and _excluded_before(page, cues, previous, ordered)


def _excluded_after(page: Page, cues: Sequence[Cue], token: Token, ordered: Sequence[Token]) -> bool:
    behind = [cue for cue in cues if cue.kind == "context.deleted_after" and cue.start >= token.end]
    near = (cue for cue in behind if cue.start <= token.end + _EXCLUSION_REACH)
    if any(_only_small_words(page, token.end, cue.start) for cue in near) or _told_off(page, behind, token):
        return True
    following = next((other for other in ordered if other.value and other.start >= token.end), None)
    joined = following is not None and page.grammar.pattern(_JOINED).fullmatch(
        level(page.text[token.end : following.start])
    )
    return bool(joined) and following is not None and _excluded_after(page, cues, following, ordered)


def _told_off(page: Page, behind: Sequence[Cue], token: Token) -> bool:
    """Tell whether a sentence about one identifier alone ends in leaving it out ("… but that one is done,
    please leave it alone").
    """
    limits = breaks(page.text)
    unit = limits.unit(token.start)
    alone = all(limits.unit(mention.start) != unit or mention.value == token.value for mention in page.mentions)
    words = (level(page.text[cue.start : cue.end]) for cue in behind if limits.unit(cue.start) == unit)
    negation = page.grammar.pattern(r"<not>$")
    return alone and (
        any(len(said.split()) > 1 and not negation.search(said) for said in words) or _forbidden(page, token, limits)
    )


def _forbidden(page: Page, token: Token, limits: Breaks) -> bool:
    """Tell whether a sentence about one identifier forbids something behind it,
    and asks for nothing ("of G012… touch nothing yet").
    """
    unit = limits.unit(token.start)
    inside = [cue for cue in page.cues if limits.unit(cue.start) == unit]
    forbidding = [cue for cue in inside if cue.kind == "context.deleted_before" and cue.start >= token.end]
    verbs = [
        cue
        for cue in forbidding
        if len(page.text[cue.start : cue.end].split()) > 1
        and not any(amount.start >= cue.end and limits.unit(amount.start) == unit for amount in page.amounts)
    ]
    asking = [cue for cue in inside if cue.kind == "intent.allocate" and all(cue.start < verb.start for verb in verbs)]
    return bool(verbs) and not asking


def _only_small_words(page: Page, start: int, end: int) -> bool:
    """Tell whether nothing but short words and the nouns of the trade stand between, within one sentence."""
    between = page.text[start:end]
    if re.search(r"[;!?\n]|\.\s|\d|\w\s?:", between):
        return False
    if any(cue.kind == "quantity.rest" and start <= cue.start < end for cue in page.cues):
        return False  # "…, the rest can wait" says nothing of the identifier
    nouns = [
        (cue.start, cue.end)
        for cue in page.cues
        if cue.kind
        in {"cues.invoice", "cues.payment", "context.deleted_after", "context.deleted_before", "intent.request"}
    ]
    words = ((match.group(), start + match.start()) for match in re.finditer(r"\w+", between))
    return all(len(word) <= _SHORT_WORD or any(first <= place < last for first, last in nouns) for word, place in words)


def without_currency(text: str) -> str:
    """Return text without currency codes."""
    return re.sub(r"[A-Z]{3}", "", text)
