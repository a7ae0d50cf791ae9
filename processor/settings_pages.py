"""The settings written out for people: as the file that is shipped, and as a page of the documentation."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import get_args

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from processor.settings import Settings
from processor.settings_base import PREFIX

WIDTH = 118

_FILE_HEAD = """\
# Settings of the allocation request processor. Every key is here, at its default, with its reason; leave out what you
# don't change. To start your own: `processor settings > my.toml`, then `processor doctor --config my.toml`, or put
# PROCESSOR_CONFIG=my.toml into the environment. Variables go before the file: PROCESSOR_IMAP__HOST is `host` in [imap].
"""

_PAGE_HEAD = """\
# Configuration

Settings come from three places; a later one replaces an earlier one:

1. a TOML file: `--config PATH`, else the path in `PROCESSOR_CONFIG`, else the sample that is shipped;
2. a secrets directory with one file per secret, named like its key (`imap__password`);
3. the environment: `PROCESSOR_` and the key in capitals, `__` between section and key; lists and tables as JSON.

A key, variable or secret that no setting has is an error, so that a typing mistake can't pass for a setting. All errors
are listed at once, and the exit status is 2. `processor settings` prints the file with every key at its default, and
`processor doctor` tries out what the settings name. The biller's own grammar of numbers, the roles that may ask and
the promised days are no settings but a profile: `config/profiles/`; words per language are in `config/lexicon/`.

This page is written by `processor settings --page`.
"""


def settings_file() -> str:
    """Return the shipped settings file: every key at its default, commented."""
    parts = [_FILE_HEAD]
    for name, section, fields in _sections():
        head = [*_comment(section), f"[{name}]"] if name else []
        parts.append("\n".join([*head, *(line for key, info in fields for line in _toml(key, info))]))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def settings_page() -> str:
    """Return `docs/configuration.md`."""
    parts = [_PAGE_HEAD]
    for name, section, fields in _sections():
        head = [f"## `[{name}]`", "", section, ""] if name else ["## Outside any section", ""]
        rows = ["| key | default | what, and why |", "|---|---|---|"]
        rows += [f"| `{key}` | {_default(info)} | {_words(info)} |" for key, info in fields]
        parts.append("\n".join([*head, *rows, "", f"In the environment: {_variables(name, fields)}"]))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _sections() -> Iterator[tuple[str, str, list[tuple[str, FieldInfo]]]]:
    """Walk name, description and keys of each section; the keys outside any come first, under no name."""
    fields = Settings.model_fields
    yield "", "", [(name, info) for name, info in fields.items() if not _is_section(info)]
    for name, info in fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield name, " ".join((kind.__doc__ or "").split()), list(kind.model_fields.items())


def _is_section(info: FieldInfo) -> bool:
    return isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel)


def _words(info: FieldInfo) -> str:
    return " ".join((info.description or "").split())


def _comment(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def _toml(key: str, info: FieldInfo) -> list[str]:
    return [*_comment(_words(info)), f"{key} = {_value(info)}"]


def _value(info: FieldInfo) -> str:
    """Write a default as TOML; strings, numbers and lists are spelled as in JSON."""
    default = info.get_default(call_default_factory=True)
    if isinstance(default, SecretStr):
        return '""'
    if isinstance(default, int) and not isinstance(default, bool) and default >= 10_000:  # noqa: PLR2004 only a look
        return f"{default:_}"
    line = json.dumps(default, ensure_ascii=False)
    return line if len(line) < WIDTH - 20 else json.dumps(default, ensure_ascii=False, indent=2).replace("\n]", ",\n]")


def _default(info: FieldInfo) -> str:
    if info.annotation is SecretStr:
        return "(secret)"
    choices = get_args(info.annotation) if isinstance(info.get_default(call_default_factory=True), str) else ()
    others = [choice for choice in choices if isinstance(choice, str) and choice != info.default]
    return f"`{' '.join(_value(info).split())}`" + (
        f" (or {', '.join(f'`{choice}`' for choice in others)})" if others else ""
    )


def _variables(section: str, fields: list[tuple[str, FieldInfo]]) -> str:
    before = f"{PREFIX}{section.upper()}__" if section else PREFIX
    return ", ".join(f"`{before}{key.upper()}`" for key, _ in fields) + "."
