"""Settings that hold the program back: rehearsal, limits, a second pair of eyes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from processor.settings_base import Section, Text

Amounts = dict[str, Text]
Number = Annotated[int, Field(ge=0)]


class SafetySettings(Section):
    """What holds the program back. A mail over a limit is not refused but put before operations. Amounts are by
    currency, such as `{ EUR = "50000" }`; a currency that isn't named has no limit.
    """

    mode: Literal["dry_run", "shadow", "live"] = "dry_run"
    """`dry_run` decides every mail, applies nothing, sends nothing and moves no mail: what would happen is on record
    (`processor rehearsals`), and everything is decided anew once the mode is `live`. `shadow` does the same beside
    people who do the work: what they then did is compared, and these mails are never worked on later. `live` works.
    """
    request_limits: Amounts = Field(default_factory=dict)
    """The most that one mail may bring about unseen."""
    partner_day_limits: Amounts = Field(default_factory=dict)
    """The most that is applied unseen for one partner in 24 hours."""
    day_limits: Amounts = Field(default_factory=dict)
    """The most that is applied unseen for all partners together in 24 hours."""
    partner_hour_lines: Number = 0
    """How many allocations are made unseen for one partner in an hour; 0 for any number."""
    hour_lines: Number = 0
    """How many allocations are made unseen in an hour for all partners together; 0 for any number."""
    four_eyes: Amounts = Field(default_factory=dict)
    """What a person applies above this needs a second person."""
