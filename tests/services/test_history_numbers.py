"""Minutes, peaks and counts of runs against scripts of stays, reckoned here second by second."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.domain.history import Part, minutes, peak
from tests.server import TestSite
from tests.services.stages import Guest, Stage

GUESTS = st.lists(
    st.builds(
        Guest,
        name=st.sampled_from(["Ann", "Bob", "Cy"]),
        at=st.integers(0, 200),
        seconds=st.integers(1, 200),
        part=st.sampled_from([Part.HOST, Part.ATTENDEE, Part.ATTENDEE, Part.OTHER]),
        email=st.sampled_from([None, "ann@x.example", "bob@x.example", "BOB@x.example"]),
        voip=st.integers(0, 250),
    ),
    min_size=1,
    max_size=8,
)


def runs_of(guests: list[Guest]) -> list[list[Guest]]:
    """The runs that a script makes: a run goes on as long as somebody is there."""
    found: list[list[Guest]] = []
    end = -1
    for guest in sorted(guests, key=lambda each: each.at):
        # Whoever comes in the second in which the last one goes begins a new run.
        if guest.at >= end:
            found.append([])
        found[-1].append(guest)
        end = max(end, guest.at + guest.seconds)
    return found


def identity(guest: Guest) -> str:
    """Who is one person: by address; without one everybody is somebody else."""
    return guest.email.lower() if guest.email else f"guest {id(guest)}"


def most_at_once(guests: list[Guest]) -> int:
    return max(Counter(second for each in guests for second in range(each.at, each.at + each.seconds)).values())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(guests=GUESTS)
def test_numbers_are_those_of_the_script(shared_site: TestSite, guests: list[Guest]) -> None:
    stage = Stage(shared_site)
    key = stage.meeting("Script")
    stage.hold(key, *guests)
    answer = stage.ask("LstmeetingusageHistory", {"meetingKey": key, "listControl": {"maximumNum": 500}}).ok()
    expected = runs_of(guests)

    def told(name: str) -> list[int]:
        return [int(each) for each in answer.all(f"meetingUsageHistory/{name}")]

    runs = [stage.row(conf_id) for conf_id in told("confID")]
    assert [run.started_at - stage.start for run in runs] == [min(each.at for each in some) for some in expected]
    assert [(run.ended_at or 0) - stage.start for run in runs] == [
        max(each.at + each.seconds for each in some) for some in expected
    ]
    assert told("totalPeopleMinutes") == [sum(-(-each.seconds // 60) for each in some) for some in expected]
    heard = [[min(each.voip, each.seconds) for each in some] for some in expected]
    assert told("totalVoipMinutes") == [sum(-(-seconds // 60) for seconds in some) for some in heard]
    assert told("peakAttendee") == [most_at_once(some) for some in expected]
    assert told("totalParticipants") == [len({identity(each) for each in some}) for some in expected]
    assert told("totalParticipantsVoip") == [len({identity(each) for each in some if each.voip}) for some in expected]
    hosts = [{identity(each) for each in some if each.part is Part.HOST} for some in expected]
    assert [run.attended for run in runs] == [
        len({identity(each) for each in some} - of_run) for some, of_run in zip(expected, hosts, strict=True)
    ]
    stays = stage.ask("LstmeetingattendeeHistory", {"meetingKey": key, "listControl": {"maximumNum": 500}}).ok()
    lasted = [int(each) for each in stays.all("meetingAttendeeHistory/duration")]
    assert sorted(lasted) == sorted(-(-each.seconds // 60) for each in guests)
    assert sum(lasted) == sum(told("totalPeopleMinutes"))
    assert stage.session(key).status == "NOT_INPROGRESS"


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 20)), min_size=1, max_size=12))
def test_the_peak_is_the_most_in_any_second(some: list[tuple[int, int]]) -> None:
    stays = [(start, start + seconds) for start, seconds in some]
    inside = [sum(start <= second < end for start, end in stays) for second in range(60)]
    assert peak(stays) == max(inside)


def test_minutes_that_have_begun_count() -> None:
    assert [minutes(seconds) for seconds in (-5, 0, 1, 59, 60, 61, 3600)] == [0, 0, 1, 1, 1, 2, 60]


def test_the_peak_of_stays_of_no_length() -> None:
    assert peak([]) == 0
    assert peak([(5, 5)]) == 1
    assert peak([(5, 5), (5, 5), (5, 10)]) == 3
    assert peak([(0, 5), (5, 10)]) == 1
