"""One mail, read whole: what counts as the sender's words now, what they state, and what could not be read."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from processor.core.characters import level
from processor.core.currencies import exponent
from processor.core.message import AttachmentState, SegmentKind
from processor.core.reading.amounts import WORD_CURRENCIES
from processor.core.reading.breaks import Breaks, breaks
from processor.core.reading.exclusions import set_aside
from processor.core.reading.grid import read_table
from processor.core.reading.identifiers import Kind, own_items
from processor.core.reading.language import language_of
from processor.core.reading.merge import Disagreement, combine, join
from processor.core.reading.page import Page, read_page
from processor.core.reading.prose import read_prose
from processor.core.reading.segments import is_forward
from processor.core.reading.stated import Stated
from processor.core.reading.text_tables import text_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.decision import Snapshot
    from processor.core.grammar import Grammar
    from processor.core.lexicon import Cue
    from processor.core.message import Message, Table
    from processor.core.policy import Policy
    from processor.core.request import Evidence

_REPLY = r"\s*(?:\[[^\]]*\]\s*)?<reply>\s*(?:\[\d+\])?\s*:"
_REPLY_INSIDE = r":\s*<reply>\s*:"  # "Automatic reply: Re: …"
_PREFIX = re.compile(r"^\s*(?:\w{1,8}\s*:\s*)+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One of the sender's own sentences: the kinds of its phrases, the identifiers in it, and whether it asks."""

    kinds: frozenset[str]
    named: frozenset[str] = frozenset()
    question: bool = False

    def has(self, *kinds: str) -> bool:
        """Tell whether a phrase of one of these kinds stands in it."""
        return any(kind in self.kinds for kind in kinds)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a mail says. `words` are the sender's own words now; `cues` the phrases in them.

    `forwarded` says that only a passed-on text asks for anything, with no instruction of the sender's own.
    `numbers` are bare numbers in an answer ("2"), by which a list is answered.
    """

    stated: Stated
    words: str
    cues: tuple[Cue, ...]
    language: str | None
    sentences: tuple[Sentence, ...] = ()
    partner_ids: tuple[str, ...] = ()
    named: tuple[tuple[Kind, str], ...] = ()
    disagreement: Disagreement | None = None
    forwarded: bool = False
    unreadable: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    currencies: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    def has(self, *kinds: str) -> bool:
        """Tell whether a phrase of one of these kinds stands in the sender's words."""
        return any(cue.kind in kinds for cue in self.cues)


def read(message: Message, snapshot: Snapshot, policy: Policy) -> Reading:
    """Read a mail for its sender, whose own items the snapshot holds."""
    items = own_items(snapshot, policy.profile)
    forward = is_forward(message.subject, policy.phrases.grammar)
    fresh_subject = not forward and not _is_reply(message.subject, policy.phrases.grammar)
    pages = [read_page(source, items, policy, snapshot.today, forward=forward) for source in message.sources]
    language = _language_of(pages, message, policy)
    spoken = frozenset({language, "en"} if language else {"en", *(partner.language for partner in snapshot.partners)})
    pages = [replace(page, cues=tuple(cue for cue in page.cues if _is_spoken(cue, spoken))) for page in pages]
    subject = [page for page in pages if page.name == "subject" and fresh_subject]
    bodies = [page for page in pages if page.name in {"text", "html"}]
    attached = [page for page in pages if page.name.startswith("attachment:")]
    own = [(page, page.ranges(SegmentKind.NEW)) for page in (*subject, *bodies)]
    passed_on = [(page, page.ranges(SegmentKind.FORWARDED)) for page in bodies] + [
        (page, _all(page)) for page in attached if _is_mail(page)
    ]
    files = [(page, _all(page)) for page in attached if not _is_mail(page)]
    cues = tuple(cue for page, ranges in own for cue in _cues(page, ranges))
    stated = _stated([(page, _with_questions(page, ranges)) for page, ranges in own], snapshot)
    use_passed_on = any(ranges for _, ranges in passed_on) and not stated.lines
    told = _instructs(cues)
    forwarded = use_passed_on and not told
    others = [(page.name, _stated([(page, ranges)], snapshot)) for page, ranges in files]
    body = stated
    if use_passed_on:
        inner = _stated(passed_on, snapshot)
        body = _adopt(stated, inner)
        forwarded = forwarded and not inner.empty
    refers = any(cue.kind == "intent.see_attached" for cue in cues)
    combined, disagreement = combine(body, others, refers=refers)
    scope = own + (passed_on if use_passed_on else []) + files
    words = "\n".join(page.text[start:end] for page, ranges in own if page.name != "subject" for start, end in ranges)
    disagreement = disagreement or _alternatives_differ(message, bodies, policy, snapshot)
    return Reading(
        stated=combined,
        words=words,
        cues=cues,
        language=language,
        sentences=tuple(sentence for page, ranges in own for sentence in _sentences(page, ranges)),
        partner_ids=tuple(
            dict.fromkeys(
                mention.value
                for page, ranges in scope
                for mention in page.mentions
                if mention.kind is Kind.PARTNER and _in(mention.start, ranges)
            )
        ),
        named=tuple(
            dict.fromkeys(
                (mention.kind, mention.value)
                for page, ranges in scope
                for mention in page.mentions
                if mention.kind is not Kind.PARTNER and _in(mention.start, ranges)
            )
        ),
        disagreement=disagreement,
        forwarded=forwarded,
        unreadable=tuple(part.name for part in message.attachments if part.state is AttachmentState.UNREADABLE),
        numbers=_bare_numbers(words),
        currencies=_currencies(words, cues),
        evidence=combined.evidence,
    )


