"""The words of a scope as a row of tokens - payments, invoices, amounts, quantities - and how far apart two of them stand."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from processor.core.characters import level
from processor.core.reading.identifiers import Kind
from processor.core.request import AskedAmount, Quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from processor.core.lexicon import Cue
    from processor.core.reading.identifiers import Mention
    from processor.core.reading.page import Page

_WRAP = 50  # a line at least so long that doesn't end a sentence goes on in the next one
_EXCLUSION_REACH = 34
_SHORT_WORD = 4


class TokenKind(StrEnum):
    """What a token is."""

    PAYMENT = "payment"
    INVOICE = "invoice"
    AMOUNT = "amount"
    QUANTITY = "quantity"


@dataclass(frozen=True, slots=True)
class Token:
    """One finding in reading order, with what it says."""

    kind: TokenKind
    start: int
    end: int
    value: str = ""
    own: bool = False
    amount: AskedAmount | None = None
    bare: bool = False
    quantity: Quantity | None = None
    range_end: str = ""
    firm: bool = False  # a quantity that names its object itself ("the open balance", "the whole payment")


@dataclass(frozen=True, slots=True)
class Breaks:
    """Where lines, sentences and paragraphs end."""

    rows: tuple[int, ...]
    sentences: tuple[int, ...]
    blanks: tuple[int, ...]

    def unit(self, place: int) -> tuple[int, int]:
        """Name the sentence or row that a place is in."""
        return bisect_right(self.rows, place), bisect_right(self.sentences, place)

    def paragraph(self, place: int) -> int:
        """Number the paragraph that a place is in."""
        return bisect_right(self.blanks, place)

    def row(self, place: int) -> int:
        """Number the row that a place is in."""
        return bisect_right(self.rows, place)

    def crossed(self, start: int, end: int) -> tuple[int, int, int]:
        """Count the rows, sentences and paragraphs that end between two places."""
        return tuple(
            bisect_left(kind, end) - bisect_left(kind, start) for kind in (self.rows, self.sentences, self.blanks)
        )  # type: ignore[return-value]


_SENTENCE = re.compile(r"(?<![.?!])(?P<word>[^\s.?!]*)(?P<mark>[.?!]{1,3})(?![.?!])[\"')]*(?=\s|$)")


def breaks(text: str) -> Breaks:
    """Find the breaks of folded text. A hard-wrapped line is no row of its own."""
    rows = tuple(match.start() for match in re.finditer("\n", text) if not _is_wrap(text, match.start()))
    blanks = tuple(match.start() for match in re.finditer(r"\n[ \t]*\n", text))
    sentences = tuple(
        match.end("mark") - 1
        for match in _SENTENCE.finditer(text)
        if match["mark"] != "."
        or len(match["word"]) > 3
        or match["word"].isdigit() is False
        and len(match["word"]) == 0
    )  # noqa: PLR2004 - "nr." and "2." end no sentence
    return Breaks(rows, sentences, blanks)


def _is_wrap(text: str, newline: int) -> bool:
    line_start = text.rfind("\n", 0, newline) + 1
    line = text[line_start:newline].rstrip()
    following = text[newline + 1 : newline + 4]
    return (
        len(line) >= _WRAP
        and not line.endswith((":", ".", ";", "!", "?"))
        and bool(following[:1].strip())
        and not re.match(r"[-*•>\d]", following)
        and "\t" not in line
    )


def tokens(page: Page, ranges: Sequence[tuple[int, int]]) -> tuple[Token, ...]:
    """Return the tokens of the ranges in reading order, without what the mail excludes or takes back."""
    cues = tuple(cue for cue in page.cues if _inside(cue.start, ranges))
    found = [*_identifiers(page, ranges), *_amounts(page, ranges), *_parts(page, cues), *_quantities(page, cues)]
    ordered = sorted(found, key=lambda token: (token.start, token.end))
    kept = _without_excluded(page, cues, ordered)
    return tuple(_corrected(page, cues, kept))


def _inside(place: int, ranges: Sequence[tuple[int, int]]) -> bool:
    return any(start <= place < end for start, end in ranges)


def _identifiers(page: Page, ranges: Sequence[tuple[int, int]]) -> Iterable[Token]:
    for mention in page.mentions:
        if mention.kind is not Kind.PARTNER and _inside(mention.start, ranges):
            kind = TokenKind.INVOICE if mention.kind is Kind.INVOICE else TokenKind.PAYMENT
            yield Token(kind, mention.start, mention.end, mention.value, own=mention.own, range_end=mention.range_end)


def _amounts(page: Page, ranges: Sequence[tuple[int, int]]) -> Iterable[Token]:
    for mention in page.amounts:
        if _inside(mention.start, ranges) and not _is_labelled_own(page, mention.start):
            estimated = _is_estimate(page, mention.start)
            amount = (
                AskedAmount((), mention.amount.currencies, mention.amount.seen, doubtful=True)
                if estimated
                else mention.amount
            )
            yield Token(TokenKind.AMOUNT, mention.start, mention.end, amount=amount, bare=mention.bare)


def _parts(page: Page, cues: Sequence[Cue]) -> Iterable[Token]:
    """Yield shares in words ("about half", "a couple of grand"): an amount is meant, and none is said."""
    for cue in cues:
        if cue.kind == "quantity.part" and not any(
            cue.start < mention.end and mention.start < cue.end for mention in page.amounts
        ):
            yield Token(
                TokenKind.AMOUNT,
                cue.start,
                cue.end,
                amount=AskedAmount((), (), page.text[cue.start : cue.end], doubtful=True),
            )


def _is_labelled_own(page: Page, start: int) -> bool:
    """Tell whether a number is labelled as something of the sender's own ("PO 4500018832", "tel. 088 000 14 33")."""
    return any(
        cue.kind == "cues.own_reference"
        and cue.end <= start <= cue.end + 6
        and not page.text[cue.end : start].strip(" .:#-/()")
        for cue in page.cues
    )


