"""The languages of mails: which there are, their words, and how they write dates, times and lists.

A language is known by its languageID, which is its place in com:languageType (facts/user-site.md 4). The words of
English stand in the templates and messages; those of other languages in locale/LANGUAGE.po, read when first needed.
A language without such a file gets English throughout, dates too: half a mail in one language helps nobody.
"""

from __future__ import annotations

import gettext
from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import (
    format_date,
    format_skeleton,
    format_time,
    get_timezone_gmt,
    get_timezone_location,
    get_timezone_name,
)
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.units import format_unit

from parley.contract.common import LanguageType
from parley.domain import timezones

CATALOGUES: Final = Path(__file__).parent / "locale"

#: The locale of each language of the API; `read_catalogue` finds the words by the first part of the name.
_LOCALES: Final = {
    "ENGLISH": "en_US",
    "INTERNATIONAL ENGLISH": "en_GB",
    "SIMPLIFIED CHINESE": "zh_Hans_CN",
    "TRADITIONAL CHINESE": "zh_Hant_TW",
    "JAPANESE": "ja_JP",
    "KOREAN": "ko_KR",
    "FRENCH": "fr_FR",
    "CANADIAN FRENCH": "fr_CA",
    "GERMAN": "de_DE",
    "ITALIAN": "it_IT",
    "CASTILIAN SPANISH": "es_ES",
    "LATIN AMERICAN SPANISH": "es_419",
    "SWEDISH": "sv_SE",
    "DUTCH": "nl_NL",
    "BRAZILIAN PORTUGUESE": "pt_BR",
    "PORTUGUESE": "pt_PT",
    "SPANISH": "es_ES",
}
_MINUTES_IN_HOUR: Final = 60
_SOFT_HYPHEN: Final = "\u00ad"


class Language(NamedTuple):
    """A language that mails are written in.

    Attributes:
        language_id: its number in the API.
        locale: how it writes dates and numbers.
        words: its translations.
    """

    language_id: int
    locale: Locale
    words: gettext.NullTranslations

    @property
    def tag(self) -> str:
        """The value of `lang` in HTML and of Content-Language: `de-DE`."""
        return str(self.locale).replace("_", "-")

    def translate(self, text: str) -> str:
        """An English text in this language."""
        return self.words.gettext(text)

    def day(self, day: date) -> str:
        """A date with its weekday, in full."""
        return format_date(day, "full", locale=self.locale)

    def short_day(self, day: date) -> str:
        """A date without its weekday."""
        return format_date(day, "long", locale=self.locale)

    def time(self, moment: datetime) -> str:
        """A time of day, as it is in the moment's own zone."""
        return format_time(moment.time(), "short", locale=self.locale)

    def zone(self, moment: datetime) -> str:
        """The name of the moment's zone and how far it is ahead of GMT."""
        zone = moment.tzinfo or UTC
        return f"{_zone_name(moment, zone, self.locale)}, {get_timezone_gmt(moment, 'long', locale=self.locale)}"

    def zone_text(self, zone_id: int, instant: int) -> str:
        """The text of one of the API's time zones at an instant in UTC epoch seconds: how far ahead, and a city."""
        if self.locale.language == "en":
            return timezones.description(zone_id, instant)
        return _zone_text(zone_id, timezones.offset_minutes(zone_id, instant), self.locale)

    def month(self, month: date) -> str:
        """A month with its year."""
        return str(format_skeleton("yMMMM", month, locale=self.locale))

    def number(self, number: float, digits: int = 0) -> str:
        """A number, with so many digits after the point."""
        return format_decimal(round(number, digits), locale=self.locale)

    def length(self, minutes: int) -> str:
        """A length of time in hours and minutes."""
        hours, rest = divmod(minutes, _MINUTES_IN_HOUR)
        parts = [(hours, "duration-hour"), (rest, "duration-minute")]
        shown = [(count, unit) for count, unit in parts if count] or [(0, "duration-minute")]
        return " ".join(format_unit(count, unit, "long", locale=self.locale) for count, unit in shown)

    def listed(self, names: Sequence[str]) -> str:
        """Names in a row: `Monday, Tuesday and Friday`."""
        return format_list(list(names), locale=self.locale)

    def weekday(self, number: int) -> str:
        """The name of a weekday; Monday is 0."""
        return str(self.locale.days["stand-alone"]["wide"][number])


@lru_cache(maxsize=1024)
def _zone_text(zone_id: int, offset: int, locale: Locale) -> str:
    sign, ahead = "-" if offset < 0 else "+", abs(offset)
    city = get_timezone_location(ZoneInfo(timezones.zone(zone_id).iana), locale=locale, return_city=True)
    return f"GMT{sign}{ahead // 60:02}:{ahead % 60:02}, {city.replace(_SOFT_HYPHEN, '')}"


def _zone_name(moment: datetime, zone: tzinfo, locale: Locale) -> str:
    return get_timezone_name(moment if moment.tzinfo else zone, "long", locale=locale)


@lru_cache(maxsize=64)
def language(language_id: int | None) -> Language:
    """The language with this number; English for one that is unknown or has no words here."""
    names = LanguageType.values
    number = language_id if language_id is not None and 0 < language_id <= len(names) else 1
    locale = Locale.parse(_LOCALES[names[number - 1]])
    if locale.language == "en":
        return Language(number, locale, gettext.NullTranslations())
    words = read_catalogue(locale.language)
    return Language(number, locale, words) if words is not None else language(1)


@lru_cache(maxsize=64)
def read_catalogue(name: str) -> gettext.GNUTranslations | None:
    """The translations of locale/NAME.po; None when there is no such file."""
    catalogue = _catalogue(name)
    if catalogue is None:
        return None
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@lru_cache(maxsize=64)
def words_said_in(name: str, *folders: str) -> dict[str, str]:
    """The translations of locale/NAME.po for the texts that files of these folders say, by the English text."""
    return {
        str(message.id): str(message.string)
        for message in _catalogue(name) or ()
        if message.id and any(place.startswith(folders) for place, _ in message.locations)
    }


def _catalogue(name: str) -> Catalog | None:
    path = CATALOGUES / f"{name}.po"
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return read_po(file, locale=name)


def is_spoken(name: str) -> bool:
    """Whether there are words in a language by its name in the API."""
    return has_words(_LOCALES[name].partition("_")[0])


def own_name(name: str) -> str:
    """What a language, by its name in the API, calls itself: `Deutsch (Deutschland)`."""
    found = Locale.parse(_LOCALES[name])
    text = found.get_display_name() or name
    return text[:1].upper() + text[1:]


def has_words(name: str) -> bool:
    """Whether there are words in a language: `de`; English has them without a catalogue."""
    return name == "en" or name in _catalogues()


@lru_cache(maxsize=1)
def _catalogues() -> frozenset[str]:
    return frozenset(path.stem for path in CATALOGUES.glob("*.po"))


def language_id_of(name: str | None) -> int | None:
    """The number of a language by its name in the API; None when it has none."""
    names = LanguageType.values
    return names.index(name) + 1 if name in names else None


#: The numbers of all languages by their tags; of several alike the first in the API's list comes first.
LANGUAGE_TAGS: Final = {
    _LOCALES[name].replace("_", "-"): number for number, name in enumerate(LanguageType.values, start=1)
}
