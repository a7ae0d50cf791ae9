"""The small ledgers that the wordings are decided against: payments 1 to 3 and invoices 1 to 3 of one partner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from processor.core.decision import Snapshot
from processor.core.model import Invoice, InvoiceStatus, Payment
from tests.builders import invoice, payment, snapshot


def _payment(number: int, amount: int, left: int | None = None, **changes: Any) -> Payment:  # noqa: ANN401 - any field
    return payment(f"140000000{number}", amount * 100, None if left is None else left * 100, **changes)


def _invoice(number: int, total: int, still_open: int | None = None, **changes: Any) -> Invoice:  # noqa: ANN401 - any field
    return invoice(f"G00000000{number}", total * 100, None if still_open is None else still_open * 100, **changes)


def _plain(*changed: Payment | Invoice) -> Snapshot:
    """Build payments of 1750 and 800, invoices of 2150, 1000 and 300, with what is changed of them."""
    items: dict[str, Payment | Invoice] = {
        item.payment_number if isinstance(item, Payment) else item.invoice_number: item
        for item in (
            _payment(1, 1750),
            _payment(2, 800),
            _invoice(1, 2150),
            _invoice(2, 1000),
            _invoice(3, 300),
            *changed,
        )
    }
    return snapshot(*items.values())


def _yen() -> Snapshot:
    paid = [payment(f"140000000{number}", amount, currency="JPY") for number, amount in ((1, 175_000), (2, 80_000))]
    owed = [
        invoice(f"G00000000{number}", total, currency="JPY")
        for number, total in ((1, 215_000), (2, 100_000), (3, 30_000))
    ]
    return snapshot(*paid, *owed)


LEDGERS: dict[str, Callable[[], Snapshot]] = {
    "std": _plain,
    "one": lambda: snapshot(_payment(1, 1750), _invoice(1, 2150), _invoice(2, 1000), _invoice(3, 300)),
    "big": lambda: _plain(_payment(1, 5000)),
    "eq": lambda: _plain(_payment(1, 1000), _payment(2, 1000), _invoice(1, 1000)),
    "part": lambda: _plain(
        _payment(1, 1750, 950), _payment(2, 800, 500), _invoice(1, 2150, 1200), _invoice(2, 1000, 400)
    ),
    "three": lambda: _plain(_payment(1, 2150), _payment(2, 1000), _payment(3, 300)),
    "usd": lambda: _plain(_payment(2, 800, currency="USD"), _invoice(2, 1000, currency="USD")),
    "jpy": _yen,
    "lock": lambda: _plain(_invoice(2, 1000, status=InvoiceStatus.LOCKED)),
    "settled": lambda: _plain(_invoice(2, 1000, 0)),
    "gone": lambda: _plain(_payment(1, 1750, 0)),
    "small": lambda: _plain(_invoice(1, 1)),
}
