"""A partner's billing page, and the statement as a file."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from datetime import date
from http import HTTPStatus
from urllib.parse import quote

from starlette.responses import Response

from processor.adapters.billing_sql import Billing, read_billing
from processor.adapters.pause_sql import standing_pauses
from processor.adapters.statement import Statement, StatementRow, read_statement
from processor.console.room import Visit
from processor.console.words import page
from processor.core.currencies import to_text
from processor.core.visible import visible

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def partner(visit: Visit) -> Response:
    found = read_billing(visit.room.engine, visit.path("partner"))
    if found is None:
        words = f"There is no partner {visit.path('partner')} in the ledger."
        return page(visit, "missing.html", HTTPStatus.NOT_FOUND, words=words)
    by = published_by(visit, found)
    mine = tuple(
        one
        for one in standing_pauses(visit.room.engine)
        if (one.scope, one.name) == ("partner", found.partner.partner_id)
    )
    return page(visit, "partner.html", billing=found, by=by, pauses=mine)


def published_by(visit: Visit, found: Billing) -> dict[str, date]:
    """Return by which day each allocation will be on the billing page, of those that aren't yet."""
    profile, office = visit.room.policy.profile, visit.room.office
    return {
        row.allocation.allocation_id: (
            profile.business_day(office.day(row.allocation.allocated_at), profile.publication_to_days)
        )
        for row in found.rows
        if row.published_at is None
    }


def sheet(visit: Visit) -> Response:
    """Show the statement whole, as it is to be printed or kept as PDF."""
    found = read_statement(visit.room.engine, visit.path("partner"))
    if found is None:
        words = f"There is no partner {visit.path('partner')} in the ledger."
        return page(visit, "missing.html", HTTPStatus.NOT_FOUND, words=words)
    kinds = {kind: [row for row in found.rows if row.kind == kind] for kind in ("payment", "invoice")}
    sums = {kind: _sums(rows) for kind, rows in kinds.items()}
    return page(visit, "statement.html", statement=found, kinds=kinds, sums=sums)


def _sums(rows: Sequence[StatementRow]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for row in rows:
        sums[row.currency] += row.remaining
    return dict(sorted(sums.items()))


def statement(visit: Visit) -> Response:
    found = read_statement(visit.room.engine, visit.path("partner"))
    if found is None:
        return Response("There is no such partner.\n", HTTPStatus.NOT_FOUND)
    name = f"statement-{found.partner_id}-{visit.now:%Y-%m-%d}.csv"
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Type": "text/csv; charset=utf-8",
    }
    return Response(_csv(found).encode("utf-8-sig", "replace"), headers=headers)


def _csv(statement: Statement) -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(("partner_id", "kind", "number", "currency", "amount", "remaining", "date"))
    partner = _inert(statement.partner_id)
    for row in statement.rows:
        amounts = (to_text(row.amount, row.currency), to_text(row.remaining, row.currency))
        writer.writerow((partner, row.kind, _inert(row.number), row.currency, *amounts, row.on or ""))
    return file.getvalue()


def _inert(text: str) -> str:
    """A spreadsheet takes a cell that begins so for a formula."""
    shown = visible(text)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown
