"""A client for tests: sends one operation, and gives the parts of its answer."""

from __future__ import annotations

import functools
import threading
from typing import Any, Final
from xml.sax.saxutils import escape

import httpx
from lxml import etree

SERV = "http://www.webex.com/schemas/2002/06/service"
XSI = "http://www.w3.org/2001/XMLSchema-instance"


class Answer:
    """The answer to one operation."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.text = response.text
        self.root = etree.fromstring(response.content)

    @property
    def result(self) -> str:
        """SUCCESS or FAILURE."""
        return self.value("result") or ""

    @property
    def code(self) -> str | None:
        """The exceptionID of a failure."""
        return self.value("exceptionID")

    @property
    def reason(self) -> str | None:
        """The reason of a failure."""
        return self.value("reason")

    @property
    def content(self) -> etree._Element:
        """The first bodyContent."""
        found = self.root.find(f".//{{{SERV}}}bodyContent")
        if found is None:
            raise AssertionError(f"no bodyContent: {self.text}")
        return found

    @property
    def type_name(self) -> str | None:
        """xsi:type of the answer."""
        return self.content.get(f"{{{XSI}}}type")

    def all(self, path: str) -> list[str]:
        """The texts of all elements at a path of local names below the message, in order of the document."""
        steps = path.split("/")
        expression = "//" + "/".join(f"*[local-name()='{step}']" for step in steps)
        return [element.text or "" for element in self.root.xpath(expression)]

    def value(self, path: str) -> str | None:
        """The text of the first element at a path of local names."""
        return next(iter(self.all(path)), None)

    def names(self, path: str | None = None) -> list[str]:
        """The local names of the children of bodyContent, or of the first element at the path."""
        element = self.content
        if path is not None:
            expression = ".//" + "/".join(f"*[local-name()='{step}']" for step in path.split("/"))
            element = element.xpath(expression)[0]
        return [etree.QName(child).localname for child in element]

    def ok(self) -> Answer:
        """This answer, which must be a SUCCESS."""
        if self.result != "SUCCESS":
            raise AssertionError(f"{self.code} {self.reason}")
        return self

    def failed(self, code: str) -> Answer:
        """This answer, which must be a FAILURE with the code."""
        if (self.result, self.code) != ("FAILURE", code):
            raise AssertionError(f"{self.result} {self.code} {self.reason}")
        return self


def xml_of(values: dict[str, Any]) -> str:
    """Elements from a mapping: nested mappings nest, lists repeat, None is left out, booleans are upper-case."""
    parts = []
    for name, value in values.items():
        for each in value if isinstance(value, list) else [value]:
            if each is None:
                continue
            if isinstance(each, dict):
                parts.append(f"<{name}>{xml_of(each)}</{name}>")
            elif isinstance(each, bool):
                parts.append(f"<{name}>{str(each).upper()}</{name}>")
            else:
                parts.append(f"<{name}>{escape(str(each))}</{name}>")
    return "".join(parts)


@functools.cache
def _made_http() -> httpx.Client:
    return httpx.Client(timeout=30)


_MAKING: Final = threading.Lock()


def _http() -> httpx.Client:
    """One pool of connections for all clients, so that tests leave none open."""
    with _MAKING:  # the cache alone lets threads that come first at once make one each
        return _made_http()


class Client:
    """Sends operations to a site as one account, in the tidy form of most programs.

    Args:
        url: of the server.
        site: siteName.
        web_ex_id, password, ticket, email: what the securityContext says of the caller.
    """

    def __init__(
        self,
        url: str,
        site: str | None,
        *,
        web_ex_id: str | None = None,
        password: str | None = None,
        ticket: str | None = None,
        email: str | None = None,
        path: str = "/WBXService/XMLService",
    ) -> None:
        self.url = url + path
        self.site = site
        self.context = {"webExID": web_ex_id, "email": email, "password": password, "sessionTicket": ticket}
        self.http = _http()

    def document(self, operation: str, body: str) -> str:
        """The request document of an operation, such as `meeting.CreateMeeting`."""
        context = xml_of({**self.context, "siteName": self.site})
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<serv:message xmlns:serv="{SERV}" xmlns:xsi="{XSI}">'
            f"<header><securityContext>{context}</securityContext></header>"
            f'<body><bodyContent xsi:type="java:com.webex.service.binding.{operation}">{body}</bodyContent></body>'
            "</serv:message>"
        )

    def send(self, document: str | bytes, headers: dict[str, str] | None = None) -> Answer:
        """Send a document as it is."""
        content = document.encode() if isinstance(document, str) else document
        response = self.http.post(self.url, content=content, headers=headers or {"Content-Type": "text/xml"})
        return self.checked(response)

    def checked(self, response: httpx.Response) -> Answer:
        """The answer in a response, which must have status 200 and be well-formed."""
        if response.status_code != httpx.codes.OK:
            raise AssertionError(f"{response.status_code} {response.text[:500]}")
        return Answer(response)

    def call(self, operation: str, values: dict[str, Any] | str | None = None, **more: Any) -> Answer:
        """Call an operation with elements given as a mapping, or as XML text."""
        body = values if isinstance(values, str) else xml_of({**(values or {}), **more})
        return self.send(self.document(operation, body))
