"""Brings the catalogues (src/parley/mail/locale/*.po) in line with the texts of mails and pages.

    .venv/bin/python scripts/write_words.py       new texts come in untranslated, those that are gone go

It says what is untranslated in each language. Translate that; tests/mail/test_languages.py fails until nothing is.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from parley.protocol.versions import CHANGES
from parley.web.problems import sentences

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGE: Final = ROOT / "src" / "parley"
LOCALE: Final = PACKAGE / "mail" / "locale"

#: How texts are taken out of files; a template that cannot be read is an error.
_TEMPLATE: Final = "jinja2.ext:babel_extract"
_OPTIONS: Final = {"silent": "false", "trimmed": "true"}
#: Files with texts, by folder: patterns of their names.
_FOLDERS: Final = {
    "mail/templates": {f"**.{ending}": _TEMPLATE for ending in ("mail", "html", "txt", "subject")},
    "mail/messages": {"**.py": "python"},
    "rooms": {"**.py": "python"},
    "web": {"**.py": "python"},
    "web/static/room": {"**.js": "javascript"},
    "web/templates": {"**.html": _TEMPLATE},
}


def texts() -> dict[str, list[str]]:
    """Every text that is to be translated, with the files that say it."""
    found: dict[str, list[str]] = {}
    for folder, methods in _FOLDERS.items():
        options = {pattern: _OPTIONS if method == _TEMPLATE else {} for pattern, method in methods.items()}
        for name, _, text, _, _ in extract_from_dir(
            PACKAGE / folder, list(methods.items()), options, keywords={"_": None}
        ):
            for each in (text,) if isinstance(text, str) else text:
                places = found.setdefault(each, [])
                place = f"{folder}/{name}"
                if place not in places:
                    places.append(place)
    for sentence in sentences():
        found.setdefault(sentence, []).append("protocol/faults.py")
    for change in CHANGES:
        found.setdefault(change.summary, []).append("protocol/versions.py")
    return dict(sorted(found.items(), key=lambda item: (item[1], item[0])))


def catalogue_of(path: Path, known: Catalog) -> tuple[bytes, list[str]]:
    """The file of a language as it is to be, and what it lacks; `known` has the translations so far."""
    language = path.stem
    new = Catalog(locale=language, project="Parley", charset="utf-8", fuzzy=False)
    lacks: list[str] = []
    for text, places in texts().items():
        old = known.get(text)
        words = old.string if old is not None else ""
        if not words:
            lacks.append(text)
        new.add(text, words, locations=[(place, 1) for place in places])
    file = BytesIO()
    write_po(file, new, width=120, omit_header=True, include_lineno=False)
    return _HEADER.format(language=language).encode() + file.getvalue(), lacks


_HEADER: Final = """# Mails and pages of Parley in this language; see scripts/write_words.py.
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
        content, lacks = catalogue_of(path, known)
        path.write_bytes(content)
        print(f"{path.relative_to(ROOT)}: {len(lacks)} untranslated")
        for text in lacks:
            print(f"    {text}")


if __name__ == "__main__":
    main()
