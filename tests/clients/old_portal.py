"""A portal of the time of the URL API: a web page that sends its users' commands as forms and reads the answers.

It reads an answer as such portals did: it takes the address out of the script of the page, undoes the JavaScript
escapes, and takes the values behind the last question mark. What ST and RS say decides what it does next.
Source: facts/url-api.md "Form".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import parse_qsl

import httpx
from lxml import etree

_SCRIPT = re.compile(r'(?:var url = |window\.location\.replace\()"((?:[^"\\]|\\x[0-9a-f]{2})*)"')
_ESCAPE = re.compile(r"\\x([0-9a-f]{2})")


class NoAnswer(Exception):
    """A page that leads nowhere."""


class Failed(Exception):
    """A command that was answered with ST=FAIL; `reason` is RS."""

    def __init__(self, command: str, reason: str) -> None:
        super().__init__(f"{command}: {reason}")
        self.reason = reason


@dataclass(frozen=True)
class Answer:
    """Where the browser is led, and the values behind the last question mark."""

    address: str
    values: dict[str, str]

    @property
    def failed(self) -> str | None:
        """Why it failed; None when it did not."""
        return self.values.get("RS", "") if self.values.get("ST") != "SUCCESS" else None


def read_answer(page: str) -> Answer:
    """Take an answer out of a page.

    Raises:
        NoAnswer: its script leads nowhere.
    """
    found = _SCRIPT.search(page)
    if found is None:
        raise NoAnswer(page[:2000])
    address = _ESCAPE.sub(lambda each: chr(int(each[1], 16)), found[1])
    return Answer(address, dict(parse_qsl(address.rpartition("?")[2])))


class OldPortal:
    """One user of the portal with his browser.

    Args:
        root: the address of the site's pages.
        back: where answers are to go (BU); empty: to the site's own page.
    """

    def __init__(self, root: str, back: str = "") -> None:
        self.root = root
        self.back = back
        self.csrf = ""
        self.browser = httpx.Client(timeout=30, headers={"Accept": "text/html,*/*;q=0.8"})

    def __enter__(self) -> OldPortal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.browser.close()

    def send(self, page: str, command: str, **values: object) -> httpx.Response:
        """Send a command as a form."""
        form = {"AT": command, **{name: str(value) for name, value in values.items()}}
        form |= {"BU": self.back} if self.back and "BU" not in form else {}
        form |= {"CSRF": self.csrf} if self.csrf and "CSRF" not in form else {}
        return self.browser.post(f"{self.root}/{page}.php", data=form)

    def ask(self, page: str, command: str, **values: object) -> Answer:
        """Send a command and read its answer."""
        return read_answer(self.send(page, command, **values).text)

    def do(self, page: str, command: str, **values: object) -> dict[str, str]:
        """Send a command that has to work; the values of its answer.

        Raises:
            Failed: it did not.
        """
        answer = self.ask(page, command, **values)
        if answer.failed is not None:
            raise Failed(command, answer.failed)
        return answer.values

    def refused(self, page: str, command: str, **values: object) -> str:
        """Send a command that has to fail; the reason."""
        reason = self.ask(page, command, **values).failed
        assert reason is not None, command
        return reason

    # ---- what the portal's buttons do ------------------------------------------------------------------------

    def log_in(self, web_ex_id: str, password: str) -> None:
        """Sign the user in and keep the value for later commands."""
        self.csrf = self.do("p", "LI", WID=web_ex_id, PW=password)["CSRF"]

    def log_out(self) -> None:
        """Sign the user out."""
        self.do("p", "LO")
        self.csrf = ""

    def schedule(self, name: str, start: tuple[int, int, int, int, int], **more: object) -> str:
        """Schedule a meeting; its key."""
        year, month, day, hour, minute = start
        date = {"YE": year, "MO": month, "DA": day, "HO": hour, "MI": minute}
        return self.do("m", "SM", MN=name, DU=60, **date, **more)["MK"]

    def meetings(self) -> list[str]:
        """Keys of the user's meetings."""
        return [key for key in self.do("m", "LM").get("MK", "").split(",") if key]

    def in_progress(self) -> list[str]:
        """Keys of the user's meetings that are going on."""
        document = etree.fromstring(self.send("m", "OM").content)
        assert document.tag == "ListOpenMeetings"
        if document.findtext("Status") != "SUCCESS":
            raise Failed("OM", document.findtext("Reason") or "")
        return [each.text or "" for each in document.iterfind("MeetingKeys/MeetingKey")]
