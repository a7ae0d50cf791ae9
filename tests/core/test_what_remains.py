"""What is left of a payment or an invoice: who gets it, and what is only said of it."""

from __future__ import annotations

import pytest

from processor.core.policy import Policy
from tests.builders import invoice, payment, snapshot
from tests.core.scenes import comes_to

FIRST, SECOND = "1400000001>G000000001", "1400000001>G000000002"
LEDGER = snapshot(payment(amount=150_000), invoice(), invoice("G000000002"), invoice("G000000003"))


@pytest.mark.parametrize(
    "words",
    [
        "Please apply the balance of 1400000001 to G000000001 and G000000002.",
        "Zet het restant van 1400000001 op G000000001 en G000000002.",
        "Merci d'imputer le reliquat de 1400000001 sur G000000001 et G000000002.",
        "Bitte den Rest von 1400000001 auf G000000001, G000000002 verteilen.",
        "支払 1400000001 の残額を G000000001 と G000000002 に充当してください。",
        "Apply 1400000001: EUR 500 to G000000001 and the rest to G000000002 and G000000003.",
        "Apply 1400000001: the rest to G000000002 and G000000003, and EUR 100 to G000000001.",
    ],
)
def test_a_rest_that_several_get_is_nobodys_alone(words: str, policy: Policy) -> None:
    assert comes_to(words, LEDGER, policy) == "needs_details amount"


@pytest.mark.parametrize(
    ("words", "shares"),
    [
        ("1400000001: the rest to G000000001, G000000002 in full.", (500, 1000)),
        ("Apply 1400000001: EUR 500 and the rest to G000000001 and G000000002.", (500, 1000)),
        ("Apply 1400000001 to G000000001 in full and the rest to G000000002.", (1000, 500)),
    ],
)
def test_a_rest_of_one_is_what_the_others_leave(words: str, shares: tuple[int, int], policy: Policy) -> None:
    assert comes_to(words, LEDGER, policy) == f"applied {FIRST}={shares[0]}.00 {SECOND}={shares[1]}.00"


@pytest.mark.parametrize(
    "words",
    [
        "Use 1400000001:\n\n€400.00 to close G000000001\n€500.00 towards G000000002, its remainder will follow in May.",
        "1400000001:\n€ 400,00 voor G000000001\n€ 500,00 voor G000000002, het restant daarvan volgt in december.",
        "1400000001: € 400,00 auf G000000001 (der Rest davon folgt) und € 500,00 auf G000000002.",
        "400,00 para a G000000001 (fica liquidada) e 500,00 por conta da G000000002, pagamento 1400000001.",
        "EUR 400.00 to G000000001 and EUR 500.00 to G000000002, being the second instalment of the latter: 1400000001.",
        "400.00 to G000000001 and 500.00 as a first instalment of G000000002, from 1400000001 please.",
        "Bei uns: 400,00 auf G000000001 und 500,00 zum teilweisen Ausgleich von G000000002, Zahlung 1400000001.",
        "Merci d'utiliser 1400000001: 400,00 sur G000000001, 500,00 sur G000000002 (le surplus reste en attente).",
        "400,00 € pour G000000001 et 500,00 € sur la G000000002, s'il vous plaît, du paiement 1400000001.",
    ],
)
def test_what_is_said_of_a_rest_is_said_of_nothing_else(words: str, policy: Policy) -> None:
    assert comes_to(words, LEDGER, policy) == f"applied {FIRST}=400.00 {SECOND}=500.00"


@pytest.mark.parametrize(
    "words",
    [
        "We see that payment 1400000001 is not yet posted on your side. It consists of:\n\n{}\n\nCan you clear both?",
        "We zien dat betaling 1400000001 bij jullie nog niet is verwerkt. Deze bestaat uit:\n\n{}\n\nGraag afletteren.",
        "Wir sehen: die Zahlung 1400000001 ist noch nicht zugeordnet. Sie besteht aus:\n\n{}\n\nBitte ausgleichen.",
        "Le paiement 1400000001 n'est toujours pas affecté. Il se compose de :\n\n{}\n\nMerci de solder.",
        "照合したところ支払 1400000001 がまだ処理されていません。内訳：\n\n{}\n\n消込をお願いいたします。",
    ],
)
def test_that_a_payment_was_not_applied_yet_is_no_doubt(words: str, policy: Policy) -> None:
    lines = "EUR 400.00 G000000001\nEUR 500.00 G000000002"
    assert comes_to(words.format(lines), LEDGER, policy) == f"applied {FIRST}=400.00 {SECOND}=500.00"


