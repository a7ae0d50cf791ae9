"""Options that several commands share, and the settings that they lead to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from processor.settings import Settings

Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="PATH", help="Settings file; else PROCESSOR_CONFIG, else the shipped sample."),
]
Ledger = Annotated[
    Path | None,
    typer.Option("--ledger", metavar="DIR", help="Ledger as CSV files, instead of the database of the settings."),
]


def settings_from(config: Path | None, *, quiet: bool = False) -> Settings:
    """Load the settings and turn on the log, of a `quiet` command for warnings alone. Raises `BadSettingsError`."""
    import logging

    from processor import events
    from processor.python_level import complaint
    from processor.settings_load import load_settings

    settings = load_settings(config)
    events.configure(settings.log.format, "warning" if quiet else settings.log.level)
    if not quiet and (words := complaint()):
        logging.getLogger("processor").warning(words)
    return settings
