"""Pages as HTML: templates, and the headers that every page carries."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse, Response

from parley.web.words import in_page, spoken

HERE: Final = Path(__file__).parent

#: Nothing is loaded but our own stylesheet, nothing runs, nobody frames a page. Links of the API hold tickets and
#: passwords in their addresses, so no address is told to anybody.
SAFETY: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}
#: For pages that belong to one person or are reached by a secret address.
PRIVATE: Final = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["_"] = in_page
    return environment


def rendered(template: str, **values: Any) -> str:
    """The HTML of a template, in the language of the page that is being answered (see `web.words`)."""
    values.setdefault("lang", spoken().tag)
    return _templates().get_template(template).render(values)


def page(template: str, status: int = 200, headers: dict[str, str] | None = None, **values: Any) -> Response:
    """A page from a template; `headers` come on top of those that every page has."""
    return HTMLResponse(rendered(template, **values), status, {**SAFETY, **(headers or {})})


def private_page(template: str, status: int = 200, headers: dict[str, str] | None = None, **values: Any) -> Response:
    """A page that nobody but the person who asked for it is to keep."""
    return page(template, status, {**PRIVATE, **(headers or {})}, **values)


def message(title: str, text: str, status: int = 200, **more: Any) -> Response:
    """A page that says one thing.

    Args:
        more: `hint`: a second sentence; `link` and `link_text`: where to go from here; `shown`: an address to show.
    """
    values = {"hint": None, "link": None, "link_text": None, "shown": None, **more}
    return private_page("message.html", status, title=title, text=text, **values)