def _is_reply(subject: str, grammar: Grammar) -> bool:
    """Tell whether a subject is that of an earlier mail: its identifiers are history."""
    levelled = level(subject)
    return bool(grammar.pattern(_REPLY).match(levelled) or grammar.pattern(_REPLY_INSIDE).search(levelled))


def _is_spoken(cue: Cue, languages: frozenset[str | None]) -> bool:
    """Tell whether a phrase counts: what a mail wants is read in its own language (or English),
    nouns and layout in any.
    """
    return not cue.kind.startswith(("intent.", "context.", "quantity.")) or cue.language in languages


_FIGURE = re.compile(r"\s?[€$£]?\s?\d[\d.,]*(?:\s|\W|$)")  # "2,000, not 3,000" takes a figure back


def _is_idle(cue: Cue, page: Page, limits: Breaks) -> bool:
    """Tell whether a doubt or a denial speaks of something else: far from what is asked, of a figure, of a heading's list."""
    if cue.kind == "context.hold":
        end = page.text.find("\n", cue.end)
        return page.text[cue.end : end if end >= 0 else len(page.text)].rstrip().endswith(":")
    if cue.kind not in {"context.negation", "context.hedge"}:
        return False
    unit = limits.unit(cue.start)
    objects = [(mention.start, mention.end) for mention in page.mentions]
    objects += [(other.start, other.end) for other in page.cues if other.kind == "intent.allocate"]
    near = any(
        start - cue.end <= _NEAR_DOUBT and cue.start - end <= _NEAR_DOUBT and limits.unit(start) == unit
        for start, end in objects
    )
    told = any(other.kind == "context.unallocated" and other.start <= cue.start < other.end for other in page.cues)
    figure = cue.kind == "context.negation" and _FIGURE.match(page.text, cue.end) is not None
    return not near or (cue.kind == "context.negation" and told) or figure


_NEAR_DOUBT = 60


def _sentences(page: Page, ranges: Sequence[tuple[int, int]]) -> list[Sentence]:
    limits = breaks(page.text)
    units: dict[tuple[int, int], tuple[set[str], set[str], list[int]]] = {}
    for cue in page.cues:
        if _in(cue.start, ranges) and not _is_idle(cue, page, limits):
            units.setdefault(limits.unit(cue.start), (set(), set(), []))[0].add(cue.kind)
            units[limits.unit(cue.start)][2].append(cue.end)
    for mention in page.mentions:
        if _in(mention.start, ranges) and mention.kind is not Kind.PARTNER:
            units.setdefault(limits.unit(mention.start), (set(), set(), []))[1].add(mention.value)
            units[limits.unit(mention.start)][2].append(mention.end)
    return [
        Sentence(frozenset(kinds), frozenset(named), _asks(page.text, max(ends)))
        for kinds, named, ends in units.values()
    ]


