"""What may happen to a mail on its way without changing what it says."""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from random import Random

from tests.core.metamorphic.letters import Leaf, bodies, leaves, opened, put, rewritten
from tests.core.metamorphic.original import AMOUNT, Original, Variation, replaced

HISTORIES = tomllib.loads((Path(__file__).parent.parent / "histories.toml").read_text("utf-8"))
LEGACY = {"ja": "iso-2022-jp", "pl": "iso-8859-2"}
GAPS = ("\u00ad", "\u200b", " ", "-", "\u00a0", "\u2011")
WRAP = 72
_NAME_BEFORE = re.compile(r"\b[A-Z]\w+ \Z")  # "November 1 450,00" would say something else
MIXED = re.compile(r"\t|\S {2,}\S|^\s*[>|#*•-]|\|")  # a row of a table or a list: nobody's client breaks it anew


def _encoded(charset: str, encoding: str) -> Variation:
    def vary(original: Original, chance: Random) -> bytes | None:
        mail = opened(original.raw)
        name = LEGACY.get(original.decision.language, "iso-8859-1") if charset == "legacy" else charset
        for leaf in leaves(mail):
            try:
                put(leaf.part, leaf.text, charset=name, encoding=encoding)
            except UnicodeEncodeError:
                return None
        return mail.as_bytes()

    return vary


def flowed(original: Original, chance: Random) -> bytes | None:
    """Break long lines softly, as RFC 3676 says."""
    mail = opened(original.raw)
    plain = [leaf for leaf in bodies(mail) if leaf.kind == "text/plain" and leaf.part.get_param("format") is None]
    for leaf in plain:
        lines = [_stuffed(line.rstrip()) if line != "-- " else line for line in leaf.text.split("\n")]
        put(leaf.part, "\n".join(" \n".join(_pieces(line)) for line in lines), encoding="quoted-printable")
        leaf.part.set_param("format", "flowed")
    return mail.as_bytes() if plain else None


def _stuffed(line: str) -> str:
    return f" {line}" if line.startswith((" ", "From ")) else line


def _pieces(line: str) -> list[str]:
    pieces = [""]
    for word in re.split(r"(?<=\S) (?=\S)", line):
        if len(pieces[-1]) + len(word) > WRAP and pieces[-1] and not word.startswith(">"):
            pieces.append(word)
        else:
            pieces[-1] = f"{pieces[-1]} {word}" if pieces[-1] else word
    return pieces


def wrapped(original: Original, chance: Random) -> bytes | None:
    """Break long lines of prose hard, as old clients do."""

    def change(leaf: Leaf) -> str:
        if leaf.kind != "text/plain":
            return leaf.text
        lines = (line if MIXED.search(line) else "\n".join(_pieces(line)) for line in leaf.text.split("\n"))
        return "\n".join(lines)

    return rewritten(original.raw, change)


def as_html(original: Original, chance: Random) -> bytes | None:
    """Send plain text as HTML, the way that clients do it."""
    mail = opened(original.raw)
    shown = bodies(mail)
    if [leaf.kind for leaf in shown] != ["text/plain"]:
        return None
    text = html.escape(shown[0].text).replace("  ", "\u00a0 ").replace("\t", "\u00a0\u00a0 ")
    text = re.sub(r"(?m)^ ", "\u00a0", text)
    between = chance.choice(["<br>\n", "</div>\n<div>"])
    text = re.sub(r"(?m)^$", "<br>", text) if "div" in between else text
    page = f'<html><body><div dir="ltr">{text.replace(chr(10), between)}</div></body></html>'
    shown[0].part.set_type("text/html")
    shown[0].part.del_param("format")
    put(shown[0].part, page.replace("\u00a0", "&nbsp;"))
    return mail.as_bytes()


def as_plain(original: Original, chance: Random) -> bytes | None:
    """Send HTML as the plain text that a reader sees."""
    mail = opened(original.raw)
    shown = bodies(mail)
    seen = next((source for source in original.done.message.sources if source.name == "html"), None)
    if [leaf.kind for leaf in shown] != ["text/html"] or seen is None or seen.segments or "rowspan" in shown[0].text:
        return None  # a cell of several rows can't be written as text without saying it again
    shown[0].part.set_type("text/plain")
    put(shown[0].part, seen.text)
    return mail.as_bytes()


