"""What one person proposed and a second must carry out: nobody approves what is their own, or what has changed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, RowMapping, Select, select, update

from processor.adapters import audit
from processor.adapters.engine import reading, transact
from processor.adapters.safety_tables import approval
from processor.core.by_person import Chosen
from processor.ports import LedgerMovedError, PermanentError


class NotYoursToApproveError(PermanentError):
    """A second person must do this."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose: the lines, and another contact to write to."""

    lines: tuple[Chosen, ...] = ()
    to: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """A proposal that waits for a second person. `seal` names what the first was shown; `proposed_at` is UTC."""

    id: int
    item_id: int
    partner_id: str | None
    act: str
    choices: Choices
    note: str
    seal: str
    proposed_by: str
    proposed_at: datetime


def propose(engine: Engine, new: Pending) -> Pending:
    """Put a proposal before a second person (its `id` doesn't matter); a standing one about the same item is void."""
    return transact(engine, lambda connection: _propose(connection, new))


def pending(engine: Engine, approval_id: int | None = None) -> tuple[Pending, ...]:
    """Return the proposals that wait, the oldest first; or the one of this number, where it waits."""
    found = _OPEN if approval_id is None else _OPEN.where(approval.c.id == approval_id)
    with reading(engine) as connection:
        return tuple(_pending(row) for row in connection.execute(found).mappings())


def withdraw(engine: Engine, approval_id: int, actor: str, at: datetime) -> bool:
    """Let a proposal not be carried out; False where it doesn't wait."""
    return transact(engine, lambda connection: _settle(connection, approval_id, "void", actor, at))


def approve(connection: Connection, approval_id: int, seal: str, actor: str, at: datetime) -> None:
    """Note, in the transaction that carries it out, that a second person did so.

    Raises `NotYoursToApproveError`, and `LedgerMovedError` where it doesn't wait, or isn't what this person was shown.
    """
    row = connection.execute(
        select(approval.c.proposed_by, approval.c.seal).where(approval.c.id == approval_id).with_for_update()
    ).one_or_none()
    if row is None or row.seal != seal:
        raise LedgerMovedError("approval", approval_id)
    if row.proposed_by == actor:
        raise NotYoursToApproveError(f"{actor} proposed it")
    if not _settle(connection, approval_id, "done", actor, at):
        raise LedgerMovedError("approval", approval_id)


_OPEN: Select[int] = (
    select(*approval.c).where(approval.c.state == "open").order_by(approval.c.proposed_at, approval.c.id)
)


def _propose(connection: Connection, new: Pending) -> Pending:
    earlier = update(approval).where(approval.c.item_id == new.item_id, approval.c.state == "open")
    connection.execute(earlier.values(state="void", settled_by=new.proposed_by, settled_at=new.proposed_at))
    values = {
        "item_id": new.item_id,
        "partner_id": new.partner_id,
        "act": new.act,
        "choices": json.dumps(asdict(new.choices)),
        "note": new.note,
        "seal": new.seal,
        "proposed_by": new.proposed_by,
        "proposed_at": new.proposed_at,
        "state": "open",
    }
    number = connection.execute(approval.insert().returning(approval.c.id), values).scalar_one()
    chain = audit.chain_of(new.partner_id, "") if new.partner_id else audit.OPERATIONS_CHAIN
    body: dict[str, audit.JsonValue] = {"approval": number, "item": new.item_id, "act": new.act, "seal": new.seal}
    audit.append(connection, chain, "proposed", body, new.proposed_by, new.proposed_at)
    return next(_pending(row) for row in connection.execute(_OPEN.where(approval.c.id == number)).mappings())


def _settle(connection: Connection, approval_id: int, state: str, actor: str, at: datetime) -> bool:
    settled = update(approval).where(approval.c.id == approval_id, approval.c.state == "open")
    values = {"state": state, "settled_by": actor, "settled_at": at}
    return connection.execute(settled.values(values)).rowcount == 1


def _pending(row: RowMapping) -> Pending:
    chosen = json.loads(row["choices"])
    return Pending(
        id=row["id"],
        item_id=row["item_id"],
        partner_id=row["partner_id"],
        act=row["act"],
        choices=Choices(tuple(Chosen(**line) for line in chosen["lines"]), chosen["to"]),
        note=row["note"],
        seal=row["seal"],
        proposed_by=row["proposed_by"],
        proposed_at=row["proposed_at"],
    )
