"""Within one mail the later explicit word wins: "scratch that", "forget the previous line" (`decisions.md`,
Reading the mail).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from processor.core.reading.stretches import starting_in
from processor.core.reading.token import Token, TokenKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.lexicon import Cue
    from processor.core.reading.page import Page


def corrected(page: Page, cues: Sequence[Cue], ordered: list[Token]) -> list[Token]:
    """Let the later explicit word win: what follows "scratch that" replaces the last token of its kind before."""
    kept = list(ordered)
    handled = -1
    for cue in cues:
        if cue.kind != "context.correction" or cue.start < handled:
            continue
        handled = cue.end
        if page.grammar.pattern(_LINE).search(page.levelled[cue.start : cue.end]):
            last_row = _last_row(page, [token for token in kept if token.end <= cue.start])
            kept = [token for token in kept if token not in last_row]
            continue
        after = next(
            (
                token
                for token in starting_in(kept, cue.start, cue.end + _LATER)
                if token.kind is not TokenKind.QUANTITY
                and token.start - cue.end < (_DIRECTLY if token.bare else _LATER)
            ),
            None,
        )
        before = [token for token in kept if token.end <= cue.start] if after else []
        if after is None or not before or _adds(page, cue.end, after):
            continue
        if replaced := _replaced(page, kept, after):
            kept = [token for token in kept if token not in replaced]
            handled = page.limits.around(after.start, len(page.text))[1]
            continue
        if after.value and any(token.value == after.value for token in before):
            continue  # it speaks of a line again; what it says of it stands below
        if after.kind is TokenKind.AMOUNT and (line := _line_again(before)):
            kept = [token for token in kept if token not in line]
            continue
        same = _taken_back(before, after, cue)
        if same and (same[-1].value != after.value or after.kind is TokenKind.AMOUNT):
            kept.remove(same[-1])
    return kept


_SAME_THOUGHT = 80  # letters: the same sentence or the next
_LATER = 160  # letters within which the new word follows
_DIRECTLY = 12  # "make it 500": a bare number only right behind the words
_LINE = r"<line>"
_ALSO = r"(?<!\w)<also>(?!\w)"


def _adds(page: Page, start: int, after: Token) -> bool:
    """Tell whether the words around a new item say that it comes on top ("PS: and G013… too")."""
    end = page.limits.around(after.start, len(page.text))[1] if after.value else after.start
    return page.grammar.pattern(_ALSO).search(page.levelled, start, end) is not None


def _replaced(page: Page, kept: Sequence[Token], after: Token) -> list[Token]:
    """Return an amount said before and said again as what no longer holds, when another follows in the sentence
    ("of the 1,936.00 for G012… make 1,500.00").
    """
    if after.kind is not TokenKind.AMOUNT or after.amount is None:
        return []
    _, end = page.limits.around(after.start, len(page.text))
    amounts = [token for token in kept if token.kind is TokenKind.AMOUNT and token.amount]
    again = [token for token in amounts if token.amount and token.amount.readings == after.amount.readings]
    follows = any(after.end <= token.start < end for token in amounts)
    named = any(token.kind is TokenKind.INVOICE for token in starting_in(kept, after.end, end))
    return again if follows and named and again[0] is not after else []


def _last_row(page: Page, before: Sequence[Token]) -> list[Token]:
    """Return the tokens of the last row that has any, above the words that take it back."""
    if not before:
        return []
    first = page.text.rfind("\n", 0, before[-1].start) + 1
    return [token for token in before if token.start >= first]


def _taken_back(before: Sequence[Token], after: Token, cue: Cue) -> list[Token]:
    """Return the tokens that a correction can speak of: near it, or, from a postscript, the only one of its kind."""
    same = [token for token in before if token.kind is after.kind]
    nearest = [token for token in before[-2:] if token.kind is after.kind]
    if nearest and cue.start - before[-1].end < _SAME_THOUGHT:
        return nearest
    return same if len({token.value or token.amount for token in same}) == 1 else []


def _line_again(before: Sequence[Token]) -> list[Token]:
    """Return the line as it stood when the words come back to its invoice ("…, for G012… make it …"):
    its amount, and its invoice too where the one payment leaves no doubt of whose it is.
    """
    again = before[-1]
    first = next((index for index, token in enumerate(before[:-1]) if token.value and token.value == again.value), None)
    if again.kind is not TokenKind.INVOICE or first is None:
        return []
    figures = [token for token in before if token.kind in {TokenKind.INVOICE, TokenKind.AMOUNT}]
    leads = figures[0].kind is TokenKind.AMOUNT  # "€ 300 to G012…, € 400 to G013…"
    beside = before[first - 1 : first] if leads and first else before[first + 1 : first + 2]
    amounts = [token for token in beside if token.kind is TokenKind.AMOUNT]
    lone = len({token.value for token in before if token.kind is TokenKind.PAYMENT}) <= 1
    return [*amounts, before[first]] if amounts and lone else amounts
