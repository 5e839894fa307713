"""In which language a page is read, and how its texts get into it.

Texts stand in English where they are said: `_("…")` in templates, and in modules `_("…")` marks one that is translated
when it is shown. What is put together in Python says `said(_("… %(name)s …"), name=…)`, in the language of the page
that is being answered, which `speak` sets once the visitor is known. Pages are written in the languages that have a
catalogue (mail/locale); whoever reads another one gets English throughout, since half a page in one language helps
nobody.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Final

from babel.core import get_global
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.requests import Request

from parley.domain.site import Site
from parley.domain.user import User
from parley.mail.languages import LANGUAGE_TAGS, Language, has_words, language, language_id_of, words_said_in
from parley.mail.rendering import translator
from parley.services.profiles import profile_of

#: Languages of a header that are looked at, and characters of one name.
_MOST_WANTED: Final = 20
_WANTED: Final = re.compile(r"([A-Za-z0-9*-]{1,35})(?:\s*;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?))?")
_NUMBERS: Final = {tag.casefold(): number for tag, number in LANGUAGE_TAGS.items()}
_LONGEST_HEADER: Final = 500

_spoken: ContextVar[Language | None] = ContextVar("language of the page", default=None)


def language_for(request: Request, user: User | None = None, site: Site | None = None) -> Language:
    """The language of a page.

    That of the account that is signed in; else the one that the browser asks for first among those that pages are
    written in; else the site's; else English.

    Args:
        user: who is signed in; None: nobody.
        site: None: the page belongs to none.
    """
    own = profile_of(user).language_id if user is not None else None
    wanted = own or _asked_for(request.headers.get("accept-language", "")[:_LONGEST_HEADER])
    return language(wanted or (language_id_of(site.settings.language) if site is not None else None))


@lru_cache(maxsize=256)
def _asked_for(header: str) -> int | None:
    """The number of the language that an Accept-Language header asks for first; None: of none that there is."""
    found: list[tuple[float, int]] = []
    for part in header.split(",")[:_MOST_WANTED]:
        fitting = _WANTED.fullmatch(part.strip())
        number = _number_of(fitting[1]) if fitting else None
        if fitting and number is not None and (weight := float(fitting[2] or 1)):
            found.append((-weight, number))
    return min(found, key=lambda each: each[0])[1] if found else None


def _number_of(tag: str) -> int | None:
    """The language for a tag: its own, else the one that its region follows, else the first of the same name."""
    name, _, region = tag.casefold().partition("-")
    if not has_words(name):
        return None
    parent = get_global("parent_exceptions").get(f"{name}_{region.upper()}", "").replace("_", "-").casefold()
    alike = (number for other, number in _NUMBERS.items() if other.partition("-")[0] == name)
    return _NUMBERS.get(tag.casefold()) or _NUMBERS.get(parent) or next(alike, None)


def speak(language: Language) -> None:
    """From now on pages that are made for this request are in this language."""
    _spoken.set(language)


def spoken() -> Language:
    """The language of the page that is being answered; English where none was set."""
    return _spoken.get() or language(None)


def is_spoken() -> bool:
    """Whether the language of the page is known."""
    return _spoken.get() is not None


def said(text: str, /, **values: Any) -> str:
    """A text in the language of the page that is being answered, with values for its %(names)s; not escaped."""
    words = spoken().translate(text)
    return words % values if values else words


def words_of_rooms() -> dict[str, str]:
    """What the scripts of a room's page and its server say, in the language of the page; English texts are the keys."""
    return words_said_in(spoken().locale.language, "rooms/", "web/static/room/")


@pass_context
def in_page(context: Context, text: str, /, **values: Any) -> str | Markup:
    """What templates call as `_` where a page gives them nothing else."""
    return translator(spoken())(context, text, **values)
