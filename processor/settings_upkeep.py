"""Settings of what goes on by itself, without a mail: what the clock does, and what is kept for how long."""

from __future__ import annotations

from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from processor.settings_base import Count, Section, Text

Hour = Annotated[int, Field(ge=0, le=23)]
Days = Annotated[int, Field(ge=0)]


class FollowUpSettings(Section):
    """What the clock does. How many business days it waits, and the holidays, stand in the profile."""

    time_zone: Text = "UTC"
    """Where the office is, such as `Europe/Amsterdam`: its calendar dates are those of the promises."""
    opens: Hour = 9
    """The hour at which reminders and the digest leave and allocations are published."""
    closes: Hour = 17
    """The hour at which a request without an answer lapses, on its last day."""
    feed_folder: str = ""
    """Where the files for the billing page are put, one for each publication; empty: nowhere, the database alone knows
    what is published.
    """
    escalate_days: Count = 3
    """What waits for a person so many business days is put before operations once more: allocations are promised on the
    billing page within the days of the profile.
    """
    digest_to: tuple[Text, ...] = ()
    """Who gets the daily digest and, on the first working day of a week, the report; nobody while the list is empty."""
    anchor_folder: str = ""
    """Where the heads of the audit log are kept each day, outside the database, so that `audit verify` can tell whether
    it was cut or written anew. Best on another machine. Empty: nowhere, and only the digest bears their hash.
    """

    @field_validator("time_zone")
    @classmethod
    def _zone_is_known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ValueError, OSError, LookupError) as error:
            raise ValueError("is no time zone, such as Europe/Amsterdam") from error
        return name

    @model_validator(mode="after")
    def _closes_after_opening(self) -> Self:
        if self.closes <= self.opens:
            raise ValueError("closes must be later than opens")
        return self


class RetentionSettings(Section):
    """What is kept for how long. Allocations, decisions and the audit log are kept for ever; what concerns a partner
    under a legal hold (`processor privacy hold`) is kept while that stands.
    """

    mail_days: Days = 0
    """The bytes of a mail are erased so many days after its request ended; its hash stays. 0 keeps them. An erased mail
    can't be decided again, so `explain --verify` can only tell that it was.
    """
    letter_days: Days = 0
    """The bytes and words of our letters are erased so many days after they left. 0 keeps them."""
    word_days: Days = 0
    """Whatever else the record holds of a mail in words is erased so many days after its request ended: sender,
    subject, quotes, notes of people; of our letters the address too. Codes, hashes and money stay. 0 keeps it.
    """
