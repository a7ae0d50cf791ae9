"""Looks at the figures now and then, and tells people when something begins to be wrong, lasts, or is well again."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from processor import events
from processor.adapters.alerts import AlertChannel
from processor.adapters.figures_sql import Figures, read_figures
from processor.adapters.pause_sql import Pause, standing_pauses
from processor.adapters.schema import check_schema
from processor.core.office import Office
from processor.follow_up import office_from
from processor.health import Check, Thresholds, judge, thresholds_from
from processor.policy_files import policy_from
from processor.ports import Clock, OutsideError
from processor.settings import Settings
from processor.wiring import SystemClock


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen at one moment; `figures` is None where the database could not be asked."""

    at: datetime
    checks: tuple[Check, ...]
    figures: Figures | None
    pauses: tuple[Pause, ...]

    @property
    def wrong(self) -> tuple[Check, ...]:
        """What is wrong."""
        return tuple(check for check in self.checks if check.wrong)


@dataclass(frozen=True, slots=True)
class Watch:
    """Watches one installation. `folders` are where space must be left; `told` remembers when each alert was told."""

    engine: Engine
    clock: Clock
    office: Office
    limits: Thresholds
    channel: AlertChannel
    again: timedelta
    folders: tuple[Path, ...]
    told: dict[str, datetime] = field(default_factory=dict)

    def look(self) -> Look:
        """Look at everything once; never raises on what is broken outside."""
        now = self.clock.now()
        try:
            check_schema(self.engine)
            figures, pauses = read_figures(self.engine, now), standing_pauses(self.engine)
        except OutsideError as error:
            words = events.told(error)
            return Look(now, (Check("database", "unreachable", words),), None, ())
        checks = judge(figures, pauses, _free(self.folders), self.limits, self.office)
        return Look(now, (Check("database", "reachable"), *checks), figures, pauses)

    def turn(self) -> Look:
        """Look, and tell what has changed."""
        look = self.look()
        wrong = {check.name: check.wrong for check in look.wrong}
        for name, words in wrong.items():
            last = self.told.get(name)
            if last is None or look.at - last >= self.again:
                self._tell({"alert": name, "state": "lasts" if last else "begins", "words": words}, look.at)
        for name in [name for name in self.told if name not in wrong]:
            if look.figures is None and name != "database":  # nobody knows, so nothing is well again
                continue
            self._tell({"alert": name, "state": "ends", "words": ""}, look.at)
        return look

    def _tell(self, alert: Mapping[str, str], at: datetime) -> None:
        """What could not be told is tried again at the next turn."""
        events.alert(alert["alert"], alert["state"], alert["words"])
        try:
            self.channel.tell({**alert, "mailbox": self.limits.mailbox, "at": at.isoformat()})
        except OutsideError as error:
            events.outside_failed("tell an alert", error)
            return
        if alert["state"] == "ends":
            del self.told[alert["alert"]]
        else:
            self.told[alert["alert"]] = at


def watch_for(settings: Settings, engine: Engine, clock: Clock | None = None, *, working: bool = False) -> Watch:
    """Put together what watches an installation; `working` says that a worker starts now. Raises `BadSettingsError`."""
    health, clock = settings.health, clock or SystemClock()
    folders = [Path(settings.follow_up.feed_folder)] if settings.follow_up.feed_folder else []
    if engine.dialect.name == "sqlite" and engine.url.database:
        folders.append(Path(engine.url.database).absolute().parent)
    return Watch(
        engine=engine,
        clock=clock,
        office=office_from(settings, policy_from(settings).profile),
        limits=thresholds_from(settings, clock.now() if working else None),
        channel=AlertChannel(health.alert_command, health.alert_webhook.get_secret_value()),
        again=timedelta(minutes=health.alert_again_minutes),
        folders=tuple(folders),
    )


def _free(folders: Iterable[Path]) -> dict[str, int]:
    free = {}
    for folder in folders:
        try:
            free[str(folder)] = shutil.disk_usage(folder).free
        except OSError:  # it is not there yet: whoever writes into it will say so
            continue
    return free