def _is_estimate(page: Page, start: int) -> bool:
    return any(
        cue.kind == "quantity.estimate"
        and cue.end <= start <= cue.end + 8
        and not re.search(r"\w", _without_currency(page.text[cue.end : start]))
        for cue in page.cues
    )


def _without_currency(text: str) -> str:
    return re.sub(r"[A-Z]{3}", "", text)


_QUANTITIES = {
    "quantity.full": Quantity.FULL,
    "quantity.open": Quantity.FULL,
    "quantity.all_of_payment": Quantity.ALL_OF_PAYMENT,
    "quantity.rest": Quantity.REST,
}
_SOURCE = re.compile(
    r"\b(?:out of|from|using|with|uit|van|aus|von|mit|de|du|desde|con|da|dal|dalla|do|z|ze|com|avec|sur)\s+(?:the |het |de |dem |der |den |la |le |lo |el |il |o |a |wat |what |was |ce |quanto |tego )*$"
)


_RANK = (Quantity.ALL_OF_PAYMENT, Quantity.FULL, Quantity.REST)


def _quantities(page: Page, cues: Sequence[Cue]) -> Iterable[Token]:
    """Yield definite quantities; "from what is left on …" only says where the money comes from."""
    for cluster in _clusters([cue for cue in cues if cue.kind in _QUANTITIES]):
        cue = min(cluster, key=lambda cue: (_RANK.index(_QUANTITIES[cue.kind]), cue.kind == "quantity.full"))
        quantity = _QUANTITIES[cue.kind]
        start, end = cluster[0].start, max(member.end for member in cluster)
        before = level(page.text[max(0, start - 24) : start])
        source = quantity is not Quantity.FULL and _SOURCE.search(before) is not None
        negated = re.search(r"\b(?:not|niet|nicht|pas|no|non|nao|nie|nog niet)\s+(?:\w{1,5}\s+)?$", before) is not None
        if not source and not negated:
            yield Token(TokenKind.QUANTITY, start, end, quantity=quantity, firm=cue.kind != "quantity.full")


def _clusters(cues: Sequence[Cue]) -> list[list[Cue]]:
    """Put phrases that overlap together: "the full open balance" is one quantity."""
    found: list[list[Cue]] = []
    for cue in cues:
        if found and cue.start <= max(member.end for member in found[-1]):
            found[-1].append(cue)
        else:
            found.append([cue])
    return found


def _without_excluded(page: Page, cues: Sequence[Cue], ordered: Sequence[Token]) -> list[Token]:
    """Drop identifiers that the mail leaves out, wherever they stand ("not G012…", "all but G012…", "G012… stays out")."""
    cancelled = [token for token in ordered if token.kind is TokenKind.AMOUNT and _is_cancelled(page, cues, token)]
    ordered = [token for token in ordered if token not in cancelled]
    out: set[str] = set()
    for token in ordered:
        if token.value and (_excluded_before(page, cues, token, ordered) or _excluded_after(page, cues, token)):
            out.add(token.value)
    positions = _excluded_positions(page, cues)
    rows = [stretch for number in positions for stretch in _item_rows(page, number, ordered)]
    return [
        token
        for token in ordered
        if (token.value not in out or not token.value) and not any(start <= token.start < end for start, end in rows)
    ]


