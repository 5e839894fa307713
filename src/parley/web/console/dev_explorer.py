"""The explorer: every operation with a form made from the contract, sent in the name of the visitor.

What is sent goes the way of every request, with the rights of whoever is signed in and no others; a securityContext in
a document that somebody writes here is not looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from time import perf_counter
from typing import Final
from urllib.parse import quote

from lxml import etree
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute

from parley.protocol.envelope import local_name
from parley.protocol.faults import CATALOGUE, Fault, Kind
from parley.protocol.versions import LEVELS, Level
from parley.services.dispatcher import answer_contents
from parley.services.exchanges import results_in
from parley.services.registry import Operation, find
from parley.services.roles import Target
from parley.web.console import documents
from parley.web.console.dev_inspector import request_named
from parley.web.console.explorer_form import MOST_FIELDS, Form, sample_values, values_in
from parley.web.console.shell import ConsoleCall, Shell
from parley.web.operation_names import CALLERS, by_service
from parley.web.reference.outline import meaning
from parley.web.reference.samples import CALLER, answer_sample

_PLACE: Final = "explorer"
#: Longest document that can be edited here, and sent from here.
_LONGEST: Final = 40_000
#: Characters that the page shows of each text; with what escaping adds it stays below 100 kB.
_SHOWN_DOCUMENT: Final = 6_000
_SHOWN_ANSWER: Final = 8_000
_SHOWN_RAW: Final = 3_000
_SHOWN_SAMPLE: Final = 2_500
_LEVELS: Final = {level.text: level for level in LEVELS}


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


def routes(shell: Shell) -> list[BaseRoute]:
    """The routes of the area."""
    return [
        shell.page("/explorer", _operations),
        shell.page("/explorer/{operation}", _operation, ("GET", "POST"), longest=_LONGEST),
        shell.page("/reference", _reference),
    ]


async def _reference(console: ConsoleCall) -> Response:
    """Lead to the reference of the site's level, which is the same for all sites."""
    return console.go(to=f"/reference/{console.call.known.level}/index.html")


# ---- the list


async def _operations(console: ConsoleCall) -> Response:
    """All operations, or those that fit what is looked for."""
    wanted = console.text("Q")[:100]
    found = [
        (service, [each for each in entries if _fits(each, service, wanted.casefold())])
        for service, entries in by_service()
    ]
    return console.show(
        "explorer.html",
        place=_PLACE,
        script=True,
        wanted=wanted,
        services=[each for each in found if each[1]],
        count=sum(len(entries) for _name, entries in found),
        callers=CALLERS,
    )


def _fits(operation: Operation, service: str, wanted: str) -> bool:
    text = f"{operation.module}.{operation.name} {operation.summary} {service}".casefold()
    return all(word in text for word in wanted.split())


# ---- one operation


@dataclass
class _Page:
    """What the page of an operation shows."""

    operation: Operation
    level: Level
    form: Form
    #: The document that is edited as such; None: the form is.
    xml: str | None = None
    wrong: str | None = None
    outcome: _Outcome | None = None
    more: bool = False


@dataclass(frozen=True)
class _Answered:
    """What came of one operation of a document."""

    operation: Operation | None
    result: str
    code: str | None
    reason: str | None
    kind: Kind | None


@dataclass(frozen=True)
class _Outcome:
    """What came of a document."""

    answers: list[_Answered]
    pretty: str
    raw: str
    seconds: float


async def _operation(console: ConsoleCall) -> Response:
    """The form of an operation; a POST changes what it shows, or sends what is in it."""
    name = console.call.request.path_params["operation"]
    operation = find(name)
    if operation is None or operation.name != name:
        raise HTTPException(404)
    level = _LEVELS.get(console.text("LEVEL"), console.call.known.level)
    if not console.posted:
        return _shown(console, await _opened(console, operation, level))
    page = _sent_page(console, operation, level)
    wish, _colon, path = console.text("DO").partition(":")
    status = 200
    if wish == "send":
        status = await _send(console, page)
    elif page.xml is None:
        _change_form(console, page, wish, path)
    elif wish == "form":
        _into_form(page, page.xml)
    return _shown(console, page, 400 if page.wrong else status)


async def _opened(console: ConsoleCall, operation: Operation, level: Level) -> _Page:
    """The page as a link opens it: empty, with groups that it names, or with a request that the inspector has."""
    page = _Page(operation, level, Form(operation.request, level))
    for path in console.text("OPEN").split()[:20]:
        page.form.show(path)
    name = console.text("FROM")
    if name:
        seen = await request_named(console, name)
        _into_form(page, seen.request.request)
        form = page.form
        known = {path: value for path, value in form.values.items() if documents.STARS not in value}
        page.more = page.more or len(known) < len(form.values)
        page.form = Form(operation.request, level, known, form.shown)
    return page


def _sent_page(console: ConsoleCall, operation: Operation, level: Level) -> _Page:
    form = Form(operation.request, level, console.values.starting("V."), console.values.starting("G."))
    return _Page(operation, level, form, console.values.get("XML") if console.text("MODE") == "xml" else None)


def _change_form(console: ConsoleCall, page: _Page, wish: str, path: str) -> None:
    """Do what a button of the form is for."""
    if wish in ("open", "add"):
        if not page.form.show(path):
            page.wrong = _("There is no room for more fields on this page. Go on with the document instead.")
    elif wish == "remove":
        page.form.remove(path)
    elif wish in ("sample", "full"):
        values = sample_values(page.operation.request, page.level, full=wish == "full")
        if wish == "full":  # what is on the page only, so that it stays a page
            shown = page.form.shown
            values = {name: text for name, text in values.items() if _group_of(name) in shown or "." not in name}
        own = {CALLER: console.user.web_ex_id} if _may_be_own(page.operation) else {}
        page.form = Form(
            page.operation.request,
            page.level,
            {name: own.get(text, text) for name, text in values.items()},
            page.form.shown,
        )
    elif wish == "clear":
        page.form = Form(page.operation.request, page.level)
    elif wish == "xml":
        page.xml = _document(console, page)


