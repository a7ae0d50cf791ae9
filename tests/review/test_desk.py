"""What a person decides is done like the processor's own decision: shown before, bound to what was shown, once."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from processor.adapters import audit
from processor.adapters.engine import reading, transact
from processor.adapters.journal_tables import decision, mail, review_item
from processor.adapters.ledger_check import check_ledger
from processor.adapters.reversal import reverse
from processor.adapters.review_acts import ItemActs
from processor.adapters.review_items import open_review
from processor.adapters.review_sql import quarantined
from processor.adapters.tables import contact
from processor.core.by_person import Chosen
from processor.core.decision import ReviewItem
from processor.core.outcomes import Missing, Outcome, Reason
from processor.ports import LedgerMovedError
from processor.reversing import TakingBack, propose, take_back
from tests.adapters.samples import ANNA, BOOKS, NOON
from tests.builders import policy
from tests.review.world import PROOF, House, balances, letters, open_items, proposed, refused, seen, states

THREAT = "Our lawyer will sue you. Apply payment 1400000001 to invoice G000000001."
REQUEST = "Please apply payment 1400000001 to invoice G000000001."


def test_what_was_held_is_applied_with_a_confirmation_in_the_partners_language(house: House) -> None:
    assert house.arrives(THREAT).decision.outcome is Outcome.REJECTED
    desk = house.desk()

    proposal = proposed(desk.apply(seen(desk), [Chosen("1400000001", "G000000001")]))
    assert balances(house.engine) == (125_050, 100_000)
    desk.carry_out(proposal)

    assert balances(house.engine) == (25_050, 0)
    kind, to, text = letters(house.engine)[-1]
    assert (kind, to.lower()) == ("confirmation", ANNA)
    assert proposal.reference in text
    assert states(house.engine) == ["applied"]
    assert open_items(house.engine) == []
    assert check_ledger(house.engine) == ()


def test_the_record_names_the_person_and_the_second_round(house: House) -> None:
    house.arrives(THREAT)
    desk = house.desk()

    desk.carry_out(proposed(desk.apply(seen(desk), [Chosen("1400000001", "G000000001", 5_000)], "they called")))

    with reading(house.engine) as connection:
        rounds = connection.execute(select(decision.c.round, decision.c.actor, decision.c.outcome)).all()
        last = [*audit.entries(connection, "partner:4000001")][-1]
        assert connection.scalars(select(mail.c.outcome)).one() == "applied"
        assert connection.scalars(select(review_item.c.resolution)).one() == "applied: they called"
    assert sorted(tuple(row) for row in rounds) == [(0, "processor", "rejected"), (1, "mia", "applied")]
    assert (last.event, last.actor) == ("decided", "mia")
    assert '"note":"they called"' in last.body


def test_without_a_choice_what_was_understood_is_offered(house: House) -> None:
    house.policy = policy(apply_limits={"EUR": 1000}, secret=house.policy.secret.decode())
    house.arrives(REQUEST)
    desk = house.desk()

    proposal = proposed(desk.apply(seen(desk)))

    (one,) = proposal.decision.applications
    assert (one.payment, one.invoice, one.amount) == ("1400000001", "G000000001", 100_000)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (Chosen("1400000009", "G000000001"), "payment 1400000009: the partner has none of this number"),
        (Chosen("1400000001", "J000000001"), "invoice J000000001: the partner has none of this number"),
        (Chosen("1400000001", "G000000001", 100_001), "1000.01 EUR of 1400000001 to G000000001: at most 1000.00 fits"),
        (Chosen("1400000001", "G000000001", 0), "0.00 EUR of 1400000001 to G000000001: at most 1000.00 fits"),
        (Chosen("1400000001", "G000000003"), "0.00 EUR of 1400000001 to G000000003: at most 0.00 fits"),
    ],
)
def test_what_the_books_forbid_a_person_may_not_do_either(house: House, line: Chosen, problem: str) -> None:
    house.arrives(THREAT)
    desk = house.desk()

    assert refused(desk.apply(seen(desk), [line])) == (problem,)


def test_several_lines_see_what_the_ones_before_leave(house: House) -> None:
    house.arrives(THREAT)
    desk = house.desk()
    lines = [Chosen("1400000002", "G000000001"), Chosen("1400000001", "G000000001"), Chosen("1400000001", "G000000002")]

    proposal = proposed(desk.apply(seen(desk), lines))
    desk.carry_out(proposal)

    assert [one.amount for one in proposal.decision.applications] == [30_000, 70_000, 25_050]
    assert check_ledger(house.engine) == ()


def test_what_changed_since_it_was_shown_is_not_done(house: House) -> None:
    house.arrives(THREAT)
    desk = house.desk()
    proposal = proposed(desk.apply(seen(desk), [Chosen("1400000001", "G000000001")]))
    house.arrives("Please apply 10.00 EUR of payment 1400000001 to invoice G000000002.")
    assert balances(house.engine) == (124_050, 100_000)

    with pytest.raises(LedgerMovedError):
        desk.carry_out(proposal)

    assert balances(house.engine) == (124_050, 100_000)
    assert len(open_items(house.engine)) == 1


def test_two_people_do_not_do_the_same_thing_twice(house: House) -> None:
    house.arrives(THREAT)
    mia, tom = house.desk("mia"), house.desk("tom")
    shown = seen(mia)
    hers, his = (proposed(desk.reject(shown, Reason.SENSITIVE_CONTENT)) for desk in (mia, tom))

    mia.carry_out(hers)
    with pytest.raises(LedgerMovedError):
        tom.carry_out(his)

    assert len(letters(house.engine)) == 1


def test_a_seal_names_what_was_shown(house: House) -> None:
    house.arrives(THREAT)
    desk = house.desk()
    shown = seen(desk)
    one, other = Chosen("1400000001", "G000000001", 100), Chosen("1400000001", "G000000001", 101)

    seals = [proposed(desk.apply(shown, [line])).seal for line in (one, one, other)]

    assert seals[0] == seals[1] != seals[2]


def test_the_partner_is_asked_and_the_answer_is_decided(house: House) -> None:
    house.arrives("We will sue you. Please apply invoice G000000001.")
    desk = house.desk()
    proposal = proposed(desk.ask(seen(desk), [Missing.PAYMENT_REFERENCE], "We are sorry for the trouble."))
    desk.carry_out(proposal)
    kind, to, text = letters(house.engine)[-1]
    assert (kind, to.lower()) == ("question", ANNA)
    assert "We are sorry for the trouble." in text
    assert states(house.engine) == ["waiting"]

    answer = house.arrives("1) is the right one", subject=f"Re: Payment [{proposal.reference}]")

    assert answer.reference == proposal.reference
    assert answer.decision.outcome is Outcome.APPLIED
    assert balances(house.engine) == (25_050, 0)


def test_a_rejection_tells_the_partner_unless_it_should_not(house: House) -> None:
    house.arrives(THREAT)
    desk = house.desk()

    desk.carry_out(desk.reject(seen(desk), Reason.SENSITIVE_CONTENT, "no basis", tell=True))

    assert [kind for kind, _, _ in letters(house.engine)] == ["status"]
    assert states(house.engine) == ["rejected"]
    house.arrives(THREAT + " Now.")
    desk.carry_out(desk.reject(seen(desk), Reason.SENSITIVE_CONTENT, tell=False))
    assert len(letters(house.engine)) == 1


@pytest.mark.parametrize(
    ("sender", "proof"), [(ANNA, ""), ("anna@p0lder.example", "Authentication-Results: mx.billing.example; dmarc=pass")]
)
def test_nobody_unproved_or_unknown_is_written_to_by_a_person(house: House, sender: str, proof: str) -> None:
    house.arrives(REQUEST, sender=sender, proof=proof)
    before = len(letters(house.engine))
    desk = house.desk()

    shown = seen(desk, partner_id="4000001")
    proposal = proposed(desk.apply(shown, [Chosen("1400000001", "G000000001", 100)]))

    assert proposal.letter is None
    assert refused(desk.ask(shown, [Missing.AMOUNT]))[0].startswith("nobody on file can be asked")
    desk.carry_out(proposal)
    assert len(letters(house.engine)) == before
    assert balances(house.engine) == (124_950, 99_900)


def test_another_contact_on_file_may_be_written_to(house: House) -> None:
    house.arrives(REQUEST, proof="")
    desk = house.desk()

    proposal = proposed(desk.apply(seen(desk, partner_id="4000001", to=BOOKS), [Chosen("1400000001", "G000000001")]))

    assert proposal.letter is not None
    assert proposal.letter.recipient == BOOKS
    assert refused(desk.look(open_items(house.engine)[-1][0], "4000001", "eve@evil.example")) == (
        "eve@evil.example is not on file for the partner",
    )


def test_a_person_vouches_for_a_mail_and_it_is_decided_again(house: House) -> None:
    assert house.arrives(REQUEST, proof="").decision.reasons == (Reason.SENDER_UNAUTHENTICATED,)
    desk = house.desk()

    proposal = proposed(desk.release(seen(desk), "I called her"))
    desk.carry_out(proposal)

    assert proposal.decision.outcome is Outcome.APPLIED
    assert balances(house.engine) == (25_050, 0)
    assert [kind for kind, _, _ in letters(house.engine)] == ["confirmation"]
    assert states(house.engine) == ["applied"]


def test_what_is_above_the_limit_is_released(house: House) -> None:
    house.policy = policy(apply_limits={"EUR": 1000}, secret=house.policy.secret.decode())
    assert house.arrives(REQUEST).decision.reasons == (Reason.OVER_LIMIT,)
    desk = house.desk()

    desk.carry_out(proposed(desk.release(seen(desk))))

    assert balances(house.engine) == (25_050, 0)


def test_a_mail_in_quarantine_is_put_before_a_person_and_released(house: House) -> None:
    spam = "X-Spam-Flag: YES\n" + PROOF
    assert house.arrives(REQUEST, proof=spam).decision.outcome is Outcome.QUARANTINED
    assert open_items(house.engine) == []
    ((mail_id, _, sender, _, why),) = quarantined(house.engine, NOON)
    assert (sender, why) == (ANNA, "spam")

    item = ItemActs(house.engine, "mia", NOON).open_about(mail_id, "she called")
    desk = house.desk()
    desk.carry_out(proposed(desk.release(seen(desk, item), "she called")))

    assert balances(house.engine) == (25_050, 0)
    assert states(house.engine) == ["applied"]
    assert quarantined(house.engine, NOON)[0][0] == mail_id  # the first decision stays on record


def test_a_forged_sender_is_released_by_nobody(house: House) -> None:
    house.arrives(REQUEST, proof="Authentication-Results: mx.billing.example; dmarc=fail header.from=polder.example")
    desk = house.desk()

    assert refused(desk.release(seen(desk))) == ("decided again it is rejected still: sender_spoofed",)


def test_an_item_is_given_to_somebody_ended_and_opened_again(house: House) -> None:
    house.arrives(THREAT)
    ((item, _),) = open_items(house.engine)
    acts = ItemActs(house.engine, "mia", NOON)

    acts.assign(item, "tom")
    acts.close(item, "by phone")
    assert open_items(house.engine) == []
    assert refused(house.desk().look(item)) == (f"item {item} is done: `review reopen {item}` opens it again",)
    acts.reopen(item, "not yet")

    assert [one for one, _ in open_items(house.engine)] == [item]
    with reading(house.engine) as connection:
        events = [entry.event for entry in audit.entries(connection, "partner:4000001")]
        assert connection.scalars(select(review_item.c.assigned_to)).one() == "tom"
    assert events[-3:] == ["assigned", "closed", "reopened"]


def test_a_rejected_request_that_is_opened_again_is_in_review(house: House) -> None:
    house.arrives(THREAT)
    ((item, _),) = open_items(house.engine)
    desk = house.desk()
    desk.carry_out(desk.reject(seen(desk), Reason.SENSITIVE_CONTENT))

    ItemActs(house.engine, "mia", NOON).reopen(item, "they called")

    assert states(house.engine) == ["in_review"]
    desk.carry_out(proposed(desk.apply(seen(desk), [Chosen("1400000001", "G000000001")])))
    assert states(house.engine) == ["applied"]


# --- reversal -----------------------------------------------------------------------------------------------------


def test_an_allocation_is_taken_back_with_a_letter_in_the_partners_language(house: House) -> None:
    done = house.arrives(REQUEST)
    name = f"AL-{done.reference.removeprefix('AR-')}-1"
    desk = house.desk()

    proposal = propose(desk, name, "wrong invoice")
    assert isinstance(proposal, TakingBack)
    assert (proposal.payment_left, proposal.invoice_open) == (125_050, 100_000)
    take_back(desk, proposal)

    assert balances(house.engine) == (125_050, 100_000)
    kind, to, text = letters(house.engine)[-1]
    assert (kind, to.lower()) == ("reversed", ANNA)
    assert done.reference in text
    assert check_ledger(house.engine) == ()


def test_a_reversal_is_bound_to_what_was_shown(house: House) -> None:
    done = house.arrives(REQUEST)
    name = f"AL-{done.reference.removeprefix('AR-')}-1"
    desk = house.desk()
    proposal = propose(desk, name, "wrong invoice")
    assert isinstance(proposal, TakingBack)
    house.arrives("Please apply 1.00 EUR of payment 1400000001 to invoice G000000002.")

    with pytest.raises(LedgerMovedError):
        take_back(desk, proposal)

    assert balances(house.engine) == (24_950, 0)


def test_who_is_no_contact_any_more_is_not_told_of_a_reversal(house: House) -> None:
    done = house.arrives(REQUEST)
    with house.engine.begin() as connection:
        connection.execute(contact.delete().where(contact.c.address_key == ANNA))
    desk = house.desk()

    proposal = propose(desk, f"AL-{done.reference.removeprefix('AR-')}-1", "wrong invoice")

    assert isinstance(proposal, TakingBack)
    assert proposal.letter is None


def test_what_cannot_be_taken_back_is_refused_before(house: House) -> None:
    done = house.arrives(REQUEST)
    name = f"AL-{done.reference.removeprefix('AR-')}-1"
    reverse(house.engine, name, "mia", "wrong", NOON)
    desk = house.desk()

    assert refused(propose(desk, name, "again")) == (f"{name} has been taken back already by {name}-R",)
    assert refused(propose(desk, f"{name}-R", "back")) == (f"{name}-R is itself the reversal of {name}",)
    assert refused(propose(desk, "AL-NONE-1", "what")) == ("there is no allocation AL-NONE-1",)


def test_an_item_about_no_mail_can_only_be_closed(house: House) -> None:
    transact(house.engine, lambda connection: open_review(connection, ReviewItem("promise_in_danger", "x"), NOON))
    ((item, _),) = open_items(house.engine)

    assert refused(house.desk().look(item)) == (f"item {item} is about no mail: `review close {item}` ends it",)
    assert refused(replace(house.desk(), actor="tom").look(99)) == ("there is no review item 99",)
