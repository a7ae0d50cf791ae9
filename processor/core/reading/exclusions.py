"""What a mail leaves out, wherever it says so: before the identifier, behind it, or by the number of a list item."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from processor.core.reading.background import in_prose, told_in_passing
from processor.core.reading.sentences import ONLY_BEHIND
from processor.core.reading.set_aside import excluded_rows, set_aside
from processor.core.reading.stretches import Taken, only_short_words, reaching, starting_in
from processor.core.reading.token import Token, TokenKind
from processor.core.reading.told_off import Said, said_around

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from processor.core.lexicon import Cue
    from processor.core.reading.page import Page

_EXCLUSION_REACH = 34
_CURRENCY_REACH = 9  # letters: room for "the EUR" between the words and the amount
_ARTICLE = re.compile(  # "instead of the £2,500.00"
    r"\W*|\s*(?:the|de[nrm]?|die|das|het|l[aeo]s?|el|il|gli|os|as|o|i)\s+[€$£¥]?\s?"
)
_SHORT_WORD = 4
_LEAVING = frozenset({"context.deleted_before", "context.deleted_after"})
_NOUNS = frozenset(
    {"cues.invoice", "cues.payment", "context.deleted_after", "context.deleted_before", "intent.request"}
)  # what may stand between an identifier and the words that leave it out


def without_excluded(page: Page, cues: Sequence[Cue], ordered: Sequence[Token]) -> list[Token]:
    """Drop identifiers that the mail leaves out, wherever they stand ("not G012…", "all but G012…",
    "G012… stays out").
    """
    ordered = [token for token in ordered if token.kind is not TokenKind.AMOUNT or not _is_cancelled(page, cues, token)]
    out = left_out(page, cues, [token for token in ordered if token.value])
    out |= told_in_passing(page, cues, ordered, out)
    rows = Taken((*excluded_rows(page, cues, ordered), *set_aside(page), *_brackets(page, ordered, out)))
    return [token for token in ordered if (token.value not in out or not token.value) and not rows.holds(token.start)]


def _brackets(page: Page, ordered: Sequence[Token], out: Collection[str]) -> list[tuple[int, int]]:
    """Return the brackets in which all that is named is left out ("(GBP 2,800.00 to G012… in October)"): their amounts
    go with it.
    """
    found: list[tuple[int, int]] = []
    for match in re.finditer(r"\([^()\n]*\)", page.text) if out else ():
        named = {token.value for token in starting_in(ordered, *match.span()) if token.value}
        if named and named <= set(out):
            found.append(match.span())
    return found


def without_settled(page: Page, ordered: Sequence[Token], settled: frozenset[str]) -> list[Token]:
    """Leave out settled invoices that a sentence tells of without asking for anything, when others are asked for:
    no money can move there.
    """
    limits = page.limits
    asking = {limits.unit(cue.start) for cue in page.cues if cue.kind in {"intent.allocate", "intent.request"}}
    figures = {limits.unit(token.start) for token in ordered if token.kind in {TokenKind.AMOUNT, TokenKind.PAYMENT}}
    passing = {
        token.value
        for token in ordered
        if token.value in settled and limits.unit(token.start) not in asking | figures and in_prose(page, token)
    }
    asked = {
        token.value
        for token in ordered
        if token.kind is TokenKind.INVOICE
        and (token.value not in passing or limits.unit(token.start) in asking | figures)
    }
    return [token for token in ordered if token.value not in passing - asked or not asked - passing]


_JOINED = r"(?:,|&|,?\s*<and>)"


def left_out(page: Page, cues: Sequence[Cue], named: Sequence[Token]) -> set[str]:
    """Return the identifiers that words leave out, and those that a comma or an "and" joins to them."""
    nouns = Taken((cue.start, cue.end) for cue in page.cues if cue.kind in _NOUNS)
    around = [cue for cue in page.cues if cue.kind in _LEAVING]
    before = [_is_out_before(page, cues, token, nouns) or _is_inside(page, around, token) for token in named]
    after = _out_after(page, cues, named, nouns)
    for at, token in enumerate(named):
        previous = at - 1
        while previous >= 0 and named[previous].end > token.start:
            previous -= 1
        before[at] = before[at] or (previous >= 0 and before[previous] and _are_joined(page, named[previous], token))
    for at in reversed(range(len(named))):
        following = at + 1
        while following < len(named) and named[following].start < named[at].end:
            following += 1
        joined = following < len(named) and after[following] and _are_joined(page, named[at], named[following])
        after[at] = after[at] or joined
    return {token.value for at, token in enumerate(named) if before[at] or after[at]}


def _is_inside(page: Page, phrases: Sequence[Cue], token: Token) -> bool:
    """Tell whether words that leave something out stand around an identifier ("leave G012… out")."""
    return any(
        cue.start < token.start and token.end < cue.end
        for cue in reaching(phrases, token.start, token.start, page.longest[0])
    )


def _are_joined(page: Page, left: Token, right: Token) -> bool:
    between = page.levelled[left.end : right.start].strip()
    return page.grammar.pattern(_JOINED).fullmatch(between) is not None


def _is_cancelled(page: Page, cues: Sequence[Cue], token: Token) -> bool:
    """Tell whether an amount is the one that no longer holds ("€ 900 instead of 907,50", "€ 900, not 907,50")."""
    return any(
        (cue.kind == "context.deleted_before" or (cue.kind == "context.negation" and not token.bare))
        and 0 <= token.start - cue.end <= _CURRENCY_REACH
        and _ARTICLE.fullmatch(without_currency(page.text[cue.end : token.start]))
        for cue in reaching(cues, token.start - _CURRENCY_REACH, token.start, page.longest[0])
    )


def _is_out_before(page: Page, cues: Sequence[Cue], token: Token, nouns: Taken) -> bool:
    near = reaching(cues, token.start - _EXCLUSION_REACH, token.start, page.longest[0])
    return any(
        cue.kind == "context.deleted_before"
        and cue.end <= token.start
        and _only_small_words(page, cue.end, token.start, nouns)
        and not page.grammar.pattern(ONLY_BEHIND).match(page.levelled, cue.end)
        for cue in near
    )


def _out_after(page: Page, cues: Sequence[Cue], named: Sequence[Token], nouns: Taken) -> list[bool]:
    behind = [cue for cue in cues if cue.kind == "context.deleted_after"]
    said: dict[tuple[int, int], Said] = {}
    found: list[bool] = []
    for token in named:
        unit = page.limits.unit(token.start)
        told = said.get(unit) or said.setdefault(unit, said_around(page, behind, token.start))
        near = starting_in(behind, token.end, token.end + _EXCLUSION_REACH + 1)
        small = any(_only_small_words(page, token.end, cue.start, nouns) for cue in near)
        found.append(small or told.leaves_out(token))
    return found


def _only_small_words(page: Page, start: int, end: int, nouns: Taken) -> bool:
    """Tell whether nothing but short words and the nouns of the trade stand between, within one sentence."""
    between = page.text[start:end]
    if re.search(r"[;!?\n]|\.\s|\d|\w\s?:", between):
        return False
    if any(cue.kind in {"quantity.rest", "ordinals"} for cue in page.cues_from(start, end)):
        return False  # "…, the rest can wait", "all but the last from 14…" say nothing of the identifier
    return only_short_words(page.text, start, end, _SHORT_WORD, nouns)


def without_currency(text: str) -> str:
    """Return text without currency codes."""
    return re.sub(r"[A-Z]{3}", "", text)
