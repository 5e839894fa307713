"""The display at a room's door sees at once what changes."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.clients.meeting_program import date
from tests.clients.programs import signed_in
from tests.clients.room_display import Display, Line, Screen
from tests.server import PASSWORD, TestSite
from tests.services.meetings import GMT, create
from tests.services.test_general_session_lists import series
from tests.services.test_lists import alter

#: The morning on which the display is watched.
MORNING = datetime(2035, 6, 5, 8, tzinfo=UTC)
MIDNIGHT = datetime(2035, 6, 5, 23, 59, 59, tzinfo=UTC)


class Watch:
    """A display, and the server's clock by which it lives."""

    def __init__(self, site: TestSite, display: Display) -> None:
        self._site = site
        self._display = display
        self.now = MORNING

    @property
    def renewals(self) -> int:
        """How often the display signed in anew."""
        return self._display.renewed

    def at(self, hour: int, minute: int = 0) -> Screen:
        """What the display shows at this time, polled three times a few seconds apart."""
        self.now = MORNING.replace(hour=hour, minute=minute)
        shown = []
        for _ in range(3):
            self._site.server.clock.ahead = int(self.now.timestamp() - time.time())
            shown.append(self._display.poll(self.now, MIDNIGHT))
            self.now += timedelta(seconds=5)
        assert shown[0] == shown[1] == shown[2]
        return shown[0]


@pytest.mark.parametrize("viewer", ["host1", "admin"])
def test_a_day_at_the_door(site: TestSite, viewer: str) -> None:
    host = site.client()

    def book(hour: int, name: str, who: str = "host1") -> str:
        schedule = {"startDate": date(MORNING.replace(hour=hour)), "timeZoneID": GMT, "duration": 60}
        return create(site.client(who), name, schedule=schedule)

    site.server.clock.ahead = int(MORNING.timestamp() - time.time()) - 86_400
    daily = series(host, "Stand-up", start="06/04/2035 09:00:00", repeatType="DAILY", afterMeetingNumber=3)
    review = book(11, "Review")
    book(9, "Of another host", "host2")
    with signed_in(site, viewer) as program:
        watch = Watch(site, Display(program, "host1", PASSWORD))
        screen = watch.at(8)
        assert screen.today == (
            Line(daily, "Stand-up", "06/05/2035 09:00:00", "NOT_INPROGRESS"),
            Line(review, "Review", "06/05/2035 11:00:00", "NOT_INPROGRESS"),
        )
        assert (screen.running, screen.headline) == ((), "next: Stand-up")

        # the occurrence of today begins, and ends
        watch.at(9, 1)
        alter(site, daily, status="INPROGRESS", host_joined=True)
        screen = watch.at(9, 1)
        assert [each.status for each in screen.today] == ["INPROGRESS", "NOT_INPROGRESS"]
        assert screen.headline == "now: Stand-up"
        alter(site, daily, status="NOT_INPROGRESS", host_joined=False)
        assert watch.at(10, 5).headline == "next: Review"

        # a meeting is booked, moved, renamed and taken off meanwhile
        lunch = book(12, "Lunch")
        assert [each.name for each in watch.at(10, 6).today] == ["Review", "Lunch"]
        earlier = {"startDate": "06/05/2035 10:30:00", "timeZoneID": GMT}
        host.call("meeting.SetMeeting", meetingkey=lunch, schedule=earlier, metaData={"confName": "Brunch"}).ok()
        assert [each.name for each in watch.at(10, 7).today] == ["Brunch", "Review"]
        host.call("ep.DelSession", sessionKey=lunch).ok()
        assert [each.name for each in watch.at(10, 8).today] == ["Review"]

        # what runs longer than planned stays until it ends
        alter(site, review, status="INPROGRESS", host_joined=True)
        assert watch.at(11, 30).headline == "now: Review"
        assert watch.at(12, 30).headline == "now: Review"
        alter(site, review, status="NOT_INPROGRESS", host_joined=False)
        screen = watch.at(12, 31)
        assert (screen.today, screen.headline) == ((), "free")
        assert watch.renewals >= 2  # tickets live for an hour and a half


def test_a_room_is_not_shown_what_is_private_of_others(site: TestSite) -> None:
    unlisted = {"listToPublic": False, "isPublic": False}
    key = create(site.client("host2"), "Secret", accessControl=unlisted)
    alter(site, key, status="INPROGRESS")
    for viewer, expected in (("host1", ()), ("host2", ("Secret",)), ("admin", ("Secret",))):
        with signed_in(site, viewer) as program:
            assert tuple(Display(program, "host2", PASSWORD).running()) == expected, viewer
    other = site.server.new_site()
    with signed_in(other, "admin") as program:
        assert Display(program, "host2", PASSWORD).running() == []