def _asks(text: str, place: int) -> bool:
    """Tell whether the sentence around a place ends with a question mark, or with the Japanese "ka"."""
    mark = re.compile(r"[.!？。\n]|\?(?=\W|\Z)|\Z").search(text, place)
    return mark is not None and (mark.group() in {"?", "？"} or text[: mark.start()].endswith("か"))


def _is_mail(page: Page) -> bool:
    return any(
        part.kind is SegmentKind.FORWARDED and part.start == 0 for part in page.segments
    ) and page.name.startswith("attachment:")


def _all(page: Page) -> tuple[tuple[int, int], ...]:
    return page.ranges(SegmentKind.NEW, SegmentKind.FORWARDED)


def _in(place: int, ranges: Sequence[tuple[int, int]]) -> bool:
    return any(start <= place < end for start, end in ranges)


def _cues(page: Page, ranges: Sequence[tuple[int, int]]) -> tuple[Cue, ...]:
    return tuple(cue for cue in page.cues if _in(cue.start, ranges))


def _instructs(cues: Sequence[Cue]) -> bool:
    """Tell whether the forwarder asks for something to be done with what is passed on."""
    kinds = {cue.kind for cue in cues}
    return "intent.process_below" in kinds or {"intent.allocate", "intent.request"} <= kinds


def _stated(scope: Sequence[tuple[Page, tuple[tuple[int, int], ...]]], snapshot: Snapshot) -> Stated:
    """Read pages of one source: its tables as tables, the rest as running text."""
    parts: list[Stated] = []
    for page, ranges in scope:
        grids = [grid for table in _tables(page, ranges) if (grid := read_table(table, page, snapshot))]
        rest = tuple(
            piece for stretch in ranges for piece in _less(stretch, [(grid.start, grid.end) for grid in grids])
        )
        parts.append(read_prose(page, rest, snapshot))
        aside = set_aside(page)
        told = [grid for grid in grids if not _in(grid.start, aside)]
        parts.extend(_headed(grid.stated, page, rest, grid.start) for grid in told)
    return _settled(join(parts)) if parts else Stated()


def _tables(page: Page, ranges: Sequence[tuple[int, int]]) -> tuple[Table, ...]:
    given = tuple(
        table
        for table in page.tables
        if table.rows
        and table.rows[0]
        and any(_in(cell.start, ranges) for row in table.rows for cell in row if cell.text)
    )
    covered = [
        (min(cell.start for row in table.rows for cell in row), max(cell.end for row in table.rows for cell in row))
        for table in given
    ]
    free = tuple(piece for stretch in ranges for piece in _less(stretch, covered))
    return (*given, *text_tables(page, free))


