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


class FloodSettings(Section):
    """What keeps a flood of mails from becoming a flood of letters, or of work for people. A mail above a limit is
    decided and filed like any other; it gets no letter, or no review item of its own, and people are told once. Days
    are those of UTC; 0 is no limit.
    """

    contact_letters_per_day: Number = 200
    """Letters to one contact on file. Where a request hangs on a letter that isn't written, it goes to operations."""
    acknowledgements_per_day: Number = 10
    """Of these, letters that answer nothing, such as "received". None ever answers the answer to another, nor the same
    words twice a day, so that a robot at the other end falls silent; with 0 neither is looked at.
    """
    stranger_letters_per_day: Number = 1
    """Acknowledgements to one address that is not on file."""
    stranger_domain_letters_per_day: Number = 20
    """Acknowledgements to all such addresses of one domain."""
    stranger_items_per_day: Number = 5
    """Review items about mails without proof, or not from a contact, that name one address as their author."""
    stranger_domain_items_per_day: Number = 50
    """The same for all addresses of one domain."""
    stranger_items_per_hour: Number = 100
    """Open review items about all mails of strangers that came within an hour."""
    unknown_numbers_per_day: Number = 30
    """Operations are told of a sender who names so many numbers in a day that its partners don't have: somebody may be
    trying out other partners' numbers.
    """
    letters_per_hour: Number = 1000
    """The breaker: when more letters than that are written within an hour, replying pauses and an alert says so, until
    somebody runs `processor resume`. Nothing is lost meanwhile.
    """
    slot_seconds: Annotated[int, Field(ge=0, le=3600)] = 0
    """Letters leave at full multiples of so many seconds only, so that their time tells nothing of the work behind
    them; 0: at once.
    """
