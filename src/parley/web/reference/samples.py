"""Sample documents, made from the declarations of the contract and valid by its schema files."""

from __future__ import annotations

from typing import Any, Final

from lxml import etree

from parley.contract import schemas
from parley.contract import service as serv
from parley.protocol.answer import Result, write_answer
from parley.protocol.codec import encoder
from parley.protocol.declare import Element, Record
from parley.protocol.masking import STARS
from parley.protocol.versions import Level
from parley.services.registry import Operation

_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
#: Who sends requests.
CALLER: Final = "ada"
#: What texts look like, by the end of the element's name; first found wins.
_TEXTS: Final = (
    ("email", "ada@example.com"),
    ("url", "https://meetings.example.com/"),
    ("date", "05/30/2030 10:00:00"),
    ("time", "05/30/2030 10:00:00"),
    ("start", "05/30/2030 10:00:00"),
    ("end", "05/30/2030 11:00:00"),
    ("phone", "1-555-0100"),
    ("password", "Secret-77"),
    ("webexid", CALLER),
    ("name", "Ada"),
)
#: Those of them that are no free texts.
_FORMED: Final = frozenset({"email", "url", "date", "time", "start", "end", "phone"})
#: What the services need although the schema does not say so, by request type.
_ALSO: Final = {
    "createMeeting": ("metaData/confName", "schedule/startDate", "schedule/duration", "accessControl/meetingPassword"),
    "createEvent": ("metaData/sessionName", "schedule/startDate", "schedule/duration"),
    "createTrainingSession": ("metaData/confName", "schedule/startDate", "schedule/duration"),
    "createTeleconferenceSession": ("metaData/confName", "schedule/startDate", "schedule/duration"),
    "createLab": ("lab/labName",),
    "createUser": ("firstName", "lastName", "webExId", "email", "password"),
}


def request_sample(operation: Operation, level: Level, *, full: bool = False) -> str:
    """A request document for an operation, indented.

    full: with every element that the level knows, of alternatives the first; else what the schema requires and the
    services need, and the first element where nothing is.
    """
    context = serv.SecurityContextType(web_ex_id=CALLER, password=STARS, site_name="example")
    prefix = operation.request.xml_schema.prefix
    children = encoder(operation.request, level)(sample(operation.request, level, full=full))
    namespaces = "".join(f' xmlns:{schema.prefix}="{schema.namespace}"' for schema in schemas.ALL)
    body = f'<serv:bodyContent xsi:type="{prefix}:{operation.request.xml_name}">{children}</serv:bodyContent>'
    return pretty(
        f'<serv:message{namespaces} xmlns:xsi="{_XSI}"><serv:header><serv:securityContext>'
        f"{encoder(serv.SecurityContextType, level)(context)}</serv:securityContext></serv:header>"
        f"<serv:body>{body}</serv:body></serv:message>",
        keep=("serv", "xsi", prefix),
    )


def answer_sample(operation: Operation, level: Level, *, full: bool = False) -> str:
    """An answer document of an operation, indented; `full` as for requests."""
    inner = encoder(operation.answer, level)(sample(operation.answer, level, full=full))
    type_name = f"{operation.answer.xml_schema.prefix}:{operation.answer.xml_name}"
    document = write_answer([Result(operation.module, type_name, inner)])
    return pretty(document, keep=("serv", "xsi", operation.answer.xml_schema.prefix))


def sample(cls: type[Record], level: Level, *, full: bool = False) -> Record:
    """A record of a type with sample values; `full` as for `request_sample`."""
    made: Record = _record(cls, level, full, ())
    visible = cls.__declaration__.visible(level.parts)
    also = _ALSO.get(cls.xml_name, ())
    for path in also:
        _fill(made, path.split("/"), level)
    first = next((e for e in visible if not e.minimum), None)
    if not full and first is not None and not also and not any(e.minimum for e in visible):
        setattr(made, first.attribute, _value(first, level, full, (cls,)))
    return made


def _fill(record: Record, path: list[str], level: Level) -> None:
    """Give a sample value to an element of a record, or of one inside of it, that has none."""
    element = next(e for e in record.__declaration__.visible(level.parts) if e.name == path[0])
    if getattr(record, element.attribute) is None:
        setattr(record, element.attribute, _value(element, level, False, ()))
    if len(path) > 1:
        _fill(getattr(record, element.attribute), path[1:], level)


def pretty(document: str | bytes, *, keep: tuple[str, ...] = ()) -> str:
    """A document indented, without the namespace declarations that nothing in it uses.

    keep: prefixes that stay declared, because values name types by them.

    Raises:
        lxml.etree.XMLSyntaxError: it is not well-formed.
    """
    data = document.encode() if isinstance(document, str) else document
    root = etree.fromstring(data, etree.XMLParser(remove_blank_text=True, resolve_entities=False, no_network=True))
    etree.cleanup_namespaces(root, keep_ns_prefixes=list(keep))
    etree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(root, encoding="unicode") + "\n"


def _record(cls: type[Record], level: Level, full: bool, inside: tuple[type[Record], ...]) -> Any:
    visible = cls.__declaration__.visible(level.parts)
    inside = (*inside, cls)
    wanted = [e for e in visible if not e.choice and (e.minimum or e.place in ("content", "mixed") or full)]
    alternatives = [e for e in visible if e.choice]
    if alternatives and (full or any(e.minimum for e in alternatives)):
        wanted.append(next((e for e in alternatives if _ends(e)), alternatives[0]))
    ending = [e for e in wanted if e.minimum or e.kind != "record" or e.record not in inside]
    return cls(**{e.attribute: _value(e, level, full, inside) for e in ending})


def _ends(element: Element) -> bool:
    """Whether an alternative is no record that has alternatives of its own."""
    return element.kind != "record" or not any(e.choice for e in element.record.__declaration__.elements)


def _value(element: Element, level: Level, full: bool, inside: tuple[type[Record], ...]) -> Any:
    one = _record(element.record, level, full, inside) if element.kind == "record" else plain_value(element)
    return [one] * max(element.minimum, 1) if element.is_list else one


def plain_value(element: Element) -> Any:
    """A sample value of an element that holds no other elements; it keeps the element's bounds."""
    if element.kind == "boolean":
        return element.default != "false" if element.default else True
    if element.kind == "integer":
        least = 1 if element.low is None else max(element.low, 1)
        return int(element.default) if element.default else least if element.high is None else min(least, element.high)
    if element.kind == "number":
        return 1.5
    if element.kind == "binary":
        return b"Parley"
    return _text(element)


def hint_of(element: Element) -> str:
    """What a value looks like, where the name of its element says that it has a form of its own; else nothing."""
    if element.kind != "string" or element.values or element.pattern is not None:
        return ""
    text = next((value for end, value in _TEXTS if end in _FORMED and element.name.lower().endswith(end)), "")
    return text if element.max_length is None else text[: element.max_length]


def _text(element: Element) -> str:
    if element.values:
        return element.default if element.default in element.values else element.values[0]
    if element.pattern is not None:
        return element.pattern.partition("|")[0]
    if element.default:
        return element.default
    name = element.name.lower()
    text = next((value for end, value in _TEXTS if name.endswith(end)), "text")
    return text if element.max_length is None else text[: element.max_length]
