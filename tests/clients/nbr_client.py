"""Clients of the web services of recordings, written as scripts are that fetch recordings: SOAP as text.

One takes answers apart at their blank lines and reads faults by the place of their text; one goes by the boundary,
names the file by its Content-Id and compares the size that the answer tells with the bytes that came.
Source: facts/general-session.md 10 "Wire", "downloadNBRStorageFile success", "getMeetingXml".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any
from xml.sax.saxutils import escape

import httpx
from lxml import etree

BLANK = b"\r\n\r\n"
WSDL_NAMESPACE = "http://wbxservice.nbr.webservice.webex.com"


class NbrRefused(Exception):
    """A fault; the text stands at its second child."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Mismatch(Exception):
    """The answer is not what a script takes for one."""


@dataclass(frozen=True)
class Loaded:
    """A file as it came."""

    name: str
    content: bytes
    content_id: str = ""


def envelope(operation: str, values: list[tuple[str, object]], namespace: str = WSDL_NAMESPACE, typed: str = "") -> str:
    """An envelope; `typed` adds an attribute to every parameter."""
    inner = "".join(f"<{name}{typed}>{escape(str(value))}</{name}>" for name, value in values)
    return (
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
        f'<soapenv:Body><n:{operation} xmlns:n="{namespace}">{inner}</n:{operation}></soapenv:Body></soapenv:Envelope>'
    )


class NbrClient:
    """A script that speaks to one server.

    Args:
        address: of the server.
        service: the last part of the path; empty: the folder of the services itself.
        bare: send the name of the service as the operation's namespace.
    """

    def __init__(self, address: str, service: str = "NBRStorageService", *, bare: bool = False, host: str = "") -> None:
        self.address = f"{address}/nbr/services/{service}"
        self._namespace = service if bare else WSDL_NAMESPACE
        self.http = httpx.Client(timeout=60, headers={"Host": host} if host else {})

    def __enter__(self) -> NbrClient:
        return self

    def __exit__(self, *error: object) -> None:
        self.http.close()

    def send(self, operation: str, *values: tuple[str, object], **options: Any) -> httpx.Response:
        """Send one operation."""
        headers = {"Content-Type": "text/xml", "SOAPAction": '""'}
        return self.http.post(
            self.address, content=envelope(operation, list(values), self._namespace, **options), headers=headers
        )

    def call(self, operation: str, *values: tuple[str, object], **options: Any) -> str:
        """The text of the first thing in the answer's Body.

        Raises:
            NbrRefused: a fault.
        """
        return self.first(operation, *values, **options).text or ""

    def first(self, operation: str, *values: tuple[str, object], **options: Any) -> Any:
        """Body[0][0] of the answer."""
        response = self.send(operation, *values, **options)
        check_fault(response)
        root = etree.fromstring(response.content)
        return root[0][0][0]

    def leaves(self, operation: str, *values: tuple[str, object]) -> list[str]:
        """All texts of an answer."""
        return [each.text for each in self.first(operation, *values).iter() if not len(each) and each.text]

    def ticket(self, site_id: int, user: str, password: str) -> str:
        """A ticket for the files."""
        return self.call("getStorageAccessTicket", ("siteId", site_id), ("username", user), ("password", password))

    def load_by_blank_lines(self, site_id: int, record_id: int, ticket: str) -> Loaded:
        """The file, from the answer's third and fourth piece between blank lines."""
        response = self.send("downloadNBRStorageFile", ("siteId", site_id), ("recordId", record_id), ("ticket", ticket))
        check_fault(response)
        pieces = response.content.split(BLANK)
        name, size = pieces[2].split(b"\n")[:2]
        return Loaded(name.decode(), BLANK.join(pieces[3:])[: int(size)])

    def load_by_boundary(self, site_id: int, record_id: int, ticket: str) -> Loaded:
        """The file, from the part after the last but one boundary; it has to be as long as the text says."""
        response = self.send("downloadNBRStorageFile", ("siteId", site_id), ("recordId", record_id), ("ticket", ticket))
        check_fault(response)
        if int(response.headers["content-length"]) != len(response.content):
            raise Mismatch("the length is not that of the answer")
        return parts_of(response)


def parts_of(response: httpx.Response) -> Loaded:
    """A file out of a multipart answer of three parts."""
    kind = response.headers["content-type"]
    found = re.search(r'boundary="?([^";]+)', kind)
    if not kind.startswith("multipart/related") or found is None:
        raise Mismatch(kind)
    between = response.content.split(b"--" + found[1].encode())
    if len(between) != 5 or between[0] or between[4].strip() != b"--":
        raise Mismatch(f"{len(between)} parts")
    (_, _), (_, about), (head, content) = (part[2:-2].split(BLANK, 1) for part in between[1:4])
    name, size, _ = about.decode().split("\n")
    if int(size) != len(content):
        raise Mismatch(f"{size} bytes were told, {len(content)} came")
    named = re.search(rb"Content-Id: <([^>]+)>", head)
    if named is None:
        raise Mismatch("the file has no Content-Id")
    return Loaded(name, content, named[1].decode())


def check_fault(response: httpx.Response) -> None:
    """Raise the fault of an answer, as scripts find it."""
    if response.status_code == 200:
        return
    if response.status_code != 500:
        raise Mismatch(f"{response.status_code} {response.text[:200]}")
    fault = etree.fromstring(response.content)[0][0]
    raise NbrRefused(unescape(fault[1].text or ""))
