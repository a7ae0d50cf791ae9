"""No text makes a pattern outside the core slow either, in the way it is used; `make regexes` asks with longer ones."""

from __future__ import annotations

from tests.hostile.regexes import outside_the_core, slow_texts


def test_no_text_makes_a_pattern_slow() -> None:
    patterns = outside_the_core()

    slow = {name: slow_texts(name, pattern, 20_000) for name, pattern in patterns.items()}

    assert len(patterns) > 50
    assert {name: texts for name, texts in slow.items() if texts} == {}
