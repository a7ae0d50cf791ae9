"""Settings of how people learn that work is stuck."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, SecretStr, field_validator

from processor.settings_base import Count, Seconds, Section

Number = Annotated[int, Field(ge=0)]


class HealthSettings(Section):
    """When something counts as stuck, and who is told. Polling, delivery and the clock's work count as stuck when they
    were not seen to work for two of their intervals and a minute.
    """

    listen: str = ""
    """Where `/livez`, `/readyz` and `/metrics` are served while the worker runs, such as `127.0.0.1:8026`; empty:
    nowhere. They tell figures and no names, and ask for no login: keep them from strangers.
    """
    check_seconds: Seconds = 30
    """How often the figures are looked at."""
    undecided_minutes: Count = 15
    """A mail that waits for its decision so long is stuck."""
    outbox_minutes: Count = 60
    """A letter that waits so long to leave is stuck."""
    uncertain_minutes: Count = 60
    """So long after a letter of which nobody knows whether it arrived, somebody should look."""
    review_days: Count = 4
    """So many business days may something wait for a person."""
    pause_hours: Count = 8
    """A pause that lasts longer may have been forgotten."""
    backup_hours: Number = 0
    """So old may the last `database backup` be; 0 where copies are made by other means."""
    disk_free_mb: Number = 500
    """With less space beside an SQLite database, or the feed's folder, somebody should make room."""
    alert_command: str = ""
    """A command that is run for each alert, with the alert as JSON on its standard input; words are split as a shell
    does, and no shell runs. It must not use this mailbox.
    """
    alert_webhook: SecretStr = SecretStr("")
    """An https address to which each alert is posted as JSON (better in the secrets directory)."""
    alert_again_minutes: Count = 60
    """An alert that lasts is told again after so long."""

    @field_validator("listen")
    @classmethod
    def _is_a_place(cls, place: str) -> str:
        host, _, port = place.rpartition(":")
        if place and not (host and port.isascii() and port.isdecimal() and 0 < int(port) < 65536):  # noqa: PLR2004
            raise ValueError("is no address and port, such as 127.0.0.1:8026")
        return place

    @field_validator("alert_webhook")
    @classmethod
    def _is_safe(cls, address: SecretStr) -> SecretStr:
        plain = address.get_secret_value()
        local = plain.startswith(("http://127.0.0.1", "http://localhost", "http://[::1]"))
        if plain and not (plain.startswith("https://") or local):
            raise ValueError("must begin with https:// (or be on this machine)")
        return address
