"""`parley call`: one request to a server, and its answer."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from parley.cli.common import fail

if TYPE_CHECKING:
    from lxml import etree

_PATH: Final = "/WBXService/XMLService"
_MAX_ANSWER: Final = 64_000_000
_HIDDEN: Final = re.compile(r"(<(?:password|sessionTicket)>)[^<]*(</)")


def call(
    operation: Annotated[
        str, typer.Argument(metavar="OPERATION", help="Such as GetUser or meeting.CreateMeeting, in any letter case.")
    ],
    elements: Annotated[
        list[str] | None,
        typer.Option(
            "-d",
            "--element",
            metavar="ELEMENT=VALUE",
            help="An element of the request; nested: schedule.startDate=..., the second of several: a[2].b=...",
        ),
    ] = None,
    url: Annotated[str, typer.Option(envvar="PARLEY_URL", help="The server.")] = "http://127.0.0.1:8080",
    site: Annotated[str, typer.Option(envvar="PARLEY_SITE", help="siteName.")] = "demo",
    user: Annotated[str | None, typer.Option(envvar="PARLEY_USER", help="webExID.")] = None,
    password: Annotated[
        str | None, typer.Option(envvar="PARLEY_PASSWORD", help="Asked for when there is a user but no password.")
    ] = None,
    ticket: Annotated[
        str | None, typer.Option(envvar="PARLEY_TICKET", help="sessionTicket, in place of the password.")
    ] = None,
    show_request: Annotated[bool, typer.Option("--show-request", help="Print the request too.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for the answer.", min=0.1, max=600)] = 30,
) -> None:
    """Send one request to a server and show the answer.

    For example: parley call GetUser --user host1 -d webExId=host1

    Exit code 0: SUCCESS; 1: FAILURE; 2: no answer.
    """
    from parley.cli.request_writer import Login, RequestError, write_request

    if user and password is None and ticket is None and sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True)
    try:
        document = write_request(operation, elements or [], Login(site or None, user, password, ticket))
    except RequestError as error:
        fail(str(error))
    if show_request:
        _show(_HIDDEN.sub(r"\1...\2", document))
    answer = _send(url, document.encode(), timeout)
    root = _parse(answer)
    _show(_pretty(root))
    result = root.findtext(".//{*}result")
    if result != "SUCCESS":
        typer.echo(f"{result}: {root.findtext('.//{*}exceptionID')} {root.findtext('.//{*}reason')}", err=True)
        raise typer.Exit(1)


def _send(url: str, document: bytes, timeout: float) -> bytes:
    import http.client
    from urllib.error import HTTPError, URLError
    from urllib.parse import urlsplit
    from urllib.request import Request, urlopen

    if urlsplit(url).scheme not in ("http", "https"):
        fail(f"{url!r} is no http address")
    address = url if _PATH.lower() in url.lower() else url.rstrip("/") + _PATH
    request = Request(address, document, {"Content-Type": "text/xml; charset=UTF-8"})  # noqa: S310  # http, see above
    try:
        with urlopen(request, timeout=timeout) as response:  # noqa: S310
            answer: bytes = response.read(_MAX_ANSWER)
    except HTTPError as error:
        error.close()  # it holds the connection
        fail(f"{address} answered with status {error.code}")
    except URLError as error:
        fail(f"cannot reach {address}: {error.reason}")
    except (OSError, http.client.HTTPException, ValueError) as error:
        fail(f"cannot reach {address}: {error}")
    return answer


def _parse(answer: bytes) -> etree._Element:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        return etree.fromstring(answer, parser)
    except etree.XMLSyntaxError as error:
        fail(f"the answer is no XML document: {error}")


def _pretty(root: etree._Element) -> str:
    from lxml import etree

    etree.indent(root)
    return etree.tostring(root, encoding="unicode") + "\n"


def _show(xml: str) -> None:
    if not sys.stdout.isatty():
        typer.echo(xml, nl=False)
        return
    from rich.console import Console
    from rich.syntax import Syntax

    Console().print(Syntax(xml.rstrip("\n"), "xml", theme="ansi_dark", background_color="default", word_wrap=True))
