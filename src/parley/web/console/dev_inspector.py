"""The inspector: the requests that programs sent to the site, with their answers, for administrators."""

from __future__ import annotations

import asyncio
import re
import shlex
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from lxml import etree
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute

from parley.contract import SCHEMAS
from parley.protocol.answer import Result, write_answer
from parley.protocol.codec import Problems, decoder, encoder
from parley.protocol.envelope import Content, read_message
from parley.protocol.faults import Fault
from parley.protocol.masking import STARS, masked
from parley.protocol.versions import Level
from parley.services.inspector import MOST, Inspector, Seen, TooManyKept
from parley.services.registry import Operation, find
from parley.web.console.shell import ConsoleCall, Shell, administers
from parley.web.reference.samples import pretty
from parley.web.render import PRIVATE, SAFETY

_PLACE: Final = "inspector"
#: The list looks for new requests by itself.
_POLICY: Final = f"{SAFETY['Content-Security-Policy']}; script-src 'self'; connect-src 'self'"
#: Of a document the page shows so many characters; with what escaping adds it stays small.
_SHOWN: Final = 7_000
_NAME: Final = re.compile(r"[0-9a-f]{16}")


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


def routes(shell: Shell) -> list[BaseRoute]:
    """The routes of the area."""
    return [
        shell.page("/inspector", _requests),
        shell.page("/inspector/empty", _emptied, ("POST",)),
        shell.page("/inspector/{name}", _request, ("GET", "POST")),
        shell.page("/inspector/{name}/{part}", _text),
    ]


def _inspector(console: ConsoleCall) -> Inspector | None:
    """The inspector, None when it is off.

    Raises:
        HTTPException: 403, the visitor does not administer the site.
    """
    if not administers(console.user):
        raise HTTPException(403)
    return console.application.inspector


async def _requests(console: ConsoleCall) -> Response:
    """The list, filtered."""
    inspector = _inspector(console)
    site_id = console.site.site_id
    if inspector is None:
        return console.show("inspector_off.html", place=_PLACE)
    wanted = {name: console.text(name.upper())[:100] for name in ("operation", "caller", "result")}
    kept = await asyncio.to_thread(inspector.kept, site_id)
    names = {each.name for each in kept}
    found = [each for each in [*inspector.seen(site_id), *kept] if each.kept or each.name not in names]
    response = console.show(
        "inspector.html",
        place=_PLACE,
        wanted=wanted,
        found=[each for each in found if _fits(each, wanted)],
        when=_when,
        workers=console.application.config.workers,
        most=MOST,
    )
    response.headers["Content-Security-Policy"] = _POLICY
    return response


async def _emptied(console: ConsoleCall) -> Response:
    """Forget the requests that are not kept."""
    inspector = _inspector(console)
    if inspector is not None:
        inspector.clear(console.site.site_id)
    return console.go(_PLACE)


def _fits(seen: Seen, wanted: dict[str, str]) -> bool:
    request = seen.request
    if wanted["result"] and wanted["result"] not in (request.result, request.code):
        return False
    caller = (request.caller or "").casefold()
    return wanted["operation"].casefold() in request.operation.casefold() and wanted["caller"].casefold() in caller


async def _request(console: ConsoleCall) -> Response:
    """One request; a POST keeps it, forgets it, or asks it again."""
    inspector, seen = await _named(console)
    if not console.posted:
        return _shown(console, seen)
    wish = console.text("DO")
    if wish == "replay":
        return await _replayed(console, seen)
    try:
        work = inspector.keep if wish == "keep" else inspector.forget
        await asyncio.to_thread(work, console.site.site_id, seen)
    except TooManyKept:
        return _shown(console, seen, 400, wrong=_("As many requests are kept as can be: forget some of them first."))
    return console.go(f"{_PLACE}/{seen.name}" if wish == "keep" else _PLACE)


async def _named(console: ConsoleCall) -> tuple[Inspector, Seen]:
    """The request that the address names.

    Raises:
        HTTPException: 404, the site has none of that name.
    """
    inspector = _inspector(console)
    name = console.call.request.path_params["name"]
    if inspector is not None and _NAME.fullmatch(name):
        seen = await asyncio.to_thread(inspector.find, console.site.site_id, name)
        if seen is not None:
            return inspector, seen
    raise HTTPException(404)


async def _text(console: ConsoleCall) -> Response:
    """All of a text of which the page shows the beginning."""
    request = (await _named(console))[1].request
    write = {
        "request": lambda: request.request,
        "answer": lambda: request.answer,
        "curl": lambda: _curl(_address(console), request.request),
        "python": lambda: _python(_address(console), request.request),
    }.get(console.call.request.path_params["part"])
    if write is None:
        raise HTTPException(404)
    return PlainTextResponse(write(), headers={**SAFETY, **PRIVATE})


