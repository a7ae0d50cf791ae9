"""The two folders that travel with the program: `config` and `templates`, inside the wheel or beside the package."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def folder(name: str) -> Path:
    """Return the folder `config` or `templates`: the wheel's own copy, else the checkout's."""
    packed = _PACKAGE / "_data" / name
    return packed if packed.is_dir() else _PACKAGE.parent / name


def sample_settings() -> Path:
    """Return the settings file that is shipped: every key at its default."""
    return folder("config") / "processor.toml"
