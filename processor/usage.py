"""What a user must mend before anything can be done."""

from __future__ import annotations


class WrongUsageError(Exception):
    """A command was called wrongly, or its settings are wrong; `problems` holds one sentence each."""

    def __init__(self, *problems: str) -> None:
        """Keep every problem."""
        super().__init__("\n".join(problems))
        self.problems = problems
