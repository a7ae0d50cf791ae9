"""What each column of the ledger's files may hold, and what it becomes (`contracts.md`, The ledger as files)."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping
from datetime import date

from processor.adapters.columns import storable
from processor.adapters.csv_rows import Problem, Row, recover
from processor.core.currencies import DIGITS, exponent
from processor.core.model import DocumentType, InvoiceStatus

FILES: Mapping[str, tuple[str, ...]] = {
    "partners.csv": ("partner_id", "name", "language", "group"),
    "contacts.csv": ("email", "partner_id", "role", "name"),
    "invoices.csv": (
        "invoice_number",
        "partner_id",
        "document_type",
        "currency",
        "total",
        "open_amount",
        "issued_on",
        "due_on",
        "status",
        "replaced_by",
    ),
    "payments.csv": (
        "payment_number",
        "partner_id",
        "currency",
        "amount",
        "unallocated_amount",
        "received_on",
        "method",
        "bank_reference",
    ),
}

Value = str | int | date | None
Values = dict[str, Value]

_SMALL = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_IDENTIFIER = re.compile(r"[^\W_]\S{0,99}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
_AMOUNT = re.compile(r"(?P<whole>[0-9]+)(\.(?P<part>[0-9]+))?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def address_key(address: str) -> str:
    """Return what an address is looked up by: itself, with A to Z small. Other scripts are left: they'd make twins."""
    return storable(address.strip()).translate(_SMALL)


def read_values(row: Row) -> tuple[Values, list[Problem]]:
    """Return a row's values by column, and what is wrong with it; amounts are minor units of the row's currency."""
    values: Values = {}
    problems: list[Problem] = []
    for column, cell in row.cells.items():
        reader = _AMOUNTS.get(column)
        try:
            values[column] = _CELLS[column](cell) if reader is None else reader(cell, row.cells["currency"].strip())
        except ValueError as error:
            problems.append(row.problem(column, str(error)))
    return values, problems or _contradictions(row, values)


def _contradictions(row: Row, values: Values) -> list[Problem]:
    for part, whole in (("open_amount", "total"), ("unallocated_amount", "amount")):
        less, more = values.get(part), values.get(whole)
        if isinstance(less, int) and isinstance(more, int) and less > more:
            return [row.problem(part, f"{row.cells[part]} is more than the {whole}, {row.cells[whole]}")]
    if values.get("status") == InvoiceStatus.PAID and values["open_amount"]:
        return [row.problem("status", f"is paid, although {row.cells['open_amount']} is open")]
    return []


def _identifier(cell: str) -> str:
    text = cell.strip()
    if not text:
        raise ValueError("is empty")
    if not _IDENTIFIER.fullmatch(text):
        raise ValueError(f"{text!r} is no identifier: letters, digits and marks without spaces, at most 100")
    return text


def _maybe_identifier(cell: str) -> str:
    return _identifier(cell) if cell.strip() else ""


def _role(cell: str) -> str:
    text = recover(cell.strip())
    if not text:
        raise ValueError("is empty")
    return text


def _language(cell: str) -> str:
    text = cell.strip()
    if text and not _LANGUAGE.fullmatch(text):
        raise ValueError(f"{text!r} is no language code such as nl")
    return text


def _email(cell: str) -> str:
    text = recover(cell.strip())
    if not _EMAIL.fullmatch(text):
        raise ValueError(f"{text!r} is no mail address")
    return text


def _currency(cell: str) -> str:
    text = cell.strip()
    if exponent(text) is None:
        raise ValueError(f"{text!r} is no ISO 4217 currency")
    return text


def _day(cell: str) -> date:
    text = cell.strip()
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(f"{text!r} is no date such as 2026-11-30")


def _maybe_day(cell: str) -> date | None:
    return _day(cell) if cell.strip() else None


def _one_of(kind: type[DocumentType | InvoiceStatus]) -> Callable[[str], str]:
    known = frozenset(member.value for member in kind)

    def read(cell: str) -> str:
        text = cell.strip()
        if text not in known:
            raise ValueError(f"{text!r} is none of {', '.join(kind)}")
        return text

    return read


def _amount(cell: str, currency: str) -> int:
    text = cell.strip()
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no amount such as 1250.00")
    decimals = exponent(currency)
    if decimals is None:
        return 0  # the currency itself is already a problem
    if len(match["part"] or "") > decimals:
        raise ValueError(f"{text!r} has more decimals than {currency}, which has {decimals}")
    digits = match["whole"] + (match["part"] or "").ljust(decimals, "0")
    if len(digits.lstrip("0")) > DIGITS:
        raise ValueError(f"{text!r} is too large")
    return int(digits)


_CELLS: Mapping[str, Callable[[str], Value]] = {
    "partner_id": _identifier,
    "name": recover,
    "language": _language,
    "group": recover,
    "email": _email,
    "role": _role,
    "invoice_number": _identifier,
    "document_type": _one_of(DocumentType),
    "currency": _currency,
    "issued_on": _day,
    "due_on": _maybe_day,
    "status": _one_of(InvoiceStatus),
    "replaced_by": _maybe_identifier,
    "payment_number": _identifier,
    "received_on": _day,
    "method": recover,
    "bank_reference": recover,
}
_AMOUNTS = dict.fromkeys(("total", "open_amount", "amount", "unallocated_amount"), _amount)
