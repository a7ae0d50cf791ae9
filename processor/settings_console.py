"""Settings of the web console for operations."""

from __future__ import annotations

from processor.settings_base import Count, Port, Section, Text


class ConsoleSettings(Section):
    """The web console for operations. People sign in with accounts of their own: `processor console user add`."""

    serve: bool = False
    """Whether `processor run` serves the console beside the worker. `processor console` always does."""
    host: Text = "127.0.0.1"
    """The address it listens on. Anything but this machine belongs behind a proxy that speaks TLS."""
    port: Port = 8025
    """The port it listens on."""
    https: bool = False
    """Whether people reach it over https, through a proxy: the browser then sends the session over nothing else."""
    idle_minutes: Count = 30
    """A session without a visit ends after so many minutes."""
    session_hours: Count = 10
    """A session ends after so many hours at the latest."""
    mails: str = ""
    """A folder of folders with kept mails, on which the page Replay may try other words; empty for past mails alone."""
