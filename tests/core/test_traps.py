"""Mails in which an amount, an invoice or a word is easily lost. Silence about one of them is the worst answer."""

from __future__ import annotations

import pytest

from processor.core.decide import decide
from processor.core.message import Message
from processor.core.policy import Policy
from tests.builders import invoice, mail, payment, snapshot
from tests.core.scenes import in_words

LEDGER = snapshot(
    payment(amount=250_000), invoice(), invoice("G000000002"), invoice("G000000003"), invoice("H2-KLM48071")
)


@pytest.mark.parametrize(
    "words",
    [
        "Please apply EUR400.00 from payment 1400000001 to invoice G000000001.",
        "Please apply 400.00EUR from payment 1400000001 to invoice G000000001.",
        "Please apply 400EUR from payment 1400000001 to invoice G000000001.",
        "Hoi, van 1400000001 mag 400 euro naar G000000001.",
        "Hoi, van 1400000001 mag 400,- naar G000000001.",
        "Von 1400000001 bitte EUR 400,-- auf G000000001 buchen.",
        "Bitte von 1400000001 400.-- EUR auf G000000001 buchen.",
        "Merci d'affecter 400,00€ du paiement 1400000001 à la facture G000000001.",
        "Merci d'affecter 400 € (quatre cents euros) du paiement 1400000001 à la facture G000000001.",
        "Por favor, del pago 1400000001 apliquen 400,00 euros a la factura G000000001.",
        "Dal pagamento 1400000001 vi prego di imputare € 400 alla fattura G000000001.",
        "Do pagamento 1400000001, queiram imputar 400,00 EUR à fatura G000000001.",
        "Z płatności 1400000001 proszę rozliczyć 400,00 EUR na fakturę G000000001.",
        "入金 1400000001 から 400.00 EUR を請求書 G000000001 に充当してください。",
        "Please apply payment 1400000001 to invoice G000000001 (EUR\n400.00).",
        "Please apply payment 1400000001 to invoice G000000001, 400.00\nEUR of it.",
        "As agreed on the phone on Tuesday would you please from payment\n1400000001 apply EUR 400.00 to\nG000000001.",
    ],
)
def test_an_amount_is_never_lost(words: str, policy: Policy) -> None:
    assert in_words(decide(mail(words), LEDGER, policy)) == "applied 1400000001>G000000001=400.00"


@pytest.mark.parametrize("amount", ["25 euro", "25,00 euro", "9 EUR", "€ 25", "6'99.18 euro"])
def test_a_small_or_broken_amount_is_never_the_whole(amount: str, policy: Policy) -> None:
    decision = decide(mail(f"Hoi, van 1400000001 mag {amount} naar G000000001."), LEDGER, policy)

    assert [one.amount for one in decision.applications] not in ([100_000], [250_000])


@pytest.mark.parametrize(
    "stranger",
    [
        "G000000077",
        "factuurG000000077",
        "H1-12345",
        "H2-KLM68071",
        "GO00000001",
        "g000000077",
        "T008032522",
    ],
)
def test_an_invoice_that_nobody_has_is_never_passed_over(stranger: str, policy: Policy) -> None:
    words = f"Please apply payment 1400000001 to invoice G000000001 (400.00) and invoice {stranger} (100.00)."

    assert in_words(decide(mail(words), LEDGER, policy)) == "needs_details invoice_not_found invoice_number"


def test_a_stray_amount_is_nobodys(message: Message, policy: Policy) -> None:
    """
    Subject: Allocation

    Please apply payment 1400000001 to invoices G000000001 and G000000002.

    EUR 600.00 please.
    """
    assert decide(message, LEDGER, policy).applications == ()


def test_the_row_behind_one_left_out_keeps_its_amount(message: Message, policy: Policy) -> None:
    """
    Subject: Zahlung 1400000001

    zu Zahlung 1400000001 bitte:

    1. G000000001 500,00 EUR
    2. G000000002 600,00 EUR
    3. G000000003 700,00 EUR

    PS: Position 2 bitte doch weglassen, die zahlen wir separat.
    """
    assert (
        in_words(decide(message, LEDGER, policy)) == "applied 1400000001>G000000001=500.00 1400000001>G000000003=700.00"
    )


