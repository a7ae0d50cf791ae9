"""When the biller works: its zone, its hours, its holidays. Turns a promise in business days into a moment in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from processor.core.profile import Profile


@dataclass(frozen=True, slots=True)
class Office:
    """`opens` and `closes` are local times of day in `zone`; the days are the profile's."""

    profile: Profile
    zone: tzinfo
    opens: time
    closes: time

    def day(self, moment: datetime) -> date:
        """Return the calendar date of a moment at the office."""
        return moment.astimezone(self.zone).date()

    def opening(self, day: date) -> datetime:
        """Return when the office opens on a day (UTC)."""
        return self._at(day, self.opens)

    def closing(self, day: date) -> datetime:
        """Return when the office closes on a day (UTC)."""
        return self._at(day, self.closes)

    def later(self, moment: datetime, days: int) -> date:
        """Return the date so many business days after a moment's."""
        return self.profile.business_day(self.day(moment), days)

    def is_working(self, day: date) -> bool:
        """Tell whether somebody works on a day."""
        return self.profile.business_day(day - timedelta(days=1), 1) == day

    def begun_before(self, now: datetime, days: int) -> datetime:
        """Return the moment before which something must have begun for the office to have opened, by `now`, on the day
        that lies so many business days after it.
        """
        today = self.day(now)
        if now < self.opening(today):
            today -= timedelta(days=1)
        last = today
        while self.profile.business_day(last, days) > today:
            last -= timedelta(days=1)
        return self._at(last + timedelta(days=1), time())

    def _at(self, day: date, hour: time) -> datetime:
        """A time that a change of clocks skips is the moment after the change; of two alike the first counts."""
        return datetime.combine(day, hour, self.zone).astimezone(UTC)
