"""A learning platform shows the recordings of a course, names them, protects them and takes one away."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from tests.clients.dialects import all_dialects
from tests.clients.meeting_program import Refused
from tests.clients.programs import signed_in
from tests.clients.recording_shelf import Shelf
from tests.server import TestSite
from tests.services.recordings import DAY, details, new_recording, now

DIALECTS = all_dialects()


@pytest.mark.parametrize("dialect", ["tidy", "everything is qualified", "form with credentials", "capital letters"])
def test_the_recordings_of_a_course(site: TestSite, dialect: str) -> None:
    at = site.server.application.clock.now()
    with signed_in(site, "host1", DIALECTS[dialect]) as program, signed_in(site, "host2") as another:
        key = program.schedule("Algebra", datetime(2035, 6, 4, 10, tzinfo=UTC), "3", "Learn-12")[0]
        shelf, foreign = Shelf(program), Shelf(another)
        assert shelf.of_meeting(key) == []
        about = details(description="Chapters <1> & 2", agenda="Read <b>first</b>")
        made = [
            new_recording(
                site,
                name=f"Part {number}",
                session_key=int(key),
                created_at=at - (200 - number) * DAY,  # of last year's course, too
                size=5_000_000 * number,
                duration=60 * number,
                document=about,
            )
            for number in (1, 2, 3)
        ]
        new_recording(site, name="Of another course", session_key=5)

        shown = shelf.of_meeting(key)
        assert [each.number for each in shown] == [str(each.recording_id) for each in made]
        assert {each.session for each in shown} == {key}
        assert [each.seconds for each in shown] == [60, 120, 180]
        for each, recording in zip(shown, made, strict=True):
            assert abs(each.bytes - recording.size) <= 525
        assert foreign.of_meeting(key) == []

        number = shown[0].number
        shelf.protect(number, "Learn-more-12")
        shelf.rename(number, "Introduction & more")
        changed = now(site, made[0])
        assert (changed.name, changed.password) == ("Introduction & more", "Learn-more-12")
        assert changed.details == made[0].details
        assert shelf.password(number) == "Learn-more-12"
        with pytest.raises(Refused) as refused:
            foreign.rename(number, "Mine")
        assert refused.value.code == "000015"

        # a student follows the link: the page asks for the password and says nothing of the recording
        page = httpx.get(shelf.of_meeting(key)[0].link, follow_redirects=True)
        assert page.status_code == 200
        assert "Introduction" not in page.text
        assert 'name="PW"' in page.text

        shelf.remove(number)
        assert [each.number for each in shelf.of_meeting(key)] == [each.number for each in shown[1:]]
        assert httpx.get(shown[0].link, follow_redirects=True).status_code == 404
        shelf.bring_back(number)
        assert [each.name for each in shelf.of_meeting(key)] == ["Introduction & more", "Part 2", "Part 3"]
