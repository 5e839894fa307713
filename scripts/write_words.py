"""Brings the catalogues of mails (src/parley/mail/locale/*.po) in line with the texts of templates and messages.

    .venv/bin/python scripts/write_words.py       new texts come in untranslated, those that are gone go

Then translate what is empty; tests/mail/test_languages.py fails until nothing is.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT: Final = Path(__file__).resolve().parent.parent
MAIL: Final = ROOT / "src" / "parley" / "mail"
LOCALE: Final = MAIL / "locale"

_TEMPLATES: Final = [(f"**.{ending}", "jinja2.ext:babel_extract") for ending in ("mail", "html", "txt", "subject")]
_FOLDERS: Final = {
    MAIL / "templates": _TEMPLATES,
    MAIL / "messages": [("**.py", "python")],
}


def texts() -> dict[str, list[str]]:
    """Every text that is to be translated, with the files that say it."""
    found: dict[str, list[str]] = {}
    for folder, methods in _FOLDERS.items():
        options: dict[str, dict[str, str]] = {pattern: {} for pattern, _ in methods}
        for name, _, text, _, _ in extract_from_dir(folder, methods, options, keywords={"_": None}):
            for each in (text,) if isinstance(text, str) else text:
                places = found.setdefault(each, [])
                place = f"{folder.name}/{name}"
                if place not in places:
                    places.append(place)
    return dict(sorted(found.items(), key=lambda item: (item[1], item[0])))


def catalogue_of(path: Path, known: Catalog) -> bytes:
    """The file of a language as it is to be: `known` has the translations so far."""
    language = path.stem
    new = Catalog(locale=language, project="Parley", charset="utf-8", fuzzy=False)
    for text, places in texts().items():
        old = known.get(text)
        new.add(text, old.string if old is not None else "", locations=[(place, 1) for place in places])
    file = BytesIO()
    write_po(file, new, width=120, omit_header=True, include_lineno=False)
    return _HEADER.format(language=language).encode() + file.getvalue()


_HEADER: Final = """# Mails of Parley in this language; see scripts/write_words.py.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def main() -> None:
    """Write all catalogues."""
    for path in sorted(LOCALE.glob("*.po")):
        with path.open("rb") as file:
            known = read_po(file, locale=path.stem)
        path.write_bytes(catalogue_of(path, known))
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
