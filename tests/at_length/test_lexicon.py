"""Phrases as data: found in any spelling, within one sentence, at their place."""

from __future__ import annotations

import tomllib

import pytest

from processor import resources
from processor.core.characters import level
from processor.core.lexicon import Phrasebook, phrasebook
from tests.core.pages import POLICY

LEXICONS = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted((resources.folder("config") / "lexicon").glob("*.toml"))
}
EMPTY = {"function_words": ["the"], "grammar": {}}


def book(**tables: object) -> Phrasebook:
    return phrasebook({"en": EMPTY | tables})


def found(phrases: Phrasebook, text: str) -> list[tuple[str, str]]:
    return [(cue.kind, text[cue.start : cue.end]) for cue in phrases.find(text)]


@pytest.mark.parametrize(
    ("phrase", "text", "seen"),
    [
        ("in full", "Pay IN FULL now", ["IN FULL"]),
        ("in full", "in  full", ["in  full"]),
        ("in full", "in\nfull", ["in\nfull"]),
        ("in full", "join fully", []),
        ("déjà payé", "deja paye", ["deja paye"]),
        ("pay*", "paid, payable", ["payable"]),
        ("please .. apply", "please do go and apply it", ["please do go and apply"]),
        ("please .. apply", "please apply", ["please apply"]),
        ("please .. apply", "please one two three four five apply", []),
        ("please .. apply", "please. Now apply", []),
        ("please .. apply*", "please go and applying", ["please go and applying"]),
        ("what's left", "what's left", ["what's left"]),
        ("支払い", "御支払い済", ["支払い"]),
    ],
)
def test_a_phrase_is_found_where_it_stands(phrase: str, text: str, seen: list[str]) -> None:
    assert [words for _, words in found(book(cues={"it": [phrase]}), text)] == seen


def test_phrases_come_in_order_of_place_the_longer_first() -> None:
    phrases = book(cues={"one": ["open"], "two": ["open balance"]})

    assert found(phrases, "the open balance, open") == [
        ("cues.two", "open balance"),
        ("cues.one", "open"),
        ("cues.one", "open"),
    ]


def test_a_phrase_may_have_a_value() -> None:
    (cue,) = book(months={"may": 5}).find("in May")

    assert (cue.kind, cue.value, cue.language) == ("months", "5", "en")


@pytest.mark.parametrize("phrase", ["", "...", ".. left", "left ..", "*"])
def test_what_is_no_phrase_is_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match=r"lexicon en: cues\.it: .* is no phrase"):
        book(cues={"it": [phrase]})


def test_function_words_must_be_a_list() -> None:
    with pytest.raises(ValueError, match="lexicon en: function_words must be a list"):
        phrasebook({"en": {"function_words": "the", "grammar": {}}})


def test_function_words_are_counted_for_each_language() -> None:
    phrases = phrasebook(
        {"en": {"function_words": ["the", "of"], "grammar": {}}, "nl": {"function_words": ["de"], "grammar": {}}}
    )

    assert phrases.count("The end of the day, de facto") == {"en": 3, "nl": 1}


def test_every_language_has_the_same_kinds() -> None:
    kinds = {
        language: {
            f"{table}.{key}"
            for table in data
            if isinstance(data[table], dict)
            for key in data[table]
            if table not in {"counts", "months", "currency", "ordinals", "superlatives"}
        }
        for language, data in LEXICONS.items()
    }

    assert {language: sorted(kinds["en"] ^ own) for language, own in kinds.items()} == {
        language: [] for language in kinds
    }


@pytest.mark.parametrize("language", sorted(LEXICONS))
def test_every_month_has_a_name_in_every_language(language: str) -> None:
    months = {int(month) for month in LEXICONS[language]["months"].values()}

    assert months >= set(range(1, 13)) or language == "ja"


@pytest.mark.parametrize("language", sorted(LEXICONS))
def test_every_phrase_is_found_in_itself(language: str) -> None:
    lost = []
    for table, entries in LEXICONS[language].items():
        for key, phrases in entries.items() if isinstance(entries, dict) and table != "grammar" else ():
            for phrase in phrases if isinstance(phrases, list) else ():
                text = phrase.replace("*", "").replace("..", " ")
                kinds = {cue.kind for cue in POLICY.phrases.find(level(text))}
                lost += [phrase] if f"{table}.{key}" not in kinds else []

    assert lost == []


def test_every_lexicon_has_the_same_small_words() -> None:
    dutch = {"function_words": ["de"], "grammar": {"of": ["van"]}}

    with pytest.raises(ValueError, match=r"lexicon en: \[grammar\] must have of"):
        phrasebook({"en": EMPTY, "nl": dutch})


def test_so_many_words_are_remembered_and_no_more() -> None:
    phrases = book(cues={"it": ["w70000", "w1"]})

    cues = phrases.find(" ".join(f"w{number}" for number in range(70_001)))

    assert len(cues) == 2
    assert len(phrases.memory) <= 50_000


def test_so_many_nouns_are_remembered_and_no_more() -> None:
    phrases = book(cues={"invoice": ["invoice*"]}, grammar={"number": ["no"]})

    nouns = [phrases.is_noun(f"invoice{number}") for number in range(5_001)]

    assert all(nouns)
    assert len(phrases.nouns) == 5_000


def test_an_endless_compound_is_no_noun() -> None:
    phrases = book(cues={"invoice": ["rechnung*"]}, grammar={"number": ["nr"]})

    assert phrases.is_noun("rechnungskorrektur")
    assert not phrases.is_noun("rechnungs" * 5)
    assert phrases.nouns == {"rechnungskorrektur": True}


@pytest.mark.parametrize("language", sorted(LEXICONS))
def test_superlatives_mean_one_of_four(language: str) -> None:
    assert set(LEXICONS[language]["superlatives"].values()) == {"latest", "earliest", "largest", "smallest"}
