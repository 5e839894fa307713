"""Calendar files, read back by two libraries that know nothing of each other."""
# ruff: noqa: DTZ001 - sessions start at wall-clock times

from __future__ import annotations

import itertools
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject
from dateutil.rrule import rruleset, rrulestr

from parley.domain import timezones
from parley.domain.recurrence import Change, Kind, Rule, occurrences, problems
from parley.domain.timezones import ZONES
from parley.mail.calendars import Entry, Method, Moved, Party, calendar_file
from parley.mail.vtimezones import vtimezone

TEN_YEARS = 10 * 365 * 86_400
HOST = Party("host1@example.com", "Hanna Host")


def read_by_vobject(file: bytes) -> Any:
    """The event of a file; zones that other files described are forgotten, since the library keeps them by name."""
    vars(vobject.icalendar)["__tzidMap"].clear()
    return vobject.readOne(file.decode()).vevent


def entry(**more: Any) -> Entry:
    values: dict[str, Any] = {
        "uid": "1f2e@parley",
        "sequence": 0,
        "name": "Planning",
        "description": "What we do next",
        "url": "https://meet.example.com/demo/j.php?MTID=m1",
        "start": datetime(2026, 3, 2, 9, 30),
        "time_zone_id": 25,
        "duration": 45,
        "stamp": 1_770_000_000,
        "organizer": HOST,
    }
    return Entry(**{**values, **more})


def events(file: bytes) -> list[Any]:
    calendar = icalendar.Calendar.from_ical(file)
    assert isinstance(calendar, icalendar.Calendar)
    return list(calendar.walk("VEVENT"))


def random_series(number: int) -> Entry:
    """A series of any kind, in any zone, that begins near a change of the clocks more often than not."""
    source = random.Random(number)
    kind = source.choice([Kind.DAILY, Kind.WEEKLY, Kind.MONTHLY, Kind.YEARLY])
    days = tuple(sorted(source.sample(range(7), source.randint(1, 3))))
    start = datetime(
        source.choice([2025, 2026, 2027]), source.choice([1, 2, 3, 3, 9, 10, 10, 12]), source.randint(1, 28),
        source.choice([0, 1, 2, 2, 8, 14, 23]), source.choice([0, 30]),
    )  # fmt: skip
    while True:
        rule = Rule(
            kind=kind,
            interval=source.choice([None, 1, 1, 2, 3]),
            days=days if source.random() < 0.6 else (),
            day_in_month=source.choice([None, 1, 15, 29, 30, 31]) if kind in (Kind.MONTHLY, Kind.YEARLY) else None,
            week_in_month=source.choice([None, 1, 2, 4, 5]) if kind in (Kind.MONTHLY, Kind.YEARLY) else None,
            month_in_year=source.choice([None, 2, 3, 10]) if kind is Kind.YEARLY else None,
            after_meeting_number=source.choice([None, 3, 40]),
            expiration=source.choice([None, date(2028, 6, 30)]),
        )
        if not problems(rule, start):
            break
    zone_id = source.choice(sorted(ZONES))
    listed = list(itertools.islice(occurrences(rule, start, zone_id), 12))
    skipped = [each.local.date() for each in listed if source.random() < 0.2]
    return entry(start=start, time_zone_id=zone_id, rule=rule, skipped=skipped)


def expected(series: Entry, number: int) -> list[int]:
    found = occurrences(series.rule, series.start, series.time_zone_id, skip=set(series.skipped))
    return [each.start for each in itertools.islice(found, number)]


def in_gap(instant: int, series: Entry) -> bool:
    return timezones.to_local(instant, series.time_zone_id).time() != series.start.time()


def instants(times: list[datetime]) -> list[int]:
    return [int(each.timestamp()) for each in times]


