"""A file's contacts meet those on file. It says every role that an address has at a partner: others are revoked."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from sqlalchemy import Connection, bindparam, select, update

from processor.adapters.ledger_cells import Value, Values, address_key
from processor.adapters.ledger_merge import Counts
from processor.adapters.tables import contact

_FILE = "contacts.csv"
_BATCH = 500  # addresses looked up at once

_Roles = dict[Value, Values]  # by role


def merge_contacts(connection: Connection, contacts: Sequence[Values], counts: Counts) -> None:
    """Write the contacts of a whole file, and take away the roles that it no longer gives an address at a partner."""
    stated: dict[Value, dict[Value, _Roles]] = {}
    for values in contacts:
        row = values | {"address_key": address_key(str(values["email"]))}
        partners = stated.setdefault(row["address_key"], {})
        partners.setdefault(row["partner_id"], {})[row["role"]] = row
    remaining = iter(stated)
    while addresses := list(islice(remaining, _BATCH)):
        on_file = connection.execute(select(contact).where(contact.c.address_key.in_(addresses))).mappings()
        before = [dict(row) for row in on_file if row["partner_id"] in stated[row["address_key"]]]
        after = [row for address in addresses for roles in stated[address].values() for row in roles.values()]
        _replace(connection, before, after, counts)


def _replace(connection: Connection, before: Sequence[Values], after: Sequence[Values], counts: Counts) -> None:
    old = {_key(row): row for row in before}
    new = {_key(row): row for row in after}
    gone = [row for key, row in old.items() if key not in new]
    fresh = [row for key, row in new.items() if key not in old]
    changed = [row for key, row in new.items() if key in old and old[key] != row]
    found = (
        (contact.c.address_key == bindparam("old_address"))
        & (contact.c.partner_id == bindparam("old_partner"))
        & (contact.c.role == bindparam("old_role"))
    )
    if gone:
        connection.execute(contact.delete().where(found), [_place(row) for row in gone])
    if fresh:
        connection.execute(contact.insert(), fresh)
    if changed:
        connection.execute(update(contact).where(found), [row | _place(row) for row in changed])
    counts.removed[_FILE] += len(gone)
    counts.added[_FILE] += len(fresh)
    counts.changed[_FILE] += len(changed)
    counts.same[_FILE] += len(new) - len(fresh) - len(changed)


def _key(row: Values) -> tuple[Value, Value, Value]:
    return row["address_key"], row["partner_id"], row["role"]


def _place(row: Values) -> Values:
    return dict(zip(("old_address", "old_partner", "old_role"), _key(row), strict=True))
