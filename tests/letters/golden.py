"""Every specimen in every language, as files to be read: `python -m tests.letters.golden` writes them anew."""

from __future__ import annotations

from pathlib import Path

from processor.adapters.render import LetterRenderer
from processor.core.letter import LetterKind
from tests.letters.specimens import REFERENCE, answered, renderer, specimens

FOLDER = Path(__file__).parent / "golden"


def golden_letters(writer: LetterRenderer, language: str) -> dict[Path, str]:
    """Render every specimen of a language: one file per kind of letter."""
    files: dict[Path, str] = {}
    for name, letter in specimens(language).items():
        reference = "" if letter.kind is LetterKind.ACKNOWLEDGEMENT else REFERENCE
        written = writer.render(letter, answered(), reference, 1)
        path = FOLDER / language / f"{letter.kind}.txt"
        files[path] = files.get(path, "") + f"=== {name}\nSubject: {written.subject}\n\n{written.text}\n"
    return files


def write() -> None:
    """Write the files; those of letters that are no longer written go."""
    writer = renderer()
    files = {path: text for each in writer.languages for path, text in golden_letters(writer, each).items()}
    for path in set(FOLDER.glob("*/*.txt")) - set(files):
        path.unlink()
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
