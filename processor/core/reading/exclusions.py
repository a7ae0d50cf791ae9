"""What a mail leaves out, wherever it says so: before the identifier, behind it, or by the number of a list item."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from processor.core.characters import level
from processor.core.reading.background import in_prose, told_in_passing
from processor.core.reading.breaks import Breaks, breaks
from processor.core.reading.set_aside import excluded_rows, set_aside
from processor.core.reading.token import Token, TokenKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.lexicon import Cue
    from processor.core.reading.page import Page

_EXCLUSION_REACH = 34
_CURRENCY_REACH = 6  # letters: room for "EUR" between the words and the amount
_SHORT_WORD = 4


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
    out |= told_in_passing(page, cues, ordered, out)
    rows = [*excluded_rows(page, cues, ordered), *set_aside(page)]
    return [
        token
        for token in ordered
        if (token.value not in out or not token.value) and not any(start <= token.start < end for start, end in rows)
    ]


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
        if token.value in settled and limits.unit(token.start) not in asking | figures and in_prose(page, token)
    }
    asked = {
        token.value
        for token in ordered
        if token.kind is TokenKind.INVOICE
        and (token.value not in passing or limits.unit(token.start) in asking | figures)
    }
    return [token for token in ordered if token.value not in passing - asked or not asked - passing]


_JOINED = r"\s*+(?:&|,(?:\s*+<and>)?|<and>)\s*+"


def _is_cancelled(page: Page, cues: Sequence[Cue], token: Token) -> bool:
    """Tell whether an amount is the one that no longer holds ("€ 900 instead of 907,50", "€ 900, not 907,50")."""
    return any(
        (cue.kind == "context.deleted_before" or (cue.kind == "context.negation" and not token.bare))
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