def _may_be_own(operation: Operation) -> bool:
    """Whether samples may name the visitor: sessions of his own, and what is only read; nobody is to delete himself."""
    return operation.row.target is Target.SESSION or not documents.changes_something(operation)


def _group_of(path: str) -> str:
    return path.rpartition(".")[0]


def _into_form(page: _Page, document: str) -> None:
    """Have the form hold what a document says; the document stays where that cannot be."""
    content = documents.content_of(document, page.operation.name)
    if content is None:
        page.xml = document[:_LONGEST]
        page.wrong = _("The document cannot be read as a request for this operation.")
        return
    values, page.more = values_in(page.operation.request, page.level, content.element)
    form = Form(page.operation.request, page.level, values, Form(page.operation.request, page.level).shown)
    if form.size > MOST_FIELDS:
        form = Form(page.operation.request, page.level, values, ())
    if form.size > MOST_FIELDS:
        page.xml = document[:_LONGEST]
        page.wrong = _("The document has more than the form has room for.")
        return
    page.form, page.xml = form, None


def _document(console: ConsoleCall, page: _Page) -> str:
    """The document that the form makes."""
    return documents.message_of(console, [page.form.body()], [page.form.cls.xml_schema.prefix])


# ---- sending


async def _send(console: ConsoleCall, page: _Page) -> int:
    """Send the document in the name of the visitor; tells the status of the page."""
    document = page.xml if page.xml is not None else _document(console, page)
    try:
        contents = documents.contents_of(document)
    except Fault as fault:
        page.outcome = _Outcome([_Answered(None, "FAILURE", fault.code, fault.reason, kind_of(fault))], "", "", 0.0)
        return 400
    named = [find(each.type_name) for each in contents]
    if any(each is not None and documents.changes_something(each) for each in named) and not console.text("SURE"):
        page.wrong = _("Tick that you want to change something.")
        return 400
    begun = perf_counter()
    answer = await answer_contents(console.application, contents, console.credentials(console.user))
    seconds = perf_counter() - begun
    inspector = console.application.inspector
    own = _in_own_name(console, document)
    if inspector is not None and own is not None:
        inspector.answered(own, None, console.call.request.scope, answer, seconds)
    results = results_in(answer)
    answers = [
        _Answered(each, result.get("result", ""), result.get("exceptionID"), result.get("reason"), _kind_in(result))
        for each, result in zip(named, results, strict=False)
    ]
    page.outcome = _Outcome(answers, documents.shown_answer(answer), documents.masked(answer), seconds)
    return 200


def _kind_in(result: dict[str, str]) -> Kind | None:
    code, reason = result.get("exceptionID"), result.get("reason")
    return kind_of(Fault(code, reason or "")) if code else None


def kind_of(fault: Fault) -> Kind | None:
    """The row of the catalogue that a fault comes from: of those that fit, the one that says most itself."""
    fitting = [kind for kind in CATALOGUE if kind.code == fault.code and _fits_reason(kind, fault.reason)]
    return max(fitting, key=lambda kind: len("".join(_parts(kind))), default=None)


def _fits_reason(kind: Kind, reason: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in _parts(kind))
    return re.fullmatch(pattern, reason, re.DOTALL) is not None


def _parts(kind: Kind) -> list[str]:
    """What a reason of the catalogue always says; between them stands what a request had."""
    return re.split(r"\{[^}]*\}", kind.reason)


def _in_own_name(console: ConsoleCall, document: str) -> bytes | None:
    """A document that says who really sent it, for the inspector; None where it is too odd for that."""
    try:
        root = etree.fromstring(
            documents.without_declaration(document).encode(), etree.XMLParser(resolve_entities=False, no_network=True)
        )
    except etree.XMLSyntaxError:
        return None
    for element in root.iter():
        if isinstance(element.tag, str) and local_name(element.tag) == "securityContext":
            for child in list(element):
                element.remove(child)
            for name, text in (("webExID", console.user.web_ex_id), ("siteName", console.site.name)):
                etree.SubElement(element, name).text = text
            break
    return bytes(etree.tostring(root))


# ---- the page


def _shown(console: ConsoleCall, page: _Page, status: int = 200) -> Response:
    operation = page.operation
    document = page.xml if page.xml is not None else _document(console, page)
    address = documents.address_of(console)
    told = documents.masked(document)
    here = f"{console.path()}explorer/{quote(operation.name)}"
    return console.show(
        "explorer_operation.html",
        status,
        place=_PLACE,
        script=True,
        page=page,
        operation=operation,
        form=page.form,
        here=here,
        levels=[level.text for level in LEVELS],
        site_level=console.call.known.level,
        meaning=meaning(operation.request),
        access=CALLERS[operation.access],
        admitted=operation.rights.admit(console.user),
        changes=documents.changes_something(operation),
        sure=bool(console.text("SURE")),
        document=document,
        curl=documents.as_curl(address, told),
        python=documents.as_python(address, told),
        answer=answer_sample(operation, page.level),
        reference=f"/reference/{page.level}",
        longest=_LONGEST,
        cut=_cut,
        lengths={
            "document": _SHOWN_DOCUMENT,
            "answer": _SHOWN_ANSWER,
            "raw": _SHOWN_RAW,
            "sample": _SHOWN_SAMPLE,
        },
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}\n..."
