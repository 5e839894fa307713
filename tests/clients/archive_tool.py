"""An archive tool that takes recordings away from a site and keeps them elsewhere, written as such tools are.

It asks for recordings four weeks at a time, loads each through the steps of its download page (which it takes apart
with regular expressions: an `href`, a `prepareTicket`, the name of a function), deletes what it has, looks the
recording up by its name in the trash, and purges it there.
Source: facts/general-session.md 9 (the steps of the page; two deletions), facts/clients.md 22.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

from tests.clients.dialects import Elements
from tests.clients.meeting_program import GMT, Program, Refused, blocks, date, text, texts

STEP = timedelta(days=28)
PAGE = 3
NOTHING = 15
#: Elements that the tool has a type for; it stops at any other.
KNOWN = {
    *("recordingID", "hostWebExID", "name", "description", "createTime", "timeZoneID", "size", "streamURL"),
    *("hostStreamURL", "shareToMe", "fileURL", "sessionKey", "trackingCode", "recordingType", "duration", "author"),
    *("listing", "format", "serviceType", "passwordReq", "registerReq", "panelist", "postRecordingSurvey", "confID"),
    *("password", "deleteTime"),
}


class Broken(Exception):
    """A page or row is not what the tool can take apart."""


@dataclass(frozen=True)
class Row:
    """A recording as a list shows it; `size` in megabytes, `duration` in seconds."""

    number: str
    name: str
    created: datetime
    size: float
    duration: int
    format: str
    page: str
    password: str


class ArchiveTool:
    """What the tool does for one host.

    Args:
        program: the connection, signed in.
    """

    def __init__(self, program: Program) -> None:
        self._call = program.call

    def months(self, first: datetime, last: datetime) -> Iterator[list[Row]]:
        """All recordings between two times, in steps of four weeks."""
        start = first
        while start < last:
            end = min(start + STEP, last)
            yield self._between(start, end - timedelta(seconds=1))
            start = end

    def _between(self, start: datetime, end: datetime) -> list[Row]:
        found: list[Row] = []
        place, total = 1, None
        while total is None or len(found) < total:
            control: Elements = [("startFrom", str(place)), ("maximumNum", str(PAGE))]
            scope: Elements = [("createTimeStart", date(start)), ("createTimeEnd", date(end)), ("timeZoneID", GMT)]
            rows, total, returned = self._list("LstRecording", [("createTimeScope", scope), ("listControl", control)])
            found += rows
            place += returned
        return found

    def _list(self, operation: str, content: Elements) -> tuple[list[Row], int, int]:
        """Rows, how many there are, and how many came; an empty list is a failure with a number of its own."""
        try:
            answer = self._call(f"ep.{operation}", content)
        except Refused as refused:
            if int(refused.code) == NOTHING and refused.reason == "Sorry, no record found":
                return [], 0, 0
            raise
        rows = [_row(each) for each in blocks(answer, "ep:recording")]
        return rows, int(text(answer, "serv:total")), int(text(answer, "serv:returned"))

    def load(self, row: Row) -> bytes:
        """The file of a recording, through the steps of its page."""
        with httpx.Client(follow_redirects=True, cookies={"DetectionBrowserStatus": "3|1|32|1|11|2"}) as browser:
            page = browser.get(row.page)
            if row.password and 'name="PW"' in page.text:
                rcid = row.page.rpartition("=")[2]
                page = browser.post(row.page, data={"RCID": rcid, "PW": row.password})
            if not page.headers["Content-Type"].startswith("text/html") or len(page.content) > 32_000:
                raise Broken(f"{row.number}: no download page")
            if browser.cookies.get("recordId") != row.number:
                raise Broken(f"{row.number}: the page sets no recordId")
            steps = browser.get(_taken(r"href='([^']*)'", page.text)).text
            ticket = _taken(r"var prepareTicket = '([^']*)'", steps)
            begin = _taken(r"function download\(\)[^}]*?var url = (.*?);\s*_refreshIFrame", steps)
            address = re.sub(r'"\s*\+\s*"|^"', "", begin)
            address = address.replace('" + recordId + "', _taken(r"var recordId = (\d+)", steps))
            answer = browser.get(address.replace('" + prepareTicket', ticket)).text
            done = re.search(r"window\.parent\.func_prepare\('(\w+)','([^']*)','([^']*)'\)", answer)
            if done is None or done[1] != "OKOK":
                raise Broken(f"{row.number}: the file is not ready: {answer[:200]}")
            return browser.get(_taken(r"var downloadUrl = '(http[^']*)'", steps) + done[3]).content

    def delete(self, row: Row) -> None:
        """Delete a recording as one of the meeting service."""
        self._call("ep.DelRecording", [("recordingID", row.number), ("isServiceRecording", "1")])

    def in_trash(self, name: str) -> list[Row]:
        """What is in the trash under a name."""
        control: Elements = [("startFrom", "1"), ("maximumNum", "500")]
        return self._list("LstRecordingInRecycleBin", [("recordName", name), ("listControl", control)])[0]

    def purge(self, rows: list[Row]) -> int:
        """Delete for good what is in the trash, twenty at a time; how many that were."""
        done = 0
        for first in range(0, len(rows), 20):
            numbers: Elements = [("recordingID", row.number) for row in rows[first : first + 20]]
            answer = self._call("ep.DelRecordingFromRecycleBin", numbers)
            if texts(answer, "ep:reasonForFailure"):
                raise Broken(answer)
            done += int(text(answer, "ep:successfulRecordingsCount"))
        return done


def _taken(pattern: str, page: str) -> str:
    found = re.search(pattern, page, re.DOTALL)
    if found is None:
        raise Broken(f"there is no {pattern} in {page[:400]}")
    return found[1]


def _row(block: str) -> Row:
    unknown = set(re.findall(r"<ep:(\w+)[ />]", block)) - KNOWN
    if unknown:
        raise Broken(f"no type for {unknown}")
    return Row(
        number=text(block, "ep:recordingID"),
        name=text(block, "ep:name"),
        created=datetime.strptime(text(block, "ep:createTime") + " +0000", "%m/%d/%Y %H:%M:%S %z"),
        size=float(text(block, "ep:size")),
        duration=int(text(block, "ep:duration")),
        format=text(block, "ep:format"),
        page=text(block, "ep:fileURL"),
        password=text(block, "ep:password"),
    )
