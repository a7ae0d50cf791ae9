"""One route of the API, declared once: what it takes and answers is read from its function's own types.

The server follows the declaration, and the document is written from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from inspect import getdoc
from typing import get_type_hints

from processor.console.api.problems import Code
from processor.console.api.shape import Asked, Sent, Shape
from processor.console.guard import LONGEST
from processor.console.permissions import Permission

PREFIX = "/api/v1"


@dataclass(frozen=True)
class Endpoint:
    """A route. `act` takes the visit, and parameters and body by their classes; `may` are its problems of its own."""

    method: str
    path: str
    act: Callable[..., Shape]
    needs: Permission | None = Permission.READ
    may: tuple[Code, ...] = ()
    longest: int = LONGEST  # bytes of its body

    @cached_property
    def name(self) -> str:
        """Its name in the document."""
        return self.act.__name__

    @cached_property
    def words(self) -> str:
        """What it does."""
        return getdoc(self.act) or ""

    @cached_property
    def asked(self) -> type[Asked] | None:
        """What its address may ask."""
        return next((one for one in self._classes() if issubclass(one, Asked)), None)

    @cached_property
    def sent(self) -> type[Sent] | None:
        """What its body is."""
        return next((one for one in self._classes() if issubclass(one, Sent)), None)

    @cached_property
    def answer(self) -> type[Shape]:
        """What it answers."""
        return next(one for one in self._classes() if issubclass(one, Shape))

    @cached_property
    def problems(self) -> tuple[Code, ...]:
        """Every problem that it may answer."""
        common = (Code.UNAUTHENTICATED, Code.TOO_MANY, Code.UNAVAILABLE)
        allowed = (Code.FORBIDDEN,) if self.needs else ()
        taken = (Code.INVALID,) if self.asked or self.sent else ()
        read = (Code.MALFORMED, Code.TOO_LARGE, Code.MEDIA_TYPE) if self.sent else ()
        return (*common, *allowed, *taken, *read, *self.may)

    def _classes(self) -> list[type]:
        return [one for one in get_type_hints(self.act).values() if isinstance(one, type)]
