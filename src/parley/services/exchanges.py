"""Requests of the XML API with their answers, as people may look at them: for tests and for the inspector."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lxml import etree

from parley.protocol.envelope import local_name, read_message
from parley.protocol.faults import Fault
from parley.protocol.masking import masked
from parley.services import signin
from parley.services.registry import find

if TYPE_CHECKING:
    from parley.services.dispatcher import FormCredentials
    from parley.services.signin import Credentials


@dataclass(frozen=True)
class Request:
    """One operation that was asked for over the XML API.

    Attributes:
        operation: its name, such as `CreateMeeting`; as sent where there is no such operation, empty where none was
            named.
        caller: the webExID or e-mail address that the request names; None: it names nobody.
        result: SUCCESS or FAILURE; `code` and `reason` of a failure, else None.
        request, answer: the whole documents, with stars for passwords, tickets and keys.
        at: what the server's clock showed, UTC epoch seconds; `seconds`: how long the answer took.
    """

    operation: str
    caller: str | None
    result: str
    code: str | None
    reason: str | None
    request: str = field(repr=False)
    answer: str = field(repr=False)
    at: int
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """The request for JSON."""
        return asdict(self)


def requests_in(
    document: bytes,
    form: FormCredentials | None,
    scope: MutableMapping[str, Any],
    answer: bytes,
    at: int,
    seconds: float,
) -> tuple[Credentials | None, list[Request]]:
    """What a document asked for, with its answers, and who asks; None: that cannot be read.

    Args:
        document, form, scope: as for `answer_document`, which gave `answer`.
        at: when, UTC epoch seconds; `seconds`: how long it took.
    """
    credentials, names = _asked(document, form, scope)
    results = results_in(answer)
    names += [""] * (len(results) - len(names))
    caller = (credentials.web_ex_id or credentials.email) if credentials is not None else None
    first = Request("", caller, "", None, None, masked(document), masked(answer), at, seconds)
    return credentials, [
        replace(
            first,
            operation=name,
            result=result.get("result", ""),
            code=result.get("exceptionID"),
            reason=result.get("reason"),
        )
        for name, result in zip(names, results, strict=False)
    ]


def is_for(credentials: Credentials | None, site_id: int, name: str) -> bool:
    """Whether a request names a site; by the same order as `signin.find_site`."""
    if credentials is None:
        return False
    if credentials.site_name is not None:
        return credentials.site_name == name
    return credentials.site_id == site_id if credentials.site_id is not None else credentials.host_label == name


def _asked(
    document: bytes, form: FormCredentials | None, scope: MutableMapping[str, Any]
) -> tuple[Credentials | None, list[str]]:
    """Who asks, and the names of what is asked for; nothing where the document cannot be read."""
    try:
        message = read_message(document)
        credentials = signin.read_credentials(message.security_context, form, scope)
    except Fault:
        return None, []
    return credentials, [_name(content.type_name) for content in message.contents]


def _name(type_name: str) -> str:
    found = find(type_name)
    return found.name if found is not None else type_name.strip()


def results_in(answer: bytes) -> list[dict[str, str]]:
    """The texts of each response element of an answer."""
    found: list[dict[str, str]] = []
    for element in etree.fromstring(answer).iter("{*}response"):
        values: dict[str, str] = {}
        for child in element:
            values.setdefault(local_name(str(child.tag)), child.text or "")
        found.append(values)
    return found
