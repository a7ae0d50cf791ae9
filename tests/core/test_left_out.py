"""What a mail leaves out by its place, what an amount in an answer means, and what belonged elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from processor.core.decide import decide
from processor.core.decision import RequestState
from processor.core.message import Segment, SegmentKind, Source
from processor.core.policy import Policy
from processor.core.reading.language import language_of
from tests.builders import invoice, mail, payment, snapshot
from tests.core.conversations import talk
from tests.core.scenes import booked, comes_to, in_words, waiting

FIRST, SECOND, THIRD = (f"1400000001>G00000000{number}" for number in (1, 2, 3))
LEDGER = snapshot(payment(amount=400_000), invoice(), invoice("G000000002"), invoice("G000000003"))


def applied(lines: tuple[str, ...]) -> str:
    return " ".join(["applied", *(f"{line}=1000.00" for line in lines)])


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ("G000000001, G000000002 and G000000003: 1400000001 should clear all of them but the last.", (FIRST, SECOND)),
        (
            "Please apply 1400000001 to all of these except the second one: G000000001 G000000002 G000000003",
            (FIRST, THIRD),
        ),
        ("Betaling 1400000001 graag op G000000001, G000000002 en G000000003, op de laatste na.", (FIRST, SECOND)),
        (
            "Bitte die Zahlung 1400000001 auf G000000001, G000000002, G000000003 buchen, außer der ersten.",
            (SECOND, THIRD),
        ),
        (
            "Merci d'imputer le paiement 1400000001 sur G000000001, G000000002, G000000003, sauf la dernière.",
            (FIRST, SECOND),
        ),
        ("Apliquen el pago 1400000001 a G000000001, G000000002 y G000000003, menos la primera.", (SECOND, THIRD)),
        ("Imputate il pagamento 1400000001 a G000000001, G000000002, G000000003, tranne l'ultima.", (FIRST, SECOND)),
        ("Apliquem o pagamento 1400000001 a G000000001, G000000002, G000000003, exceto a última.", (FIRST, SECOND)),
        ("Proszę rozliczyć wpłatę 1400000001 z G000000001, G000000002, G000000003, oprócz ostatniej.", (FIRST, SECOND)),
    ],
)
def test_an_invoice_is_left_out_by_its_place(words: str, lines: tuple[str, ...], policy: Policy) -> None:
    assert comes_to(words, LEDGER, policy) == applied(lines)


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ("Please apply 1400000001 not only to G000000001 but also to G000000002.", (FIRST, SECOND)),
        ("1400000001: G000000001 and G000000002 please.\n\nPS: leave G000000002 out after all.", (FIRST,)),
        ("1) 1400000001: G000000001\n2) G000000002 will be replaced by a new invoice", (FIRST,)),
        ("De 1400000001 is voor G000000001. G000000003 wordt nog gecrediteerd.", (FIRST,)),
    ],
)
def test_what_else_is_said_of_an_invoice(words: str, lines: tuple[str, ...], policy: Policy) -> None:
    assert comes_to(words, LEDGER, policy) == applied(lines)


@pytest.mark.parametrize(
    "words",
    [
        "Please apply 1400000001 to G000000001 and G000000002, except the one we spoke of.",
        "Apply 1400000001 to G000000001 and G000000002, but not the last. And then to G000000003.",
    ],
)
def test_a_place_that_may_be_another_is_asked(words: str, policy: Policy) -> None:
    assert comes_to(words, LEDGER, policy).startswith("needs_details")


def test_a_ps_takes_a_line_back(policy: Policy) -> None:
    words = (
        "From 1400000001: EUR 1,000.00 to G000000001, EUR 1,000.00 to G000000002.\n\n"
        "PS scratch G000000002, only the first one."
    )
    assert comes_to(words, LEDGER, policy) == f"applied {FIRST}=1000.00"


def test_an_amount_that_narrows_the_choice_says_nothing_of_the_invoice(policy: Policy) -> None:
    twins = snapshot(
        payment("1400000001", 275_000), payment("1400000002", 275_000), payment("1400000003", 60_000), invoice()
    )
    said = talk(
        twins,
        policy,
        "Please put EUR 400.00 towards G000000001.",
        "It's one of the two that came in at EUR 2,750.00.",
        "1400000002",
    )
    assert said[-1] == "applied 1400000002>G000000001=400.00"


@pytest.mark.parametrize(
    ("words", "decided"),
    [
        ("Payment 1400000001 may go in full to G000000001.", f"applied {FIRST}=600.00"),
        ("De 1400000001 mag in zijn geheel naar G000000001.", f"applied {FIRST}=600.00"),
        ("Die 1400000001 soll vollständig auf G000000001 gebucht werden.", f"applied {FIRST}=600.00"),
        ("Please apply 1400000001 to G000000001 in full.", "needs_details amount exceeds_unallocated"),
    ],
)
def test_a_payment_that_goes_as_a_whole(words: str, decided: str, policy: Policy) -> None:
    small = snapshot(payment(amount=60_000), invoice())
    assert comes_to(words, small, policy) == decided


def test_an_initial_speaks_no_language(policy: Policy) -> None:
    assert language_of("Ach je, falsch.\nJ. Weber", policy.phrases) != "fr"


def test_the_totals_beside_what_is_open_say_nothing_else(policy: Policy) -> None:
    half = snapshot(payment(amount=80_000), invoice(still_open=40_000), invoice("G000000002", still_open=40_000))
    table = "Invoice     Amount    Open\nG000000001  1,000.00  400.00\nG000000002  1,000.00  400.00"
    assert (
        in_words(decide(mail(f"Please apply 1400000001:\n\n{table}"), half, policy))
        == f"applied {FIRST}=400.00 {SECOND}=400.00"
    )


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (
            "1. G000000001\n2. G000000002\n3. G000000003\nPlease pay all but the last one in full from 1400000001.",
            (FIRST, SECOND),
        ),
        ("Payment 1400000001: G000000001.\n\nPS: and G000000002 too, please.", (FIRST, SECOND)),
        ("Pagamento 1400000001: G000000001.\n\nPS: liquidem também a G000000002.", (FIRST, SECOND)),
        ("Betaling 1400000001: G000000001, daar was in oktober al de helft van voldaan.", (FIRST,)),
    ],
)
def test_second_thoughts_and_side_remarks(words: str, lines: tuple[str, ...], policy: Policy) -> None:
    assert comes_to(words, LEDGER, policy) == applied(lines)


@pytest.mark.parametrize(
    "words",
    [
        "G000000001, G000000002, G000000003: please pay all but the last one we disputed from 1400000001.",
        "G000000001 and G000000002 are open. Please pay the first and the fourth from 1400000001.",
        "G000000001, G000000002 and G000000003: please pay all but the first two from 1400000001.",
    ],
)
def test_a_place_that_nothing_stands_at_is_asked(words: str, policy: Policy) -> None:
    assert comes_to(words, LEDGER, policy) == "needs_details confirmation"


def test_a_figure_said_again_gives_way_to_the_one_behind_it(policy: Policy) -> None:
    words = (
        "From 1400000001:\n- G000000001: 700.00\n- G000000002: 900.00\n\n"
        "PS Of the 900.00 for G000000002 make it 500.00."
    )
    assert comes_to(words, LEDGER, policy) == f"applied {FIRST}=700.00 {SECOND}=500.00"


def test_nothing_but_so_much_is_no_denial(policy: Policy) -> None:
    words = "Merci d'imputer 1400000001 sur G000000001.\n\nPS : ne mettez que 400,00 € sur G000000001."
    assert comes_to(words, LEDGER, policy) == f"applied {FIRST}=400.00"


def test_a_subject_may_be_read_as_the_text_says(policy: Policy) -> None:
    said = decide(
        mail("Graag 1.000,00 EUR van 1400000001 op G000000001.", subject="1.000 voor G000000001"), LEDGER, policy
    )
    assert in_words(said) == f"applied {FIRST}=1000.00"


@pytest.mark.parametrize(
    "words",
    [
        "That EUR 1,000.00 belongs on G000000002, I'm afraid. Could you see to it?",
        "Die 1.000,00 EUR waren für G000000002 gedacht.",
        "Quei 1.000,00 euro andavano sulla G000000002. Potete spostarli?",
    ],
)
def test_money_that_was_applied_is_not_applied_again(words: str, policy: Policy) -> None:
    left = snapshot(payment(unallocated=300_000), payment("1400000002"), invoice(still_open=0), invoice("G000000002"))
    after = replace(left, conversation=waiting(state=RequestState.APPLIED, missing=()), allocations=(booked(),))
    decision = decide(mail(words, subject="Re: 1400000001"), after, policy)
    assert in_words(decision) == "rejected reversal_requested"


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (
            "G000000001, G000000002, G000000003 are open. Please clear the first and the third with 1400000001.",
            (FIRST, THIRD),
        ),
        ("Open: G000000001\nG000000002\nG000000003\nPlease apply 1400000001 to the second one.", (SECOND,)),
        (
            "請求書 G000000001、G000000002、G000000003 のうち、1件目と3件目に 1400000001 を充当してください。",
            (FIRST, THIRD),
        ),
        ("Pay G000000001 and G000000002 from 1400000001. First of all thanks!", (FIRST, SECOND)),
    ],
)
def test_invoices_are_chosen_by_their_place(words: str, lines: tuple[str, ...], policy: Policy) -> None:
    assert comes_to(words, LEDGER, policy) == applied(lines)


def test_what_moved_before_is_told_in_passing(policy: Policy) -> None:
    moved = snapshot(payment(left=0), payment("1400000002"), invoice(still_open=0), invoice("G000000002"))
    words = (
        "You matched 1400000001 with G000000001 in September, lovely.\n\nCould you put 1400000002 against G000000002?"
    )
    assert comes_to(words, moved, policy) == "applied 1400000002>G000000002=1000.00"


def test_a_transfer_is_known_by_the_date_it_was_sent(policy: Policy) -> None:
    twins = snapshot(
        payment(received_on=date(2026, 11, 2)), payment("1400000002", received_on=date(2026, 11, 12)), invoice()
    )
    words = "Bill to be paid: G000000001\nAmount sent: EUR 1,000.00\nDate sent: November 12, 2026\nPlease match."
    assert comes_to(words, twins, policy) == "applied 1400000002>G000000001=1000.00"


def test_what_an_attached_mail_quotes_is_history(policy: Policy) -> None:
    text = (
        "transfer\n\nAnna,\n1400000001 is for G000000001: EUR 700.00\nBen\n\n"
        "From: Receivables <a@b.example>\nSent: Monday 9:12\nTo: AP\nSubject: Which?\n\nG000000001, EUR 400.00"
    )
    attached = Source("attachment:transfer.eml", text, (), (Segment(SegmentKind.FORWARDED, 0, len(text)),))
    said = mail("Please do what the attached mail of our colleague asks for.")
    decision = decide(replace(said, sources=(*said.sources, attached)), LEDGER, policy)
    assert in_words(decision) == f"applied {FIRST}=700.00"


@pytest.mark.parametrize(
    "words",
    [
        "Imputate 500,00 a G000000001 e 300,00 a G000000002 dal 1400000001.",
        "Apliquen de 1400000001: 500,00 a la G000000001 y 300,00 a la G000000002.",
        "1400000001:\nG000000001 € 500,00 a saldo\nG000000002 € 300,00 a saldo",
    ],
)
def test_an_a_or_an_e_behind_an_amount_is_a_word(words: str, policy: Policy) -> None:
    assert comes_to(words, LEDGER, policy) == f"applied {FIRST}=500.00 {SECOND}=300.00"


def test_a_number_goes_on_in_the_next_line(policy: Policy) -> None:
    words = "Prosimy o wykorzystanie wpłaty 1400000001 na następującą fakturę: 3\n690,00 na fakturę G000000001."
    large = snapshot(payment(amount=400_000), invoice(total=400_000))
    assert comes_to(words, large, policy) == f"applied {FIRST}=3690.00"


def test_bare_figures_narrow_the_choice_but_for_those_denied(policy: Policy) -> None:
    twins = snapshot(
        payment("1400000001", 275_000), payment("1400000002", 275_000), payment("1400000003", 60_000), invoice()
    )
    said = talk(
        twins,
        policy,
        "Please put EUR 400.00 towards G000000001.",
        "Certainly not the one of 600. One of the two of 2750, I have to look.",
        "The second of the two.",
    )
    assert said[1:] == ["needs_details ambiguous_payment payment_reference", "applied 1400000002>G000000001=400.00"]


@pytest.mark.parametrize(
    "words",
    [
        "We would like you to use our payment 1400000001 for G000000001 and to take €\n400,00 of it only.",
        "We would like you to use payment 1400000001 for the invoice G000000001: 400\n€ of it only, please.",
    ],
)
def test_a_sign_may_stand_beyond_the_end_of_a_full_line(words: str, policy: Policy) -> None:
    assert comes_to(words, LEDGER, policy) == f"applied {FIRST}=400.00"


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ("{}. Please apply to the first two, in full.", (FIRST, SECOND)),
        ("{}. Bitte die ersten beiden ausgleichen.", (FIRST, SECOND)),
        ("{}. Merci de solder les deux premières.", (FIRST, SECOND)),
        ("{}. Saldare le ultime due, grazie.", (SECOND, THIRD)),
        ("{}. Por favor aplicar a las dos primeras.", (FIRST, SECOND)),
        ("{}. Graag de eerste twee afletteren.", (FIRST, SECOND)),
        ("{}. PS: scratch G000000003, not that one. Just apply to the first two.", (FIRST, SECOND)),
    ],
)
def test_the_first_two_are_two(words: str, lines: tuple[str, ...], policy: Policy) -> None:
    listed = "1400000001: G000000001, G000000002, G000000003"
    assert comes_to(words.format(listed), LEDGER, policy) == applied(lines)


@pytest.mark.parametrize(
    ("asked", "remark"),
    [
        ("Please apply 1400000001:\n\nInvoice      Amount", "paid - do not apply"),
        ("Graag 1400000001 afletteren:\n\nFactuur      Bedrag", "niet boeken, al betaald"),
        ("Bitte 1400000001 verbuchen:\n\nRechnung     Betrag", "nicht verbuchen"),
        ("Merci d'affecter 1400000001 :\n\nFacture      Montant", "ne pas affecter"),
        ("Por favor apliquen 1400000001:\n\nFactura      Importe", "no aplicar"),
    ],
)
def test_a_row_that_says_so_is_left_out(asked: str, remark: str, policy: Policy) -> None:
    rows = f"G000000001   1000.00   ok\nG000000002   1000.00   {remark}"
    assert comes_to(f"{asked}\n{rows}", LEDGER, policy) == applied((FIRST,))
