"""A learning platform that shows the recordings of its courses, written as such plug-ins are: XML as text.

The teacher's account is asked for the recordings of one meeting; the platform sets a password and a name of its own, by
sending back what it has read, shows the links to students, and throws away what the course does not need any more.
Source: facts/general-session.md 9 (what such a plug-in sends), facts/clients.md 8 (startFrom 0).
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.clients.dialects import Elements
from tests.clients.meeting_program import Program, Refused, blocks, text

NOTHING = "000015"


@dataclass(frozen=True)
class Shown:
    """A recording as a course shows it; `bytes` as the platform reckons them from the megabytes of the list."""

    number: str
    session: str
    name: str
    seconds: int
    bytes: int
    link: str
    file: str


class Shelf:
    """The recordings of a teacher's courses."""

    def __init__(self, program: Program) -> None:
        self._call = program.call

    def of_meeting(self, key: str) -> list[Shown]:
        """The recordings of one meeting, page by page from 0 on."""
        found: list[Shown] = []
        start, total = 0, 1
        while start < total:
            control: Elements = [("startFrom", str(start)), ("maximumNum", "500")]
            try:
                answer = self._call(
                    "ep.LstRecording",
                    [("sessionKey", key), ("returnSessionDetails", "true"), ("listControl", control)],
                )
            except Refused as refused:
                if refused.code == NOTHING:
                    return found
                raise
            total = int(text(answer, "serv:total"))
            start = int(text(answer, "serv:startFrom")) + int(text(answer, "serv:returned"))
            rows = [block for block in blocks(answer, "ep:recording") if text(block, "ep:sessionKey")]
            found += [_shown(block) for block in rows]
        return found

    def password(self, number: str) -> str:
        """The password that students need."""
        return text(self._info(number), "ep:password")

    def rename(self, number: str, name: str) -> None:
        """Give a recording another name, and send back everything else as it is."""
        self._set(number, name, self.password(number))

    def protect(self, number: str, password: str) -> None:
        """Give a recording a password."""
        self._set(number, text(self._info(number), "ep:topic"), password)

    def _set(self, number: str, name: str, password: str) -> None:
        known = self._info(number)
        basic: Elements = [("topic", name), ("agenda", text(known, "ep:agenda"))]
        own: Elements = [
            ("recordingID", number),
            ("description", text(known, "ep:description")),
            ("password", password),
        ]
        self._call("ep.SetRecordingInfo", [("recording", own), ("basic", basic)])

    def _info(self, number: str) -> str:
        return self._call("ep.GetRecordingInfo", [("recordingID", number)])

    def remove(self, number: str) -> None:
        """Take a recording out of its course."""
        self._call("ep.DelRecording", [("recordingID", number)])

    def bring_back(self, number: str) -> None:
        """Take it back in."""
        self._call("ep.RecoverRecordingFromRecycleBin", [("recordingID", number)])


def _shown(block: str) -> Shown:
    return Shown(
        number=text(block, "ep:recordingID"),
        session=text(block, "ep:sessionKey"),
        name=text(block, "ep:name"),
        seconds=int(text(block, "ep:duration")),
        bytes=round(float(text(block, "ep:size")) * 1024 * 1024),
        link=text(block, "ep:streamURL"),
        file=text(block, "ep:fileURL"),
    )