def test_a_word_for_a_statement_in_the_subject_asks_for_none(policy: Policy) -> None:
    words = "Proszę skompensować nasze płatności 1400000001 i 1400000002 z G000000001, G000000002 i G000000003."
    two = snapshot(payment(amount=150_000), payment("1400000002", 150_000), *LEDGER.invoices)
    assert comes_to(f"Rozrachunki\n\n{words}", two, policy) == "needs_details ambiguous_pairing confirmation"


@pytest.mark.parametrize(
    "words",
    [
        "Payment 1400000001: G000000101 <https://partner.example/invoices/G000000001>",
        "Betaling 1400000001 graag op factuur G000000101 <https://partner.example/G000000001?x=1>.",
    ],
)
def test_the_words_of_a_link_belie_its_address(words: str, policy: Policy) -> None:
    assert comes_to(words, LEDGER, policy) == "needs_details invoice_not_found invoice_number"


def test_a_broken_line_tells_of_the_same_amount(policy: Policy) -> None:
    words = (
        "Van 1400000001 is nog € 800,00 over. Wilt u dat gebruiken als\ndeelbetaling op G000000001? "
        "De resterende € 200,00 van die factuur\nmaken we in januari over, dan is de subsidie binnen."
    )
    whole = snapshot(payment(amount=80_000), invoice())
    assert (
        comes_to(words, whole, policy) == comes_to(words.replace("\n", " "), whole, policy) == f"applied {FIRST}=800.00"
    )


@pytest.mark.parametrize(
    "words",
    [
        "1400000001 half to G000000001 and half to G000000002.",
        "Dos tercios de 1400000001 a G000000002.",
        "Vogliate imputare il pagamento 1400000001 metà alla G000000001 e metà alla G000000002.",
        "Please split 1400000001 evenly between G000000001 and G000000002.",
        "Graag 1400000001 gelijkelijk verdelen over G000000001 en G000000002.",
        "Merci de répartir 1400000001 à parts égales sur G000000001 et G000000002.",
    ],
)
def test_a_share_in_words_is_no_amount(words: str, policy: Policy) -> None:
    assert comes_to(words, LEDGER, policy) == "needs_details ambiguous_amount amount"


@pytest.mark.parametrize(
    "words",
    [
        "Please apply 1400000001 to G000000001, but only from 1 December.",
        "1400000001 su G000000001, ma solo dal 1° dicembre.",
        "Graag 1400000001 op G000000001, maar pas vanaf 1 december.",
        "1400000001をG000000001に充当してください。ただし12月1日以降にお願いします。",
    ],
)
def test_a_day_to_come_is_waited_for(words: str, policy: Policy) -> None:
    assert comes_to(words, LEDGER, policy) == "needs_details confirmation"


@pytest.mark.parametrize(
    "rows",
    [
        "Invoice      Net      VAT      Gross\nG000000001   500.00   105.00   605.00",
        "Factuur      Netto    BTW      Bruto\nG000000001   500,00   105,00   605,00",
        "Invoice      Total      Previously paid   This payment\nG000000001   1,000.00   395.00            605.00",
    ],
)
def test_what_is_paid_is_with_its_tax_and_without_what_was_paid_before(rows: str, policy: Policy) -> None:
    assert comes_to(f"Please apply 1400000001:\n\n{rows}", LEDGER, policy) == f"applied {FIRST}=605.00"


@pytest.mark.parametrize(
    "words",
    [
        "Payment 1400000001 to G000000001. Our partner ID, as requested, is 7980154.",
        "Zahlung 1400000001 auf G000000001. Ich gebe Ihnen auch unsere Partner-ID an: 7980154.",
        "Betaling 1400000001 op G000000001. Ons partnernummer is trouwens 7980154.",
        "Paiement 1400000001 sur G000000001. Notre identifiant partenaire est le 7980154.",
    ],
)
def test_a_partner_id_is_told_in_words(words: str, policy: Policy) -> None:
    assert comes_to(words, LEDGER, policy) == "rejected partner_mismatch"


def test_the_number_of_a_paper_is_no_amount(policy: Policy) -> None:
    rows = "Our wire   Your payment   Your invoice   Amount\nA-78       1400000001     G000000001     $500.00"
    dollars = snapshot(payment(currency="USD"), invoice(currency="USD"))
    assert comes_to(f"Apply these please:\n\n{rows}", dollars, policy) == f"applied {FIRST}=500.00"


def test_what_was_kept_back_and_what_was_paid_come_to_the_invoice(policy: Policy) -> None:
    words = (
        "Factuur G000000001 is € 1.000,00. De bank heeft € 15,00 kosten ingehouden, die brengen wij in mindering. "
        "Willen jullie uit betaling 1400000001 € 985,00 op deze factuur boeken?"
    )
    assert comes_to(words, LEDGER, policy) == f"applied {FIRST}=985.00"