def _less(stretch: tuple[int, int], holes: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    pieces, at = [], stretch[0]
    for start, end in sorted(holes):
        if end > at and start < stretch[1]:
            if start > at:
                pieces.append((at, start))
            at = max(at, end)
    if at < stretch[1]:
        pieces.append((at, stretch[1]))
    return pieces


def _headed(table: Stated, page: Page, rest: Sequence[tuple[int, int]], start: int) -> Stated:
    """Give a table without a payment column the payment that its heading names, when the text names several."""
    if any(line.payment for line in table.lines):
        return table
    named = [mention for mention in page.mentions if mention.kind is Kind.PAYMENT and _in(mention.start, rest)]
    if len({mention.value for mention in named}) <= 1:
        return table
    above = next((mention.value for mention in reversed(named) if mention.end <= start), None)
    totals = tuple(replace(total, payment=total.payment or above) for total in table.totals)
    return replace(table, lines=tuple(replace(line, payment=above) for line in table.lines), totals=totals)


def _settled(stated: Stated) -> Stated:
    """Give a lone amount to the only line, and drop payments that have got their lines."""
    lines = stated.lines
    if len(lines) == 1 and lines[0].amount is None and len({amount.readings for amount in stated.loose}) == 1:
        lines = (replace(lines[0], amount=stated.loose[0], quantity=None),)
        stated = replace(stated, lines=lines, loose=())
    used = {line.payment for line in lines}
    return replace(stated, lone_payments=tuple(payment for payment in stated.lone_payments if payment not in used))


def _adopt(own: Stated, inner: Stated) -> Stated:
    """Read what is passed on as the request, with the payment and words of the one who passes it on."""
    if own.lone_payments and inner.lines:
        payment = own.lone_payments[0] if len(own.lone_payments) == 1 else None
        inner = replace(inner, lines=tuple(replace(line, payment=payment or line.payment) for line in inner.lines))
    return _settled(join([own, inner]))


def _with_questions(page: Page, ranges: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """Add the quoted line that an inline answer stands under, when it names the one invoice that the answer doesn't."""
    added = list(ranges)
    for start, end in ranges:
        quoted = next((part for part in page.segments if part.kind is SegmentKind.QUOTED and part.end == start), None)
        if quoted is None or any(
            mention.kind is Kind.INVOICE and start <= mention.start < end for mention in page.mentions
        ):
            continue
        follows = any(part.kind is SegmentKind.QUOTED and part.start >= end for part in page.segments)
        line = page.text.rfind(
            "\n", quoted.start, max(quoted.start, len(page.text[quoted.start : quoted.end].rstrip()) + quoted.start)
        )
        first = max(quoted.start, line + 1)
        inside = [
            mention for mention in page.mentions if mention.kind is Kind.INVOICE and first <= mention.start < quoted.end
        ]
        if len(inside) == 1 and (follows or len(ranges) > 1):
            added.append((inside[0].start, inside[0].end))
    return tuple(sorted(added))


def _language_of(pages: Sequence[Page], message: Message, policy: Policy) -> str | None:
    """Return the language of the sender's words, else of the subject, else of what is passed on or attached."""
    bodies = [page for page in pages if page.name in {"text", "html"}]
    words = "\n".join(page.words(SegmentKind.NEW) for page in bodies)
    subject = _PREFIX.sub("", message.subject)
    inner = "\n".join(page.words(SegmentKind.FORWARDED) for page in bodies)
    attached = "\n".join(
        page.words(SegmentKind.NEW, SegmentKind.FORWARDED) for page in pages if page.name.startswith("attachment:")
    )
    for text in (words, f"{subject}\n{words}", inner, f"{subject}\n{attached}"):
        if found := language_of(text, policy.phrases):
            return found
    return None


def _bare_numbers(words: str) -> tuple[int, ...]:
    """Return small numbers that stand alone in an answer: "2", "nr. 2", "2)", "option 2"."""
    return tuple(
        int(match.group(1))
        for match in re.finditer(r"(?<![\w.,/:-])#?([1-9])(?:\)|\.(?!\d)|º|ª|°|e|番)?(?![\w/:%-]|[.,]\d)", words)
    )


_CODE = re.compile(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])")


def _currencies(words: str, cues: Sequence[Cue]) -> tuple[str, ...]:
    codes = [code for code in _CODE.findall(words) if exponent(code) is not None]
    named = [code for cue in cues if cue.kind == "currency" for code in WORD_CURRENCIES.get(cue.value, (cue.value,))]
    return tuple(dict.fromkeys((*codes, *named)))


def _alternatives_differ(
    message: Message, bodies: Sequence[Page], policy: Policy, snapshot: Snapshot
) -> Disagreement | None:
    """Compare the text and the HTML of a mail: a reader of either must see the same identifiers."""
    other = message.other_body
    if other is None or not bodies:
        return None
    hidden_page = read_page(
        other,
        own_items(snapshot, policy.profile),
        policy,
        snapshot.today,
        forward=is_forward(message.subject, policy.phrases.grammar),
    )
    shown = {
        (mention.kind, mention.value)
        for page in bodies
        for mention in page.mentions
        if mention.kind is not Kind.PARTNER and _in(mention.start, page.ranges(SegmentKind.NEW))
    }
    alternative = {
        (mention.kind, mention.value)
        for mention in hidden_page.mentions
        if mention.kind is not Kind.PARTNER and _in(mention.start, hidden_page.ranges(SegmentKind.NEW))
    }
    if not shown or not alternative or shown <= alternative or alternative <= shown:
        return None
    return Disagreement(
        ", ".join(sorted(value for _, value in shown)), ", ".join(sorted(value for _, value in alternative))
    )