def test_a_list_without_an_empty_line_below_keeps_its_last_row(message: Message, policy: Policy) -> None:
    """
    Subject: boeken betaling

    graag betaling 1400000001 als volgt boeken
    G000000001 300,00
    G000000002 400,00
    het kleine beetje dat dan nog over is laten staan
    """
    assert (
        in_words(decide(message, LEDGER, policy)) == "applied 1400000001>G000000001=300.00 1400000001>G000000002=400.00"
    )


def test_a_list_with_the_postscript_right_below_keeps_its_last_row(message: Message, policy: Policy) -> None:
    """
    Subject: Zahlung 1400000001

    zu Zahlung 1400000001 bitte:
    1. G000000001 500,00 EUR
    2. G000000002 600,00 EUR
    3. G000000003 700,00 EUR
    Danke und Gruß
    Jens
    PS: Position 2 bitte doch weglassen, die zahlen wir separat.
    """
    assert (
        in_words(decide(message, LEDGER, policy)) == "applied 1400000001>G000000001=500.00 1400000001>G000000003=700.00"
    )


def test_a_correction_leaves_the_other_lines_alone(message: Message, policy: Policy) -> None:
    """
    Subject: reparto

    con el pago 1400000001 poned 300,00 € en la G000000001 y 400,00 € en la G000000002.

    P. D.: Acabo de hablar con dirección: en la G000000001 mejor 200,00 €, no 300,00.
    """
    assert (
        in_words(decide(message, LEDGER, policy)) == "applied 1400000001>G000000002=400.00 1400000001>G000000001=200.00"
    )


def test_a_fee_in_a_wrapped_line_leaves_the_amount_alone(message: Message, policy: Policy) -> None:
    """
    Subject: Saldo al netto commissioni

    per il saldo della fattura G000000001 potete utilizzare il pagamento
    1400000001 nella misura di euro 985,00: la banca ci ha addebitato
    commissioni per euro 15,00 che, come da prassi, restano a Vostro carico.
    """
    assert in_words(decide(message, LEDGER, policy)) == "applied 1400000001>G000000001=985.00"


def test_history_inside_a_forwarded_mail_is_history(message: Message, policy: Policy) -> None:
    """
    Subject: Fwd: allocation

    Please process the below.

    ---------- Forwarded message ---------
    From: Bob <bob@harbourlane.example>
    Date: Mon, 16 Nov 2026 at 09:12
    Subject: allocation
    To: AP <ap@harbourlane.example>

    Payment 1400000001 is for invoice G000000001, EUR 400.00.

    On Fri, 13 Nov 2026 at 17:01, AP <ap@harbourlane.example> wrote:

    > Was it EUR 700.00 for G000000002?
    """
    assert in_words(decide(message, LEDGER, policy)) == "applied 1400000001>G000000001=400.00"


def test_an_invoice_under_the_wrong_heading_is_never_passed_over(message: Message, policy: Policy) -> None:
    """
    Subject: Mapa

    Segue o mapa para lançarem o nosso recebimento:

    Recebimento  Documento  Imputar
    1400000001   G000000001  300,00
    G000000002   400,00
    """
    assert in_words(decide(message, LEDGER, policy)) != "applied 1400000001>G000000001=300.00"


def test_a_signature_below_history_answers_nothing(message: Message, policy: Policy) -> None:
    """
    Subject: Re: reconciliation

    Please put 1400000001 on G000000001, in full.

    On Tue, Aug 25, 2026 at 4:12 PM June <june@harbourlane.example> wrote:

    > Also G000000002 looks wrong.

    Kind regards,
    Wade
    """
    assert in_words(decide(message, LEDGER, policy)) == "applied 1400000001>G000000001=1000.00"


def test_an_instruction_that_is_only_cited_is_asked_about(policy: Policy) -> None:
    words = 'From next week you will get mails like "apply payment 1400000001 to invoice G000000001". Is that fine?'

    assert in_words(decide(mail(words), LEDGER, policy)) == "needs_details confirmation"
