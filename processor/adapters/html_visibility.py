"""What a reader of an HTML mail can't see: hidden by attribute, by style, by a simple style sheet, or by its colour."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_COMMENT = re.compile(r"/\*.{0,20000}?\*/", re.DOTALL)
_SELECTORS_MOST, _BODY_MOST = 500, 4_000  # characters that are looked at
_SELECTOR = re.compile(r"([a-z][a-z0-9]*)?(?:([.#])([\w-]+))?", re.IGNORECASE)
_NUMBER = re.compile(r"([+-]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}))(px|pt|em|rem|%|)\s*(?:!important)?", re.ASCII)
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})(?:[\s,/]+([\d.]+%?))?\s*\)", re.ASCII)
_HEX = re.compile(r"#?([0-9a-f]{3,8})", re.ASCII)
_NAMED = {"white": 0xFFFFFF, "black": 0, "snow": 0xFFFAFA, "ivory": 0xFFFFF0, "whitesmoke": 0xF5F5F5, "red": 0xFF0000,
          "ghostwhite": 0xF8F8FF, "blue": 0xFF, "yellow": 0xFFFF00, "gray": 0x808080, "grey": 0x808080,
          "silver": 0xC0C0C0, "lime": 0xFF00, "green": 0x8000, "navy": 0x80, "lightyellow": 0xFFFFE0,
          "lightgray": 0xD3D3D3, "lightgrey": 0xD3D3D3, "floralwhite": 0xFFFAF0, "window": 0xFFFFFF,
          "windowtext": 0}  # fmt: skip
_NAMED["transparent"] = _CLEAR = -1
_UNKNOWN = -2  # a picture or a gradient: nothing is known to vanish on it
_WHITE = 0xFFFFFF
_TINY = {"px": 1.0, "pt": 1.0, "em": 0.1, "rem": 0.1, "%": 10.0, "": 0.0}
_NEAR = 12  # of 255: the eye sees no letter in so small a step
_FAR_OUT = -500.0  # px: outside any window


@dataclass(frozen=True, slots=True)
class Look:
    """What an element inherits: its colours as 0xRRGGBB and whether anything above hides it."""

    colour: int = 0
    background: int = _WHITE
    hidden: bool = False
    tiny: bool = False


class StyleSheet:
    """The rules of a mail's own style sheets that hide or colour by tag, class or id. Media blocks don't count."""

    def __init__(self, css: str) -> None:
        self.looks: dict[tuple[object, ...], Look] = {}  # worked out before, as paragraphs of one kind look alike
        self._rules: dict[str, dict[str, str]] = {}
        for selectors, body in _rules(_outside_media(css)):
            wanted = {key: value for key, value in declarations(body).items() if key in _MATTERS}
            if wanted:
                for selector in selectors.split(","):
                    self._add(selector.strip(), wanted)

    def _add(self, selector: str, wanted: dict[str, str]) -> None:
        """Keep a rule by its selector; of one that names what stands above, the background alone: it hides nothing."""
        last = selector.replace(">", " ").split()[-1:]
        if not last or not _SELECTOR.fullmatch(last[0]):
            return
        if last[0] != selector:
            wanted = {name: value for name, value in wanted.items() if name.startswith("background")}
        self._rules.setdefault(last[0].lower(), {}).update(wanted)

    def style_of(self, tag: str, attributes: Mapping[str, str]) -> dict[str, str]:
        """Return what tag, classes and id say, the more exact last."""
        if not self._rules:
            return {}
        names = ["." + name for name in attributes.get("class", "").lower().split()]
        if attributes.get("id"):
            names.append("#" + attributes["id"].lower())
        found: dict[str, str] = {}
        for key in (tag, *names, *(tag + name for name in names)):
            found.update(self._rules.get(key, {}))
        return found


_MATTERS = frozenset({
    "display", "visibility", "font-size", "font", "color", "background", "background-color", "background-image",
    "mso-hide", "opacity", "overflow", "height", "max-height", "width", "max-width", "position", "left", "top",
    "text-indent",
})  # fmt: skip


def _rules(css: str) -> Iterator[tuple[str, str]]:
    """Yield selectors and declarations of each rule; of nested ones the innermost."""
    for block in css.split("}")[:-1]:
        before, brace, body = block.rpartition("{")
        selectors = before.rpartition("{")[2][-_SELECTORS_MOST:]
        if brace and selectors and len(body) <= _BODY_MOST:
            yield selectors, body


def _outside_media(css: str) -> str:
    """Leave out at-rules with their blocks, and comments."""
    css = _COMMENT.sub(" ", css.replace("<!--", " ").replace("-->", " "))
    out: list[str] = []
    depth = skipping = 0
    for piece in re.split(r"([{}])", css):
        if piece == "{":
            depth += 1
        elif piece == "}":
            depth = max(0, depth - 1)
            if skipping and depth < skipping:
                skipping = 0
                continue
        elif "@" in piece and not skipping:
            skipping = depth + 1
            continue
        if not skipping:
            out.append(piece)
    return "".join(out)


def declarations(style: str) -> dict[str, str]:
    """Split `a: b; c: d` into lower-case names and values."""
    found: dict[str, str] = {}
    for item in style.split(";"):
        name, colon, value = item.partition(":")
        if colon:
            found[name.strip().lower()] = value.strip().lower()
    return found


def look_of(tag: str, attributes: Mapping[str, str], above: Look, sheet: StyleSheet) -> Look:
    """Return how an element looks, given what stands above it."""
    key = (tag, above, *map(attributes.get, _TELLING))
    if key not in sheet.looks:
        sheet.looks[key] = _look(tag, attributes, above, sheet)
    return sheet.looks[key]


def _look(tag: str, attributes: Mapping[str, str], above: Look, sheet: StyleSheet) -> Look:
    style = sheet.style_of(tag, attributes)
    if "style" in attributes:
        style.update(declarations(attributes["style"]))
    if not style and not _COLOURING.intersection(attributes):
        return above
    colour = _colour(style.get("color") or attributes.get("color") or attributes.get("text"))
    background = _background(style, attributes)
    look = replace(
        above,
        colour=above.colour if colour is None else colour,
        background=above.background if background is None else background,
        tiny=_is_tiny(style.get("font-size") or _font_size(style.get("font")), above=above.tiny),
    )
    return replace(look, hidden=above.hidden or "hidden" in attributes or _is_hidden(style))


_COLOURING = frozenset({"color", "bgcolor", "text", "hidden", "style"})
_TELLING = ("class", "id", *sorted(_COLOURING))


def is_visible(look: Look) -> bool:
    """Tell whether letters of this look can be seen."""
    return not (look.hidden or look.tiny or _same(look.colour, look.background))


def _is_hidden(style: Mapping[str, str]) -> bool:
    def says(name: str, *words: str) -> bool:
        return style.get(name, "").removesuffix("!important").strip() in words

    if says("display", "none") or says("visibility", "hidden", "collapse") or says("mso-hide", "all"):
        return True
    if _is_zero(style.get("opacity")) or _length(style.get("text-indent")) <= _FAR_OUT:
        return True
    if says("overflow", "hidden") and any(
        _is_zero(style.get(name)) for name in ("height", "max-height", "width", "max-width")
    ):
        return True
    return (
        says("position", "absolute", "fixed") and min(_length(style.get("left")), _length(style.get("top"))) <= _FAR_OUT
    )


def _is_tiny(size: str | None, *, above: bool) -> bool:
    match = _NUMBER.fullmatch(size or "")
    return above if match is None else float(match[1]) <= _TINY[match[2]]


def _is_zero(value: str | None) -> bool:
    match = _NUMBER.fullmatch(value or "")
    return match is not None and float(match[1]) == 0


def _length(value: str | None) -> float:
    match = _NUMBER.fullmatch(value or "")
    return float(match[1]) if match else 0.0


def _font_size(font: str | None) -> str | None:
    """The size inside a `font` shorthand: the first word that starts with a digit."""
    word = next((word for word in (font or "").split() if word[0] in "0123456789."), None)
    return word.partition("/")[0] if word else None


def _background(style: Mapping[str, str], attributes: Mapping[str, str]) -> int | None:
    """Return the background's colour, None where nothing is said, `_UNKNOWN` behind a picture."""
    shorthand = style.get("background", "")
    if "url(" in shorthand or "gradient" in shorthand or "url(" in style.get("background-image", ""):
        return _UNKNOWN
    colour = _colour(style.get("background-color"))
    if colour is None and shorthand:
        words = [shorthand] if shorthand.startswith("rgb") else shorthand.split()
        colour = next((found for found in map(_colour, words) if found is not None), None)
    if colour is None:
        colour = _colour(attributes.get("bgcolor"))
    return None if colour == _CLEAR else colour


def _colour(value: str | None) -> int | None:
    value = (value or "").removesuffix("!important").strip().lower()
    if value in _NAMED:
        return _NAMED[value]
    rgb = _RGB.fullmatch(value)
    if rgb:
        return (
            _CLEAR
            if _is_zero(rgb[4])
            else min(int(rgb[1]), 255) << 16 | min(int(rgb[2]), 255) << 8 | min(int(rgb[3]), 255)
        )
    match = _HEX.fullmatch(value)
    if match and len(match[1]) in {3, 4}:
        return int("".join(letter * 2 for letter in match[1][:3]), 16)
    return int(match[1][:6], 16) if match and len(match[1]) in {6, 8} else None


def _same(colour: int, background: int) -> bool:
    if colour == _CLEAR or background == _UNKNOWN:
        return colour == _CLEAR
    return all(abs((colour >> shift & 255) - (background >> shift & 255)) <= _NEAR for shift in (16, 8, 0))