_POSITION = re.compile(
    r"(?:\b(?:pos|position|item|line|no|nr|nummer|number|regel|punt|punkt|ligne|point|poste|posicion|partida|linea|punto|riga|voce|linha|posicao|pozycja|pozycje|pozycji|wiersz)\b[\s.:#]*|#)(\d{1,2})\b|(\d)番"
)


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
        found |= {int(match.group(1) or match.group(2)) for match in _POSITION.finditer(sentence)}
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
        and 0 <= token.start - cue.end <= 6
        and not re.search(r"\w", _without_currency(page.text[cue.end : token.start]))
        for cue in cues
    )  # noqa: PLR2004 - a currency may stand between


def _excluded_before(page: Page, cues: Sequence[Cue], token: Token, ordered: Sequence[Token]) -> bool:
    for cue in cues:
        if (
            cue.kind == "context.deleted_before"
            and cue.end <= token.start <= cue.end + _EXCLUSION_REACH
            and _only_small_words(page, cue.end, token.start)
        ):
            return True
    previous = next((other for other in reversed(ordered) if other.value and other.end <= token.start), None)
    joined = previous is not None and re.fullmatch(
        r"\s*(?:,|and|or|en|of|und|oder|et|ou|y|o|e|i|lub|&|,\s*and)\s*", page.text[previous.end : token.start]
    )
    return bool(joined) and previous is not None and _excluded_before(page, cues, previous, ordered)


def _excluded_after(page: Page, cues: Sequence[Cue], token: Token) -> bool:
    return any(
        cue.kind == "context.deleted_after"
        and token.end <= cue.start <= token.end + _EXCLUSION_REACH
        and _only_small_words(page, token.end, cue.start)
        for cue in cues
    )


def _only_small_words(page: Page, start: int, end: int) -> bool:
    """Tell whether nothing but short words and the nouns of the trade stand between, within one sentence."""
    between = page.text[start:end]
    if re.search(r"[;!?\n]|\.\s|\d", between):
        return False
    nouns = [
        (cue.start, cue.end)
        for cue in page.cues
        if cue.kind in {"cues.invoice", "cues.payment", "context.deleted_after", "context.deleted_before"}
    ]
    words = ((match.group(), start + match.start()) for match in re.finditer(r"\w+", between))
    return all(len(word) <= _SHORT_WORD or any(first <= place < last for first, last in nouns) for word, place in words)


def _corrected(page: Page, cues: Sequence[Cue], ordered: list[Token]) -> list[Token]:
    """Let the later explicit word win: what follows "scratch that" replaces the last token of its kind before."""
    kept = list(ordered)
    for cue in cues:
        if cue.kind != "context.correction":
            continue
        before = [token for token in kept if token.end <= cue.start]
        if _LINE_WORD.search(level(page.text[cue.start : cue.end])):
            kept = [token for token in kept if token not in _last_row(page, before, cue)]
            continue
        after = next(
            (
                token
                for token in kept
                if token.start >= cue.start and token.kind is not TokenKind.QUANTITY and token.start - cue.end < 160
            ),
            None,
        )  # noqa: PLR2004 - the same or the next sentence
        if after is None or not before or not _is_near(page, before, cue):
            continue
        same = [token for token in before[-2:] if token.kind is after.kind]
        if same and (same[-1].value != after.value or after.kind is TokenKind.AMOUNT):
            kept.remove(same[-1])
    return kept


_LINE_WORD = re.compile(r"line|regel|zeile|position|ligne|linea|riga|linha|wiersz|pozycj|行")


def _last_row(page: Page, before: Sequence[Token], cue: Cue) -> list[Token]:
    """Return the tokens of the last row that has any, above the words that take it back."""
    if not before:
        return []
    first = page.text.rfind("\n", 0, before[-1].start) + 1
    return [token for token in before if token.start >= first]


def _is_near(page: Page, before: Sequence[Token], cue: Cue) -> bool:
    """Tell whether a correction speaks of the token before it: within the same thought."""
    return cue.start - before[-1].end < 80  # noqa: PLR2004 - the same thought, or the one that follows


def mention_token(mention: Mention) -> Token:
    """Return the token of an identifier outside a scope's walk (a table's cell)."""
    kind = TokenKind.INVOICE if mention.kind is Kind.INVOICE else TokenKind.PAYMENT
    return Token(kind, mention.start, mention.end, mention.value, own=mention.own, range_end=mention.range_end)
