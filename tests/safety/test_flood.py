"""However many mails come, letters and items stay few; no mail is lost, and no robot is talked to for long."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from processor.adapters import pause_sql
from processor.adapters.books_sql import SqlBooks
from processor.adapters.breaker_sql import BREAKER, WatchedOutbox
from processor.adapters.caps import Caps
from processor.adapters.engine import reading
from processor.adapters.journal_tables import letter, mail, review_item
from processor.core.outcomes import Outcome, Reason
from processor.policy_files import caps_from
from processor.ports import FetchedMail
from processor.settings import Settings
from tests.adapters.samples import ANNA, MAILBOX
from tests.review.world import House, balances, letters, open_items, states

FORGED = "Authentication-Results: mx.billing.example; dmarc=fail"
SHIPPED = caps_from(Settings.model_construct())
VAGUE = "Hello, about our account."


def proof(address: str) -> str:
    return f"Authentication-Results: mx.billing.example; dmarc=pass header.from={address.rpartition('@')[2]}"


def capped(house: House, caps: Caps = SHIPPED) -> House:
    house.books = SqlBooks(house.engine, house.clock, {}, None, caps)
    return house


def stranger(house: House, address: str, words: str = "Please help.") -> None:
    house.arrives(words, sender=address, proof=proof(address))


def to(house: House) -> Counter[str]:
    return Counter(recipient for _, recipient, _ in letters(house.engine))


def notes(house: House, kind: str) -> list[str]:
    with reading(house.engine) as connection:
        return list(connection.scalars(select(review_item.c.note).where(review_item.c.kind == kind)))


def test_a_stranger_is_acknowledged_once_a_day(house: House) -> None:
    capped(house)
    for number in range(4):
        stranger(house, "who@stranger.example", f"Please help {number}.")
    assert to(house) == {"who@stranger.example": 1}

    house.clock.advance(days=1)
    stranger(house, "who@stranger.example", "And now?")

    assert to(house) == {"who@stranger.example": 2}


def test_a_domain_of_strangers_gets_so_many_acknowledgements(house: House) -> None:
    capped(house, replace(SHIPPED, stranger_domain_letters=3, stranger_domain_items=0))
    for number in range(6):
        stranger(house, f"who{number}@stranger.example")
    stranger(house, "who@another.example")

    assert to(house).total() == 4
    assert to(house)["who@another.example"] == 1


@pytest.mark.parametrize(
    ("caps", "senders", "told"),
    [
        ({"stranger_items": 5}, ["x@one.example"], "more than 5 mails of strangers from x@one.example today"),
        ({"stranger_domain_items": 5}, [f"x{number}@one.example" for number in range(12)], "from @one.example today"),
        ({"hour_items": 5}, [f"x@d{number}.example" for number in range(12)], "more than 5 mails of strangers in an"),
    ],
)
def test_forged_mails_don_t_fill_the_queue(house: House, caps: dict[str, int], senders: list[str], told: str) -> None:
    capped(house, Caps(**caps))
    for number in range(12):
        house.arrives(f"Please apply {number}.", sender=senders[number % len(senders)], proof=FORGED)

    kinds = Counter(kind for _, kind in open_items(house.engine))
    assert kinds == {"sender_spoofed": 5, "flood": 1}
    assert [told in note for note in notes(house, "flood")] == [True]
    assert states(house.engine) == ["in_review"] * 5
    with reading(house.engine) as connection:
        assert list(connection.scalars(select(mail.c.outcome))) == [Outcome.REJECTED] * 12
    assert letters(house.engine) == []


def test_a_contact_above_its_letters_is_a_matter_for_people_and_its_money_moves(house: House) -> None:
    capped(house, Caps(letters=1))
    house.arrives("Please apply invoice G000000002.")
    waits = house.arrives("Please apply invoice G000000001.")
    done = house.arrives("Please apply 100.00 EUR of payment 1400000001 to invoice G000000001.")

    assert to(house) == {ANNA: 1}
    assert states(house.engine).count("in_review") == 1
    assert waits.decision.outcome is Outcome.NEEDS_DETAILS
    assert done.decision.outcome is Outcome.APPLIED
    assert balances(house.engine) == (115_050, 90_000)
    assert [kind for _, kind in open_items(house.engine)] == ["letters_capped"] * 2


def test_who_tries_out_numbers_is_seen(house: House) -> None:
    capped(house, Caps(unknown_items=10))
    for number in range(4):
        named = ", ".join(f"G9{number}{digit}000001" for digit in range(4))
        house.arrives(f"Please apply payment 1400000001 to invoices {named}.")

    assert notes(house, "probing") == [f"{ANNA} named 12 numbers today that are not its own"]
    with reading(house.engine) as connection:
        assert connection.scalars(select(review_item.c.partner_id)).all() == ["4000001"]


@pytest.mark.parametrize(
    "near", ["anna@p0lder.example", "anna@polder.example.net", "anna@po1der.example", "anna@poldder.example"]
)
def test_people_are_told_whom_a_stranger_passes_for(house: House, near: str) -> None:
    stranger(house, near)

    assert notes(house, "look_alike") == [ANNA]
    assert [kind for _, kind in open_items(house.engine)] == ["look_alike"]


@pytest.mark.parametrize("other", ["anna@meadow.example", "joe@p0lder.example", "anna.b@p0lder.example"])
def test_an_ordinary_stranger_passes_for_nobody(house: House, other: str) -> None:
    stranger(house, other)

    assert [kind for _, kind in open_items(house.engine)] == ["sender_unknown"]


def test_letters_leave_at_the_next_slot(house: House) -> None:
    capped(house, Caps(slot=600))
    house.clock.advance(seconds=1)

    house.arrives(VAGUE)

    with reading(house.engine) as connection:
        due = connection.scalars(select(letter.c.next_try_at)).one()
    assert due == house.clock.now() + timedelta(seconds=599)


def test_the_breaker_stops_the_outbox_until_a_person_resumes(house: House) -> None:
    outbox = WatchedOutbox(house.engine, 2)
    for number in range(2):
        house.arrives(f"Hello {number}.")
    assert len(outbox.due(house.clock.now(), 10)) == 2

    house.arrives("Hello again.")
    assert outbox.due(house.clock.now(), 10) == ()
    assert outbox.due(house.clock.now(), 10) == ()
    (pause,) = pause_sql.standing_pauses(house.engine)
    assert (pause.actor, pause.reason) == (BREAKER, "more than 2 letters were written within an hour")

    house.clock.advance(minutes=1)
    assert pause_sql.end(house.engine, "all", "", "replying", "mia", house.clock.now())
    assert len(outbox.due(house.clock.now(), 10)) == 3


# --- robots at the other end ---------------------------------------------------------------------

ROBOT = "Your message has reached our team. Somebody will look at it within two working days."


def answer(house: House, raw: bytes, number: int, *, threaded: bool, words: str = ROBOT) -> None:
    """Let a robot without any sign of one answer our letter."""
    fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in raw.decode().split("\r\n"))}
    thread = f"In-Reply-To: {fields['message-id']}\r\n" if threaded else ""
    subject = f"Re: {fields['subject']}" if threaded else "We received your mail"
    text = (
        f"{proof(ANNA)}\r\nFrom: {ANNA}\r\nTo: {MAILBOX}\r\nSubject: {subject}\r\n{thread}"
        f"Message-ID: <robot{number}@polder.example>\r\n\r\n{words}\r\n"
    )
    house.count += 1
    house.intake().store(MAILBOX, "INBOX", 1, [FetchedMail(house.count, house.clock.now(), text.encode())])
    house.worker().handle(house.intake().to_decide(1, after=house.last_id())[0])


def talk(house: House, *, threaded: bool, varied: bool = False) -> int:
    """Let a robot answer every letter of ours, a hundred times at most; return how many letters it got."""
    answered = 0
    while answered < 100:
        with reading(house.engine) as connection:
            raws = list(connection.scalars(select(letter.c.raw).order_by(letter.c.id)))
        if len(raws) == answered:
            return answered
        answer(house, raws[answered], answered, threaded=threaded, words=f"{ROBOT} {answered * varied or ''}")
        answered += 1
    return answered


@pytest.mark.parametrize(
    "first",
    [
        VAGUE,
        "How do I allocate a payment?",
        "Please apply payment 1400000001 to invoice G000000001.",
        "Please apply invoice G000000002.",
        "Please reverse the allocation of payment 1400000001.",
    ],
)
@pytest.mark.parametrize("threaded", [True, False])
def test_a_robot_without_any_sign_gets_two_letters_at_most(house: House, first: str, threaded: bool) -> None:
    capped(house)
    house.arrives(first)

    assert 1 <= talk(house, threaded=threaded) <= 2


def test_a_robot_that_never_says_the_same_twice_falls_silent_the_same_day(house: House) -> None:
    capped(house)
    house.arrives(VAGUE)

    assert talk(house, threaded=False, varied=True) == SHIPPED.acknowledgements


def test_two_installations_that_write_to_each_other_fall_silent_at_once(house: House) -> None:
    capped(house)
    house.arrives(VAGUE)
    with reading(house.engine) as connection:
        ours = connection.scalars(select(letter.c.raw)).one()
    theirs = ours.replace(MAILBOX.encode(), b"anna@polder.example", 1)
    for number, secret in enumerate((house.policy.secret, b"the secret of another installation")):
        house.policy = replace(house.policy, secret=secret)
        raw = f"{proof(ANNA)}\r\n".encode() + theirs.replace(b"Message-ID: <", f"Message-ID: <{number}".encode())
        house.count += 1
        house.intake().store(MAILBOX, "INBOX", 1, [FetchedMail(house.count, house.clock.now(), raw)])
        done = house.worker().handle(house.intake().to_decide(1, after=house.last_id())[0])
        assert done.decision.outcome is Outcome.IGNORED
        assert set(done.decision.reasons) <= {Reason.AUTO_REPLY, Reason.OWN_MESSAGE}

    assert len(letters(house.engine)) == 1
