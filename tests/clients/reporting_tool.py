"""A tool that fetches reports, written as integrations are: it builds and reads XML as text, and knows no more.

It asks day by day for what ended on that day, in pages of 500 in GMT, and goes on as long as a page comes back full;
an answer that nothing was found ends a day. What it fetched can be written as a table.
"""

from __future__ import annotations

import csv
import html
import io
import re
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_PAGE = 500
_GMT = 20
_DATE = "%m/%d/%Y %H:%M:%S"
_REQUEST = """<?xml version="1.0" encoding="UTF-8"?>
<serv:message xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <header><securityContext>
    <siteName>{site}</siteName><webExID>{user}</webExID><password>{password}</password>
  </securityContext></header>
  <body><bodyContent xsi:type="java:com.webex.service.binding.history.{operation}">
    <endTimeScope>
      <sessionEndTimeStart>{first}</sessionEndTimeStart>
      <sessionEndTimeEnd>{last}</sessionEndTimeEnd>
    </endTimeScope>
    <listControl>
      <serv:startFrom>{start}</serv:startFrom>
      <serv:maximumNum>{size}</serv:maximumNum>
      <serv:listMethod>AND</serv:listMethod>
    </listControl>
    <order><orderBy>{order}</orderBy><orderAD>ASC</orderAD></order>
    <timeZoneID>{zone}</timeZoneID>
  </bodyContent></body>
</serv:message>
"""
#: Rows of each report, and the sort key that the tool sends.
REPORTS = {
    "LstmeetingusageHistory": ("meetingUsageHistory", "STARTTIME"),
    "LstmeetingattendeeHistory": ("meetingAttendeeHistory", "STARTTIME"),
    "LsttrainingsessionHistory": ("trainingSessionHistory", "STARTTIME"),
    "LsttrainingattendeeHistory": ("trainingAttendeeHistory", "STARTTIME"),
    "LsteventsessionHistory": ("eventSessionHistory", "STARTTIME"),
    "LsteventattendeeHistory": ("eventAttendeeHistory", "STARTTIME"),
    "LstsupportsessionHistory": ("supportSessionHistory", "CONFID"),
    "LstsupportattendeeHistory": ("supportAttendeeHistory", "STARTTIME"),
}
Row = dict[str, str]


class WrongAnswer(Exception):
    """An answer that the tool cannot go on with."""


@dataclass
class ReportingTool:
    """A tool with the account of an administrator, or of a host for what is the host's own.

    `requests` counts what it sent.
    """

    address: str
    site: str
    user: str
    password: str
    requests: int = 0
    size: int = _PAGE

    def fetch(self, operation: str, first: datetime, days: int) -> list[Row]:
        """The rows of a report for so many days from a day on."""
        return [row for number in range(days) for row in self._day(operation, first + timedelta(days=number))]

    def _day(self, operation: str, day: datetime) -> Iterator[Row]:
        start = 1
        while True:
            rows = self._page(operation, day, start)
            yield from rows
            if len(rows) < self.size:
                return
            start += len(rows)

    def _page(self, operation: str, day: datetime, start: int) -> list[Row]:
        name, order = REPORTS[operation]
        document = _REQUEST.format(
            site=self.site,
            user=self.user,
            password=self.password,
            operation=operation,
            first=day.strftime(_DATE),
            last=(day + timedelta(days=1, seconds=-1)).strftime(_DATE),
            start=start,
            size=self.size,
            order=order,
            zone=_GMT,
        )
        self.requests += 1
        request = urllib.request.Request(self.address + "/WBXService/XMLService", document.encode())
        with urllib.request.urlopen(request, timeout=60) as response:
            answer: str = response.read().decode()
        if "<serv:result>SUCCESS" not in answer:
            if "no record found" in answer.lower():
                return []
            raise WrongAnswer(answer)
        rows = [_row(part) for part in re.findall(rf"<history:{name}>(.*?)</history:{name}>", answer, re.DOTALL)]
        told = [int(re.findall(rf"<serv:{each}>(\d+)<", answer)[0]) for each in ("total", "returned", "startFrom")]
        if told[1:] != [len(rows), start] or told[0] < start - 1 + len(rows):
            raise WrongAnswer(f"matchingRecords {told} for {len(rows)} rows from {start}")
        return rows


def _row(text: str) -> Row:
    """The texts of a row by their elements; of groups the texts inside."""
    found = re.findall(r"<[a-z]+:(\w+)>([^<]*)</[a-z]+:\1>", text)
    return {name: html.unescape(value) for name, value in found if value.strip()}


def today() -> datetime:
    """The day that it is in GMT."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def table(rows: Sequence[Row]) -> str:
    """Rows as a table with commas."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
