"""The inspector: the requests that programs sent to the site, with their answers, for administrators."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

import msgspec
from lxml import etree
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute

from parley.contract import SCHEMAS
from parley.domain.site import Site
from parley.protocol.codec import Problems, decoder
from parley.protocol.envelope import Content
from parley.protocol.masking import STARS
from parley.protocol.versions import Level
from parley.services.dispatcher import answer_contents
from parley.services.inspector import MOST, Inspector, Seen, TooManyKept
from parley.services.registry import Operation, find
from parley.services.site_changes import change_site
from parley.web.console import documents
from parley.web.console.admin_fields import author_of
from parley.web.console.shell import ConsoleCall, Shell, administers
from parley.web.render import PRIVATE, SAFETY

_PLACE: Final = "inspector"
#: Of a document the page shows so many characters; with what escaping adds it stays small.
_SHOWN: Final = 7_000
#: Rows of the list.
_MOST_ROWS: Final = 200
_NAME: Final = re.compile(r"[0-9a-f]{16}")


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


def routes(shell: Shell) -> list[BaseRoute]:
    """The routes of the area."""
    return [
        shell.page("/inspector", _requests),
        shell.page("/inspector/empty", _emptied, ("POST",)),
        shell.page("/inspector/switch", _switched, ("POST",)),
        shell.page("/inspector/{name}", _request, ("GET", "POST")),
        shell.page("/inspector/{name}/{part}", _text),
    ]


def _inspector(console: ConsoleCall) -> Inspector | None:
    """The inspector, None when the server offers none.

    Raises:
        HTTPException: 403, the visitor does not administer the site.
    """
    if not administers(console.user):
        raise HTTPException(403)
    return console.application.inspector


async def _requests(console: ConsoleCall) -> Response:
    """The list, filtered."""
    inspector = _inspector(console)
    if inspector is None:
        return console.show("inspector_off.html", place=_PLACE)
    wanted = {name: console.text(name.upper())[:100] for name in ("operation", "caller", "result")}
    found = [each for each in await inspector.seen(console.site.site_id) if _fits(each, wanted)]
    return console.show(
        "inspector.html",
        place=_PLACE,
        script=True,
        on=console.site.settings.inspector,
        wanted=wanted,
        query=urlencode({name.upper(): value for name, value in wanted.items() if value}),
        count=len(found),
        found=found[:_MOST_ROWS],
        when=_when,
        most=MOST,
    )


async def _emptied(console: ConsoleCall) -> Response:
    """Forget the requests that are not kept."""
    inspector = _inspector(console)
    if inspector is not None:
        await inspector.clear(console.site.site_id)
    return console.go(_PLACE)


async def _switched(console: ConsoleCall) -> Response:
    """Switch the inspector of the site on or off; what nobody keeps is forgotten when it goes off."""
    inspector = _inspector(console)
    if inspector is None:
        raise HTTPException(404)
    on = console.text("DO") == "on"

    def change(site: Site) -> Site:
        return msgspec.structs.replace(site, settings=msgspec.structs.replace(site.settings, inspector=on))

    engine, site_id = console.application.engine, console.site.site_id
    await change_site(engine, site_id, change, author_of(console), console.now)
    await console.application.sites.reload(site_id)
    if not on:
        await inspector.clear(site_id)
    return console.go(_PLACE, "inspector-on" if on else "inspector-off")


def _fits(seen: Seen, wanted: dict[str, str]) -> bool:
    request = seen.request
    if wanted["result"] and wanted["result"] not in (request.result, request.code):
        return False
    caller = (request.caller or "").casefold()
    return wanted["operation"].casefold() in request.operation.casefold() and wanted["caller"].casefold() in caller


async def _request(console: ConsoleCall) -> Response:
    """One request; a POST keeps it, forgets it, or asks it again."""
    inspector, seen = await _named(console, console.call.request.path_params["name"])
    if not console.posted:
        return _shown(console, seen)
    wish = console.text("DO")
    if wish == "replay":
        return await _replayed(console, seen)
    try:
        await (inspector.keep if wish == "keep" else inspector.forget)(console.site.site_id, seen)
    except TooManyKept:
        return _shown(console, seen, 400, wrong=_("As many requests are kept as can be: forget some of them first."))
    return console.go(f"{_PLACE}/{seen.name}" if wish == "keep" else _PLACE)


async def request_named(console: ConsoleCall, name: str) -> Seen:
    """A request that the inspector has, for administrators.

    Raises:
        HTTPException: 404, the site has none of that name; 403, it is not the visitor's to see.
    """
    return (await _named(console, name))[1]


async def _named(console: ConsoleCall, name: str) -> tuple[Inspector, Seen]:
    inspector = _inspector(console)
    if inspector is not None and _NAME.fullmatch(name):
        seen = await inspector.find(console.site.site_id, name)
        if seen is not None:
            return inspector, seen
    raise HTTPException(404)


async def _text(console: ConsoleCall) -> Response:
    """All of a text of which the page shows the beginning."""
    request = (await request_named(console, console.call.request.path_params["name"])).request
    address = documents.address_of(console)
    write = {
        "request": lambda: request.request,
        "answer": lambda: request.answer,
        "curl": lambda: documents.as_curl(address, request.request),
        "python": lambda: documents.as_python(address, request.request),
    }.get(console.call.request.path_params["part"])
    if write is None:
        raise HTTPException(404)
    return PlainTextResponse(write(), headers={**SAFETY, **PRIVATE})


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}\n..."


def _shown(
    console: ConsoleCall, seen: Seen, status: int = 200, *, wrong: str | None = None, again: str | None = None
) -> Response:
    request = seen.request
    content = documents.content_of(request.request, request.operation)
    operation = find(request.operation)
    address = documents.address_of(console)
    return console.show(
        "inspector_request.html",
        status,
        place=_PLACE,
        seen=seen,
        request=request,
        operation=operation,
        level=console.call.known.level,
        when=_when,
        short=_short,
        pretty_request=documents.indented(request.request),
        pretty_answer=documents.indented(request.answer),
        again=again,
        wrong=wrong,
        changes=operation is not None and documents.changes_something(operation),
        starred=content is not None and documents.has_stars(content),
        notes=_document_notes(request.request) + _notes(operation, content, console.call.known.level),
        curl=documents.as_curl(address, request.request),
        python=documents.as_python(address, request.request),
    )


async def _replayed(console: ConsoleCall, seen: Seen) -> Response:
    """Ask again, in the name of the visitor."""
    operation = find(seen.request.operation)
    content = documents.content_of(seen.request.request, seen.request.operation)
    if operation is None or content is None:
        return _shown(console, seen, 400, wrong=_("This cannot be asked again: it cannot be read."))
    if documents.has_stars(content):
        return _shown(console, seen, 400, wrong=_("This cannot be asked again: the passwords in it were not kept."))
    if documents.changes_something(operation) and not console.text("SURE"):
        return _shown(console, seen, 400, wrong=_("Tick that you want to change something."))
    answer = await answer_contents(console.application, [content], console.credentials(console.user))
    return _shown(console, seen, again=documents.shown_answer(answer))


def _document_notes(document: str) -> list[tuple[str, dict[str, str]]]:
    """What a strict reader would not have let pass in a document, apart from its elements; as `_notes`."""
    notes: list[tuple[str, dict[str, str]]] = []
    if document.lstrip("\ufeff")[:1].isspace() and document.lstrip("\ufeff \t\r\n").startswith("<?xml"):
        notes.append((_("White space before the XML declaration was passed over."), {}))
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
    with contextlib.suppress(etree.XMLSyntaxError, ValueError):
        etree.fromstring(documents.without_declaration(document).encode(), parser)
    if any(entry.domain == etree.ErrorDomains.NAMESPACE for entry in parser.error_log):
        notes.append((_("Prefixes that are not declared were read as if they were."), {}))
    return notes


def _notes(operation: Operation | None, content: Content | None, level: Level) -> list[tuple[str, dict[str, str]]]:
    """What reading the request passed over or made something of: texts, and what stands in their places."""
    if operation is None or content is None:
        return []
    problems = Problems()
    decoder(operation.request, level)(content.element, problems)
    passed = _("%(path)s is not known at level %(level)s and was passed over.")
    notes = [(passed, {"path": path, "level": level.text}) for path in problems.unknown]
    notes += [("%(text)s", {"text": f"{e.path}: {e.message}"}) for e in problems.items if STARS not in e.value]
    own = {schema.namespace for schema in SCHEMAS}
    if any(etree.QName(e).namespace not in own for e in content.element.iter() if isinstance(e.tag, str)):
        notes.append((_("Elements without their namespace were read by their local names."), {}))
    return notes


def _when(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