def _address(console: ConsoleCall) -> str:
    """The address of the XML endpoint."""
    return urlunsplit((*urlsplit(console.root)[:2], "/WBXService/XMLService", "", ""))


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}\n..."


def _shown(
    console: ConsoleCall, seen: Seen, status: int = 200, *, wrong: str | None = None, again: str | None = None
) -> Response:
    request = seen.request
    content = _content(request.request, request.operation)
    operation = find(request.operation)
    address = _address(console)
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
        pretty_request=_pretty(request.request),
        pretty_answer=_pretty(request.answer),
        again=again,
        wrong=wrong,
        changes=operation is not None and _changes(operation),
        starred=content is not None and _has_stars(content),
        notes=_notes(operation, content, console.call.known.level),
        curl=_curl(address, request.request),
        python=_python(address, request.request),
    )


async def _replayed(console: ConsoleCall, seen: Seen) -> Response:
    """Ask again, in the name of the visitor."""
    operation = find(seen.request.operation)
    content = _content(seen.request.request, seen.request.operation)
    if operation is None or content is None:
        return _shown(console, seen, 400, wrong=_("This cannot be asked again: it cannot be read."))
    if _has_stars(content):
        return _shown(console, seen, 400, wrong=_("This cannot be asked again: the passwords in it were not kept."))
    if _changes(operation) and not console.text("SURE"):
        return _shown(console, seen, 400, wrong=_("Tick that you want to change something."))
    level = console.call.known.level
    problems = Problems()
    record = decoder(operation.request, level)(content.element, problems)
    if problems.items:
        return _shown(console, seen, 400, wrong=_("This cannot be asked again: values in it are wrong."))
    try:
        answer = await console.perform(record)
    except Fault as fault:
        document = write_answer([Result(operation.module, fault=fault)])
    else:
        schema = operation.answer.xml_schema
        inner = encoder(operation.answer, level)(answer)
        document = write_answer([Result(operation.module, f"{schema.prefix}:{operation.answer.xml_name}", inner)])
    return _shown(console, seen, again=_pretty(masked(document)))


def _changes(operation: Operation) -> bool:
    """Whether an operation may change something: all that are not open to read-only administrators."""
    return operation.row.read_only is not None


def _content(document: str, operation: str) -> Content | None:
    """The content of a kept document that asks for an operation; None when it cannot be read."""
    try:
        contents = read_message(_without_declaration(document).encode()).contents
    except Fault:
        return None
    return next((each for each in contents if (found := find(each.type_name)) and found.name == operation), None)


def _has_stars(content: Content) -> bool:
    return any(STARS in (element.text or "") for element in content.element.iter())


def _notes(operation: Operation | None, content: Content | None, level: Level) -> list[str]:
    """What reading the request passed over or made something of."""
    if operation is None or content is None:
        return []
    problems = Problems()
    decoder(operation.request, level)(content.element, problems)
    passed = _("{path} is not known at level {level} and was passed over.")
    notes = [passed.format(path=path, level=level) for path in problems.unknown]
    notes += [f"{each.path}: {each.message}" for each in problems.items if STARS not in each.value]
    own = {schema.namespace for schema in SCHEMAS}
    if any(etree.QName(e).namespace not in own for e in content.element.iter() if isinstance(e.tag, str)):
        notes.append(_("Elements without their namespace were read by their local names."))
    return notes


def _pretty(document: str) -> str:
    """A document indented; as it is where that cannot be done."""
    try:
        return pretty(_without_declaration(document))
    except etree.XMLSyntaxError:
        return document


def _without_declaration(document: str) -> str:
    """The encoding that a document declares is no longer its own."""
    return re.sub(r"^\s*<\?xml[^>]{0,300}\?>\s*", "", document.lstrip("\ufeff"))


def _curl(address: str, document: str) -> str:
    return f"curl {shlex.quote(address)} \\\n  -H 'Content-Type: text/xml' \\\n  --data-binary {shlex.quote(document)}"


def _python(address: str, document: str) -> str:
    lines = "\n".join(f"    {line!r}" for line in document.splitlines(keepends=True))
    return (
        f"import urllib.request\n\ndocument = (\n{lines}\n)\n"
        f"request = urllib.request.Request(\n    {address!r}, document.encode(), {{'Content-Type': 'text/xml'}}\n)\n"
        "print(urllib.request.urlopen(request).read().decode())"
    )


def _when(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
