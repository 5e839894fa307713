"""The words of mails and pages in their languages: complete, and in line with the texts that the files say."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from babel.messages.pofile import read_po

from parley.contract.common import LanguageType
from parley.mail.languages import CATALOGUES, LANGUAGE_TAGS, language, language_id_of
from scripts import write_words

COMPLETE = ("de", "es", "fr", "ja")
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
SUMMER = datetime(2026, 7, 3, 14, 30, tzinfo=ZoneInfo("Europe/Berlin"))


def test_german_french_spanish_and_japanese_have_words() -> None:
    assert sorted(path.stem for path in CATALOGUES.glob("*.po")) == sorted(COMPLETE)


@pytest.mark.parametrize("name", COMPLETE)
def test_every_text_is_translated_and_nothing_else(name: str) -> None:
    with (CATALOGUES / f"{name}.po").open("rb") as file:
        catalogue = read_po(file, locale=name, abort_invalid=True)
    messages = {str(each.id): each for each in catalogue if each.id}
    assert sorted(messages) == sorted(write_words.texts()), "run .venv/bin/python scripts/write_words.py"
    for text, message in messages.items():
        assert message.string, text
        assert not message.fuzzy, text
        assert sorted(PLACEHOLDER.findall(str(message.string))) == sorted(PLACEHOLDER.findall(text)), text
        assert "%" not in PLACEHOLDER.sub("", str(message.string)).replace("%%", ""), text


@pytest.mark.parametrize("name", COMPLETE)
def test_the_script_leaves_a_complete_catalogue_as_it_is(name: str) -> None:
    path = CATALOGUES / f"{name}.po"
    with path.open("rb") as file:
        known = read_po(file, locale=name)
    assert write_words.catalogue_of(path, known) == (path.read_bytes(), [])


def test_texts_are_found_in_templates_and_in_messages() -> None:
    texts = write_words.texts()
    assert "mail/templates/_entry.mail" in texts["Host key"]
    assert texts["Meeting scheduled"] == ["mail/messages/words.py"]
    assert "web/templates/console/sign_in.html" in texts["Sign in"]
    assert texts["Your profile was saved."] == ["web/console/words.py"]


def test_what_a_language_lacks_is_said() -> None:
    path = CATALOGUES / "de.po"
    with path.open("rb") as file:
        known = read_po(file, locale="de")
    known.delete("Sign in")
    content, lacks = write_words.catalogue_of(path, known)
    assert lacks == ["Sign in"]
    assert b'msgid "Sign in"\nmsgstr ""\n' in content


@pytest.mark.parametrize(
    ("number", "tag", "word"),
    [
        (1, "en-US", "Welcome"),
        (2, "en-GB", "Welcome"),
        (5, "ja-JP", "ようこそ"),
        (7, "fr-FR", "Bienvenue"),
        (8, "fr-CA", "Bienvenue"),
        (9, "de-DE", "Willkommen"),
        (11, "es-ES", "Le damos la bienvenida"),
        (12, "es-419", "Le damos la bienvenida"),
        (17, "es-ES", "Le damos la bienvenida"),
    ],
)
def test_the_number_of_a_language_says_how_it_is_written(number: int, tag: str, word: str) -> None:
    assert (language(number).tag, language(number).translate("Welcome")) == (tag, word)


@pytest.mark.parametrize("number", [None, 0, -1, 3, 4, 6, 10, 13, 14, 15, 16, 18, 10**9])
def test_a_language_without_words_is_english_dates_and_all(number: int | None) -> None:
    found = language(number)
    assert found.tag == "en-US"
    assert found.day(SUMMER) == "Friday, July 3, 2026"


def test_dates_times_and_zones_are_written_as_the_language_does() -> None:
    german, english, japanese = language(9), language(1), language(5)
    assert german.day(SUMMER) == "Freitag, 3. Juli 2026"
    assert german.short_day(SUMMER) == "3. Juli 2026"
    assert german.time(SUMMER) == "14:30"
    assert german.zone(SUMMER) == "Mitteleuropäische Sommerzeit, GMT+02:00"
    assert english.time(SUMMER).replace("\u202f", " ") == "2:30 PM"
    assert english.zone(SUMMER) == "Central European Summer Time, GMT+02:00"
    assert japanese.day(SUMMER) == "2026年7月3日金曜日"


@pytest.mark.parametrize(
    ("minutes", "text"), [(0, "0 Minuten"), (1, "1 Minute"), (60, "1 Stunde"), (150, "2 Stunden 30 Minuten")]
)
def test_lengths_are_hours_and_minutes(minutes: int, text: str) -> None:
    assert language(9).length(minutes) == text


def test_rows_of_names_have_the_languages_own_and() -> None:
    german = language(9)
    assert german.listed([german.weekday(0), german.weekday(2), german.weekday(4)]) == "Montag, Mittwoch und Freitag"


def test_languages_have_names_and_tags() -> None:
    assert language_id_of("GERMAN") == 9
    assert language_id_of("Klingon") is None
    assert language_id_of(None) is None
    assert sorted(set(LANGUAGE_TAGS.values())) == [
        number for number in range(1, len(LanguageType.values) + 1) if number != 11
    ]
    assert LANGUAGE_TAGS["es-ES"] == 17
