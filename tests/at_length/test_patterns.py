"""No text makes a pattern slow: at most 50 ms for 100 KB, wherever and however the core looks for it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest

from processor.core.decide import decide
from tests import builders
from tests.core.attacks import SEEDS, SHORT, patterns, texts
from tests.core.pages import POLICY

LIMIT = 0.050  # seconds
BETWEEN = "Please apply payment 1400000001 to invoice G000000001 {} G000000002 but not 1400000002"
MORE = (
    " \n", "EUR 1.250,00 ", "wrote:\n", "From: a\n", "1) G000000001\n", "Content-Transfer-Encoding: base64\n",
    "Invoice\tAmount\n", "PS: \n", "Regards\n", "i meant, 500 ", "in full ", "全額 ", "訂正\n", "を除いて\n",
    "3 November ", "G000000001, ", "not G000000001, ", "> G000000001\nok\n", "Total (x): EUR 5,00 ", "has to wait\n",
)  # fmt: skip
PLAIN = 0.005  # what finding 50,000 words takes on a machine at rest


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def slack() -> float:
    """Tell how much slower than a machine at rest this one is just now."""
    plain, words = re.compile(r"\w+"), "a " * 50_000
    return max(1.0, seconds(lambda: plain.findall(words)) / PLAIN)


@pytest.mark.parametrize("name", sorted(patterns().keys() - SHORT))
def test_no_text_makes_a_pattern_slow(name: str) -> None:
    pattern, uses = patterns()[name]

    slow = [text for text, attack in texts().items() for use in uses if seconds(lambda: use(pattern, attack)) > LIMIT]  # noqa: B023
    again = [text for text in slow for use in uses if seconds(lambda: use(pattern, texts()[text])) > LIMIT * slack()]  # noqa: B023

    assert again == []


@pytest.mark.parametrize("seed", ["the ", "rest ", "please apply the ", "円", "a" * 50 + " "])
def test_looking_for_phrases_takes_time_in_proportion_to_the_text(seed: str) -> None:
    short, long = (seed * (size // len(seed)) for size in (8_000, 32_000))
    POLICY.phrases.find(long)

    base = min(seconds(lambda: POLICY.phrases.find(short)) for _ in range(3))

    assert min(seconds(lambda: POLICY.phrases.find(long)) for _ in range(3)) < 12 * base + 0.1 * slack()


@pytest.mark.parametrize("seed", [*SEEDS, *MORE])
def test_deciding_takes_time_in_proportion_to_the_mail(seed: str) -> None:
    ledger = builders.snapshot(builders.payment(), builders.invoice(), builders.invoice("G000000002"))
    mails = [builders.mail(BETWEEN.format(seed * (size // len(seed)))) for size in (2_000, 16_000)]

    decide(mails[0], ledger, POLICY)  # fills what is remembered

    short, long = (min(seconds(lambda mail=mail: decide(mail, ledger, POLICY)) for _ in range(2)) for mail in mails)  # type: ignore[misc]

    assert long < 24 * short + 0.3 * slack()  # eight times the text; its square would be 64
