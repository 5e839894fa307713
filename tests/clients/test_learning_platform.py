"""A learning platform keeps a course of 200 students from its making to its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from parley.store import outbox
from tests.clients.dialects import all_dialects
from tests.clients.learning_platform import Lesson, Platform, Student
from tests.clients.meeting_program import Refused
from tests.clients.programs import signed_in
from tests.server import TestSite

DIALECTS = all_dialects()
LESSONS = 5
FIRST = datetime(2035, 6, 4, 10, tzinfo=UTC)


def students(site: TestSite, count: int = 200) -> list[Student]:
    """So many students; one of them has an account on the site, and writes his address in his own way."""
    made = [Student(f"Student {number}", f"s{number:03d}@learners.example") for number in range(1, count)]
    return [*made, Student("With Account", f"Attendee1@{site.name}.Example")]


@pytest.mark.parametrize("dialect", ["tidy", "everything is qualified", "form with credentials", "capital letters"])
def test_a_course_from_its_making_to_its_end(site: TestSite, dialect: str) -> None:
    with signed_in(site, "host1", DIALECTS[dialect]) as teachers, signed_in(site, "attendee1") as students_own:
        platform, student = Platform(teachers), Platform(students_own)
        key = platform.create_course("Algebra & more", FIRST, LESSONS)
        assert student.my_courses() == student.my_meetings() == []
        people = students(site)

        # 200 people in four calls; a call of 51 enrols nobody
        with pytest.raises(Refused) as refused:
            platform.enrol_at_once(key, people[:51])
        assert (refused.value.code, refused.value.value) == ("040015", "50")
        numbers = platform.enrol(key, people)
        assert len(dict(numbers)) == len({register for _, register in numbers}) == 200
        assert platform.enrol_at_once(key, people[:50]) == numbers[:50]  # again, as after a lost answer

        # one lesson two hours later, under a name of its own
        moved = platform.move_lesson(key, "Algebra: test", FIRST + timedelta(days=2, hours=2))
        assert moved not in ("", key)

        # what the student sees
        usual = [f"06/{day:02d}/2035 10:00:00" for day in range(4, 9)]
        lessons = [Lesson(key, "Algebra & more", start, False) for start in usual]
        assert platform.my_lessons() == [
            *lessons[:2],
            Lesson(moved, "Algebra: test", "06/06/2035 12:00:00", True),
            *lessons[3:],
        ]
        assert student.my_courses() == student.my_meetings() == [key, moved]
        assert student.my_lessons() == platform.my_lessons()
        seen = student.look_at(key)
        assert {name: seen[name] for name in ("confName", "agenda", "joinStatus", "attendeeRole")} == {
            "confName": "Algebra & more",
            "agenda": "<Chapters> 1 & 2",
            "joinStatus": "ACCEPT",
            "attendeeRole": "ATTENDEE",
        }
        assert (seen["registrationID"], seen["startDate"]) == (numbers[-1][1], usual[0])
        assert (seen["hostKey"], seen["sessionPassword"]) == ("", "Learn-12")
        assert student.look_at(moved)["startDate"] == "06/06/2035 12:00:00"
        assert student.look_at(moved)["joinStatus"] == "ACCEPT"

        # the list of participants, and three who leave
        pages = list(platform.participants(key, 77))
        assert [len(page) for page in pages] == [77, 77, 46]
        rows = [row for page in pages for row in page]
        assert {row.status for row in rows} == {"ACCEPT"}
        assert {(row.attendee_id, row.register_id) for row in rows} == set(numbers)
        assert [row.email.lower() for row in rows] == sorted(each.email.lower() for each in people)
        gone = [people[0].email, people[120].email.upper(), people[-1].email]
        with pytest.raises(Refused, match="000015"):
            platform.remove(key, [*gone, "nobody@learners.example"])  # all of them or nobody
        platform.remove(key, gone)
        left = [row.email for page in platform.participants(key, 500) for row in page]
        assert len(left) == 197
        assert not {each.lower() for each in gone} & {each.lower() for each in left}
        assert student.my_courses() == [moved]

        # the end
        assert platform.cancel(key) == "was there"
        assert platform.cancel(key) == "gone"
        assert platform.cancel(moved) == "gone"  # it went with its series
        with pytest.raises(Refused, match="060001"):
            next(platform.participants(key, 10))
        assert student.my_courses() == platform.my_courses() == []
    engine = site.server.application.engine
    told = [each.kind for each in site.server.run(outbox.waiting(engine, site.site_id, 5000))]
    assert told.count("registration.accepted") == 200 + 50  # who is enrolled again is told again
    assert told.count("session.invitation") == 200  # to the moved lesson
    assert told.count("registration.removed") == 3, sorted(set(told))
    # the host, everybody who was left, and the three who came to the moved lesson only
    assert told.count("session.cancelled") == 1 + 197 + 3