def answered_below(original: Original, chance: Random) -> bytes | None:
    """Leave an older letter below, as some client quotes it, with numbers of the sender's own."""
    own = "".join(source.text for source in original.done.message.sources if source.name in {"text", "html"})
    if not own.strip() or re.match(r"(?i)(?:fwd?|wg|tr|doorst|rv|enc|i|pd)\s*:", original.done.message.subject):
        return None  # a letter below nothing is passed on
    names = [name for name in HISTORIES["quoted"] if name.startswith(original.decision.language)]
    others = [item.invoice_number for item in original.snapshot.invoices if item.open_amount]
    history = HISTORIES["quoted"][chance.choice(names)].replace("G000000009", chance.choice(others or ["G000000009"]))
    return _appended(original, f"\n\n{history}")


def closed(original: Original, chance: Random) -> bytes | None:
    """Close with a signature full of numbers, and a disclaimer."""
    language = original.decision.language
    closing = "\n\n".join(HISTORIES[kind].get(language, HISTORIES[kind]["en"]) for kind in ("closings", "disclaimers"))
    return _appended(original, f"\n\n{closing}\nIBAN NL91ABNA0417164300, PO 4500018832, Tel. +31 20 123 45 67\n")


def _appended(original: Original, words: str) -> bytes | None:
    mail = opened(original.raw)
    shown = bodies(mail)
    for leaf in shown:
        if leaf.kind == "text/html":
            block = f"<div><br>{html.escape(words).replace(chr(10), '<br>')}</div>"
            head, end, rest = leaf.text.rpartition("</body>")
            changed = f"{head}{block}{end}{rest}" if end else leaf.text + block
        else:
            changed = leaf.text.rstrip() + words
        put(leaf.part, changed)
    return mail.as_bytes() if shown else None


def split(original: Original, chance: Random) -> bytes | None:
    """Write identifiers in pieces."""
    gap = chance.choice(GAPS)
    pieces = {
        number: gap.join((number[:4], number[4:7], number[7:]))
        for number in original.identifiers
        if len(number) == 10  # of both kinds
    }
    return replaced(original, pieces)


def renumbered(original: Original, chance: Random) -> bytes | None:
    """Write amounts of two decimals with the marks of another country."""
    form = chance.choice((",.", ".,", "'.", " ,", "."))

    def other(match: re.Match[str]) -> str:
        if form[0] == " " and _NAME_BEFORE.search(match.string, 0, match.start()):
            return match[0]
        whole = f"{int(re.sub(r'[^0-9]', '', match[1])):,}".replace(",", form[0] if len(form) > 1 else "")
        return f"{whole}{form[-1]}{match[2]}"

    return rewritten(original.raw, lambda leaf: leaf.text if leaf.kind == "text/csv" else AMOUNT.sub(other, leaf.text))


def reordered(original: Original, chance: Random) -> bytes | None:
    """Turn neighbouring rows round, where each names one invoice and the payment is named in every row or in none."""
    invoices, payments = (
        {getattr(one, kind) for one in original.decision.applications} for kind in ("invoice", "payment")
    )
    if len(invoices) != len(original.decision.applications):
        return None

    def change(leaf: Leaf) -> str:
        if leaf.kind == "text/html":
            return leaf.text
        lines = leaf.text.split("\n")
        rows = [index for index, line in enumerate(lines) if sum(number in line for number in invoices) == 1]
        named = {sum(number in lines[index] for number in payments) for index in rows}
        listed = all(MIXED.search(lines[index]) or lines[index].lstrip()[:10] in invoices for index in rows)
        if len(rows) < 2 or rows[-1] - rows[0] != len(rows) - 1 or len(named) != 1 or not listed:
            return leaf.text
        first = rows[0]
        return "\n".join([*lines[:first], *reversed(lines[first : first + len(rows)]), *lines[first + len(rows) :]])

    return rewritten(original.raw, change)


HARMLESS: Mapping[str, Variation] = {
    "utf-8 in base64": _encoded("utf-8", "base64"),
    "utf-8 in quoted-printable": _encoded("utf-8", "quoted-printable"),
    "utf-8 as it is": _encoded("utf-8", "8bit"),
    "utf-16": _encoded("utf-16", "base64"),
    "an old charset": _encoded("legacy", "quoted-printable"),
    "flowed": flowed,
    "wrapped": wrapped,
    "as HTML": as_html,
    "as plain text": as_plain,
    "an older letter below": answered_below,
    "a signature and a disclaimer": closed,
    "identifiers in pieces": split,
    "amounts of another country": renumbered,
    "rows turned round": reordered,
}
