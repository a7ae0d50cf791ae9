"""The audit log, and the settings in force with where each comes from."""

from __future__ import annotations

import csv
import io
import json
import os
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr
from starlette.responses import Response

from processor.adapters import audit as chains
from processor.adapters.audit_pages import PAGE, Sought, read_entries, read_events
from processor.adapters.engine import reading
from processor.console.room import Visit
from processor.console.words import page
from processor.settings import Settings
from processor.settings_base import PREFIX
from processor.settings_load import key_paths

EXPORTED = 10_000  # entries of one file
FILTERS = ("chain", "event", "actor", "q", "since", "until")


@dataclass(frozen=True, slots=True)
class InForce:
    """One setting as it is in force; a secret's value is never here."""

    section: str
    key: str
    value: str
    source: str
    words: str


def audit(visit: Visit) -> Response:
    chosen = _chosen(visit)
    entries = read_entries(visit.room.engine, _sought(visit, chosen))
    breaks = None
    if visit.asked("verify"):
        with reading(visit.room.engine) as connection:
            breaks = chains.verify(connection)
    return page(
        visit,
        "audit.html",
        entries=entries,
        events=read_events(visit.room.engine),
        chosen=chosen,
        breaks=breaks,
        size=PAGE,
    )


def export(visit: Visit) -> Response:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(("chain", "sequence", "at", "actor", "event", "body", "previous", "hash"))
    for one in read_entries(visit.room.engine, _sought(visit, _chosen(visit)), EXPORTED):
        writer.writerow((one.chain, one.sequence, one.at, one.actor, one.event, one.body, one.previous, one.hash))
    headers = {
        "Content-Disposition": f"attachment; filename=audit-{visit.now:%Y-%m-%d}.csv",
        "Content-Type": "text/csv; charset=utf-8",
    }
    return Response(file.getvalue().encode("utf-8", "replace"), headers=headers)


def settings(visit: Visit) -> Response:
    return page(visit, "settings.html", settings=in_force(visit.room.settings, visit.room.config))


def in_force(settings: Settings, config: Path | None) -> tuple[InForce, ...]:
    """Return every setting with its source: the environment, a secret, the file, or its default."""
    written = _written(config)
    secrets = _secrets(settings.secrets_directory)
    variables = {name.upper() for name in os.environ}
    return tuple(_setting(settings, path, variables, secrets, written) for path in key_paths())


def _setting(
    settings: Settings, path: tuple[str, ...], variables: set[str], secrets: set[str], written: dict[str, Any]
) -> InForce:
    holder: BaseModel = settings
    for name in path[:-1]:
        holder = getattr(holder, name)
    info, value = type(holder).model_fields[path[-1]], getattr(holder, path[-1])
    variable = f"{PREFIX}{'__'.join(path)}".upper()
    if variable in variables:
        source = f"environment {variable}"
    elif "__".join(path) in secrets:
        source = "secrets directory"
    elif _holds(written, path):
        source = "file"
    else:
        source = "default" if value == info.get_default(call_default_factory=True) else "program"
    hidden = isinstance(value, SecretStr) or path == ("database", "url")
    shown = _hidden(value) if hidden else _spelled(value)
    return InForce(".".join(path[:-1]), path[-1], shown, source, " ".join((info.description or "").split()))


def _spelled(value: object) -> str:
    """Spell a value as the file does."""
    if isinstance(value, bool | int | float | tuple | list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return "" if value is None else str(value)


def _hidden(value: object) -> str:
    """Say of a secret whether there is one; of a database's address all but the password."""
    if isinstance(value, SecretStr):
        return "set" if value.get_secret_value() else "not set"
    from sqlalchemy import make_url  # noqa: PLC0415 the adapters' own; only here a page needs it

    return make_url(str(value)).render_as_string(hide_password=True)


def _written(config: Path | None) -> dict[str, Any]:
    try:
        return tomllib.loads(config.read_text(encoding="utf-8")) if config else {}
    except (OSError, ValueError):
        return {}


def _secrets(directory: str) -> set[str]:
    try:
        return {file.name for file in Path(directory).iterdir()} if directory else set()
    except OSError:
        return set()


def _holds(tree: object, path: tuple[str, ...]) -> bool:
    for name in path:
        if not isinstance(tree, dict) or name not in tree:
            return False
        tree = tree[name]
    return True


def _chosen(visit: Visit) -> dict[str, str]:
    chosen = {name: visit.asked(name)[:100] for name in FILTERS}
    for name in ("since", "until"):
        try:
            date.fromisoformat(chosen[name])
        except ValueError:
            chosen[name] = ""
    return chosen


def _sought(visit: Visit, chosen: dict[str, str]) -> Sought:
    filters = {name: chosen[name] for name in ("chain", "event", "actor", "since", "until")}
    return Sought(**filters, words=chosen["q"], before=_place(visit.asked("before")))


def _place(text: str) -> tuple[str, str, int] | None:
    """Read where a page begins: moment, number and chain, parted by commas."""
    moment, _, rest = text[:300].partition(",")
    number, _, chain = rest.partition(",")
    is_number = number.isascii() and number.isdecimal() and len(number) < 16  # noqa: PLR2004 eight bytes
    return (moment, chain, int(number)) if is_number else None
