"""Near misses of an address, to show people. No address is ever *taken* for a near one: identity compares exactly."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Letters that pass for others, and pairs that pass for one.
_TWINS = str.maketrans(
    {
        **dict(zip("01358", "olesb", strict=True)),
        **dict(
            zip("\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u051b", "aeopcyxijsq", strict=True)
        ),  # Cyrillic
        **dict(zip("\u03bf\u03b1\u03bd\u03c1\u03c4\u0131\u0142\u0261", "oavptilg", strict=True)),  # Greek, and strokes
    }
)
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"), ("l", "i"))
_CHANGES_MAX = 2
_LETTERS_PER_CHANGE = 4  # among short names everything is near
_LENGTH_MAX = 253  # RFC 1035 section 2.3.4


def look_alike(address: str, known: Iterable[str]) -> str:
    """Return the first known address that this one resembles and is not, or nothing. `@domain` is a whole domain."""
    local, _, domain = address.lower().rpartition("@")
    candidates = [one.lower() for one in known]
    if address.lower() in candidates or f"@{domain}" in candidates:
        return ""
    return next((one for one in candidates if _resembles(local, domain, one)), "")


def _resembles(local: str, domain: str, known: str) -> bool:
    known_local, _, known_domain = known.rpartition("@")
    if domain == known_domain:
        return bool(known_local) and _near(_skeleton(local), _skeleton(known_local))
    return _domain_resembles(domain, known_domain)


def _domain_resembles(domain: str, known: str) -> bool:
    """Tell whether a domain passes for another: other spelling, other ending, or the name put into a longer one."""
    mine, theirs = _skeleton(domain), _skeleton(known)
    name = theirs.rpartition(".")[0] or theirs
    return _near(mine.rpartition(".")[0], name) or theirs in mine or name in mine.split(".")


def _skeleton(text: str) -> str:
    """Reduce a name to what the eye sees: A-labels decoded, accents and hyphens dropped, twins made one."""
    decoded = ".".join(_label(label) for label in text.split("."))
    plain = "".join(char for char in unicodedata.normalize("NFKD", decoded.lower()) if not unicodedata.combining(char))
    plain = plain.translate(_TWINS).replace("-", "")
    for pair, one in _PAIRS:
        plain = plain.replace(pair, one)
    return plain


def _label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode().decode("punycode")
    except UnicodeError:
        return label


def _near(one: str, other: str) -> bool:
    """Tell whether few changes (a letter more, less or other, two neighbours swapped) lie between two texts."""
    most = min(len(one), len(other)) // _LETTERS_PER_CHANGE
    if abs(len(one) - len(other)) > min(most, _CHANGES_MAX) or max(len(one), len(other)) > _LENGTH_MAX:
        return False
    before, above = list(range(len(other) + 1)), list(range(len(other) + 1))
    for row, char in enumerate(one, 1):
        line = [row]
        for column, twin in enumerate(other, 1):
            cost = min(above[column] + 1, line[-1] + 1, above[column - 1] + (char != twin))
            if row > 1 and column > 1 and char == other[column - 2] and one[row - 2] == twin:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, above = above, line
    return above[-1] <= min(most, _CHANGES_MAX)