def by_icalendar(file: bytes, number: int) -> list[int]:
    """Starts as icalendar reads the file, with the zones of IANA by their names."""
    (event,) = events(file)
    start = event["DTSTART"].dt
    zone = ZoneInfo(str(start.tzinfo))
    ruled = rruleset()
    text = event["RRULE"].to_ical().decode()
    ruled.rrule(rrulestr(_local_until(text, zone), dtstart=start.replace(tzinfo=None)))  # type: ignore[arg-type]
    excluded = event.get("EXDATE", [])
    for each in excluded if isinstance(excluded, list) else [excluded]:
        for time in each.dts:
            ruled.exdate(time.dt.replace(tzinfo=None))
    return instants([each.replace(tzinfo=zone) for each in itertools.islice(ruled, number)])


def _local_until(text: str, zone: ZoneInfo) -> str:
    """UNTIL as local time, since the library wants both in one form."""
    parts = dict(part.split("=") for part in text.split(";"))
    if "UNTIL" in parts:
        until = datetime.strptime(parts["UNTIL"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).astimezone(zone)
        parts["UNTIL"] = until.strftime("%Y%m%dT%H%M%S")
    return ";".join(f"{name}={value}" for name, value in parts.items())


def by_vobject(file: bytes, number: int) -> list[int]:
    """Starts as vobject reads the file, with the zones that the file describes."""
    event = read_by_vobject(file)
    return instants(list(itertools.islice(event.getrruleset(addRDate=False), number)))


@pytest.mark.parametrize("number", range(200))
def test_series_occur_as_the_server_counts_them(number: int) -> None:
    series = random_series(number)
    file = calendar_file(series, "REQUEST")
    wanted = expected(series, 30)
    assert by_icalendar(file, 30) == wanted
    read = by_vobject(file, 30)
    assert len(read) == len(wanted)
    # Zones without regular changes are described for ten years; and a start within the hour that the clocks leave out
    # is read by this library as one before it.
    near = [(one, other) for one, other in zip(read, wanted, strict=True) if other < wanted[0] + TEN_YEARS]
    assert all(abs(one - other) <= (3600 if in_gap(other, series) else 0) for one, other in near)


@pytest.mark.parametrize("zone_id", sorted(ZONES))
def test_zones_are_described_as_they_are(zone_id: int) -> None:
    """Every change of the clocks in eight years, as vobject understands the description of the zone."""
    name = timezones.zone(zone_id).iana
    file = calendar_file(entry(time_zone_id=zone_id, start=datetime(2026, 1, 5, 12)), "PUBLISH")
    described = read_by_vobject(file).dtstart.value.tzinfo
    known = ZoneInfo(name)
    for day in range(0, 8 * 365, 3):
        local = datetime(2026, 1, 1, 12) + timedelta(days=day)
        assert described.utcoffset(local) == local.replace(tzinfo=known).utcoffset(), local


def test_zones_with_regular_changes_hold_for_ever() -> None:
    text = vtimezone("Europe/Berlin", 2026).to_ical().decode()
    assert "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3" in text
    assert "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10" in text
    assert text.count("BEGIN:") == 3


def test_a_single_session() -> None:
    file = calendar_file(entry(attendees=[Party("ann@example.com", "Ann", "ACCEPTED")], alarm=15), "REQUEST")
    (event,) = events(file)
    assert b"METHOD:REQUEST" in file
    assert event["DTSTART"].dt == datetime(2026, 3, 2, 9, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    assert event["DTEND"].dt == datetime(2026, 3, 2, 10, 15, tzinfo=ZoneInfo("Europe/Berlin"))
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == ("1f2e@parley", 0, "CONFIRMED")
    assert event["ORGANIZER"] == "mailto:host1@example.com"
    assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    assert next(iter(event.walk("VALARM")))["TRIGGER"].dt == timedelta(minutes=-15)
    assert "RRULE" not in event


@pytest.mark.parametrize(
    ("method", "status"), [("REQUEST", "CONFIRMED"), ("PUBLISH", "CONFIRMED"), ("CANCEL", "CANCELLED")]
)
def test_methods(method: Method, status: str) -> None:
    file = calendar_file(entry(sequence=3, alarm=5), method)
    (event,) = events(file)
    assert f"METHOD:{method}".encode() in file
    assert (event["STATUS"], event["SEQUENCE"]) == (status, 3)
    assert bool(list(event.walk("VALARM"))) is (method != "CANCEL")


def test_an_occurrence_that_takes_place_otherwise() -> None:
    series = entry(
        rule=Rule(kind=Kind.WEEKLY, after_meeting_number=4),
        skipped=[date(2026, 3, 9), date(2026, 3, 16)],
        moved=[Moved(date(2026, 3, 16), "Planning, at another time", datetime(2026, 3, 17, 8), 11, 30, 2)],
    )
    master, moved = events(calendar_file(series, "REQUEST"))
    assert [time.dt.date() for time in master["EXDATE"].dts] == [date(2026, 3, 9)]
    assert moved["UID"] == master["UID"]
    assert moved["RECURRENCE-ID"].dt == datetime(2026, 3, 16, 9, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    assert moved["DTSTART"].dt == datetime(2026, 3, 17, 8, tzinfo=ZoneInfo("America/New_York"))
    assert moved["SEQUENCE"] == 2


def test_an_exception_alone_names_the_occurrence_it_replaces() -> None:
    alone = entry(start=datetime(2026, 3, 17, 8), replaces=datetime(2026, 3, 16, 9, 30), replaces_zone_id=25)
    (event,) = events(calendar_file(alone, "CANCEL"))
    assert event["RECURRENCE-ID"].dt == datetime(2026, 3, 16, 9, 30, tzinfo=ZoneInfo("Europe/Berlin"))


def test_starts_that_no_rule_says_are_told_one_by_one() -> None:
    at = [datetime(2026, 3, 2, 9, 30), datetime(2026, 3, 30, 8), datetime(2026, 4, 1, 12)]
    listed = entry(rule=Rule(kind=Kind.IRREGULARLY, starts=tuple(at)), skipped=[date(2026, 4, 1)])
    daily = Rule(kind=Kind.DAILY, after_meeting_number=3, changes=(Change(2), Change(3, at[1])))
    for series in (listed, entry(rule=daily)):
        file = calendar_file(series, "REQUEST")
        (event,) = events(file)
        assert "RRULE" not in event
        assert event["DTSTART"].dt.replace(tzinfo=None) == at[0]
        assert [each.dt.replace(tzinfo=None) for each in event["RDATE"].dts] == [at[1]]
        assert event["RDATE"].dts[0].dt.tzinfo == ZoneInfo("Europe/Berlin")
        assert read_by_vobject(file).rdate.value[0].replace(tzinfo=None) == at[1]
    (single,) = events(calendar_file(entry(rule=Rule(kind=Kind.IRREGULARLY, starts=(at[0],))), "REQUEST"))
    assert "RDATE" not in single


def test_a_series_begins_on_a_day_of_its_rule() -> None:
    series = entry(rule=Rule(kind=Kind.WEEKLY, days=(2,)))  # Wednesdays, from a Monday on
    (event,) = events(calendar_file(series, "REQUEST"))
    assert event["DTSTART"].dt.date() == date(2026, 3, 4)


@pytest.mark.parametrize(
    "text",
    [
        'Quote " and; semi, comma',
        "Two\r\nATTENDEE:mailto:evil@example.com",
        "BEGIN:VALARM\nEND:VALARM",
        "\u202eabc\x00",
        "ü" * 300,
        "会議" * 60,
    ],
)
def test_texts_cannot_leave_their_place(text: str) -> None:
    people = {"organizer": Party("host1@example.com", text), "attendees": [Party("a@example.com", text)]}
    file = calendar_file(entry(name=text, description=text, **people), "REQUEST")
    (event,) = events(file)
    assert event["ATTENDEE"] == "mailto:a@example.com"
    assert event["ORGANIZER"] == "mailto:host1@example.com"
    assert not list(event.walk("VALARM"))
    assert all(len(line) <= 75 for line in file.split(b"\r\n"))
    assert read_by_vobject(file).uid.value == "1f2e@parley"
