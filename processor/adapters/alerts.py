"""Alerts leave by a command or a web address, never by the mailbox that may be what is broken."""

from __future__ import annotations

import json
import shlex
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping

from processor.ports import TransientError

SECONDS = 20  # a channel may take; whoever is stuck must not hold up the check


class AlertNotToldError(TransientError):
    """An alert could not be told."""


class AlertChannel:
    """Tells alerts; nothing where neither a command nor an address is set."""

    def __init__(self, command: str, webhook: str) -> None:
        self._command = shlex.split(command)
        self._webhook = webhook

    def tell(self, alert: Mapping[str, str]) -> None:
        """Tell one alert by every way that is set. Raises `AlertNotToldError` when one of them failed."""
        body = json.dumps(dict(alert)).encode()
        troubles = [trouble for way in (self._run, self._post) if (trouble := way(body))]
        if troubles:
            raise AlertNotToldError("; ".join(troubles))

    def _run(self, body: bytes) -> str:
        if not self._command:
            return ""
        try:
            subprocess.run(self._command, input=body, capture_output=True, timeout=SECONDS, check=True)  # noqa: S603
        except (OSError, subprocess.SubprocessError) as error:
            return f"{self._command[0]}: {type(error).__name__}"
        return ""

    def _post(self, body: bytes) -> str:
        """The address may hold a secret, so no word of it is told."""
        if not self._webhook:
            return ""
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self._webhook, body, headers, method="POST")  # noqa: S310 https, by the settings
        try:
            with urllib.request.urlopen(request, timeout=SECONDS):  # noqa: S310
                return ""
        except urllib.error.HTTPError as error:
            return f"the web address answered {error.code}"
        except (OSError, ValueError) as error:
            return f"the web address: {type(error).__name__}"
