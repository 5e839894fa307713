"""Counting answers: names, outcomes, and what the worker processes tell each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from parley.seeing.figures import BOUNDS
from parley.services import catalogue as _catalogue  # noqa: F401  # enters the operations
from parley.web.exposition import export
from parley.web.metrics import RequestCounts
from parley.web.shared_figures import Snapshot

GOOD = (
    b"<serv:header><serv:response><serv:result>SUCCESS</serv:result>"
    b"<serv:gsbStatus>PRIMARY</serv:gsbStatus></serv:response></serv:header>"
)
BAD = b"<serv:result>FAILURE</serv:result><serv:exceptionID>060001</serv:exceptionID></serv:response></serv:header>"


def request(*names: str, quote: str = '"') -> bytes:
    contents = "".join(f"<bodyContent xsi:type={quote}{name}{quote}/>" for name in names)
    return f"<message><body>{contents}</body></message>".encode()


def counts(snapshot: Snapshot) -> dict[tuple[str, str], int]:
    return {
        (name, outcome): series.count
        for name, outcomes in snapshot.operations.items()
        for outcome, series in outcomes.items()
    }


@pytest.mark.parametrize(
    "document",
    [
        request("java:com.webex.service.binding.meeting.GetMeeting"),
        request("meet:getmeeting", quote="'"),
        b"UID=x&XML=%3CbodyContent%20xsi:type=%22meeting.GetMeeting%22%3E",
    ],
)
def test_all_forms_of_a_name_count_as_one(document: bytes) -> None:
    counted = RequestCounts()
    counted.note(document, GOOD, 0.001)
    counted.note(document, BAD, 0.001)
    assert counts(counted.snapshot()) == {("GetMeeting", "success"): 1, ("GetMeeting", "failure"): 1}
    assert counted.snapshot().faults == {"060001": 1}


def test_made_up_names_share_one_label() -> None:
    counted = RequestCounts()
    for number in range(5000):
        counted.note(request(f"meeting.Nothing{number}"), BAD, 0.001)
    counted.note(b"no xml at all", BAD, 0.001)
    assert counts(counted.snapshot()) == {("unknown", "failure"): 5001}


def test_each_request_of_a_message_counts() -> None:
    counted = RequestCounts()
    answer = GOOD.removesuffix(b"</serv:header>") + BAD
    counted.note(request("meeting.GetMeeting", "meeting.DelMeeting"), answer, 0.2)
    snapshot = counted.snapshot()
    assert counts(snapshot) == {("GetMeeting", "success"): 1, ("DelMeeting", "failure"): 1}
    assert snapshot.operations["DelMeeting"]["failure"].seconds == pytest.approx(0.1)


def test_durations_fall_into_their_classes() -> None:
    counted = RequestCounts()
    for seconds in (0.0001, 0.0005, 0.03, 99.0):
        counted.note(request("meeting.GetMeeting"), GOOD, seconds)
    series = counted.snapshot().operations["GetMeeting"]["success"]
    assert series.classes[0] == 2
    assert series.classes[BOUNDS.index(0.05)] == 1
    assert series.classes[-1] == 1
    text = export(counted, "9.9")[0].decode()
    assert 'parley_request_duration_seconds_bucket{le="0.05",operation="GetMeeting"} 3.0' in text
    assert 'parley_request_duration_seconds_bucket{le="+Inf",operation="GetMeeting"} 4.0' in text
    assert 'parley_build{version="9.9"} 1.0' in text


def test_workers_add_up(tmp_path: Path) -> None:
    mine, theirs = RequestCounts(tmp_path), RequestCounts(tmp_path)
    theirs.note(request("meeting.GetMeeting"), BAD, 0.001)
    theirs.share()
    next(tmp_path.glob("*.json")).rename(tmp_path / "1.json")  # as if another process had written it
    mine.note(request("meeting.GetMeeting"), BAD, 0.001)
    mine.share()
    assert counts(mine.total()) == {("GetMeeting", "failure"): 2}
    assert mine.total().faults == {"060001": 2}
