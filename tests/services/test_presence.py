"""Presence: runs and stays begin and end, the session's row and the API follow, and nothing hangs open."""

from __future__ import annotations

import asyncio
import itertools
import time
from pathlib import Path

import msgspec
import pytest

from parley.domain.feedback import Opinion
from parley.domain.history import Part
from parley.domain.timezones import api_date
from parley.protocol.faults import Fault
from parley.services import presence
from parley.services.application import Application
from parley.services.attendee import own
from parley.services.presence import SILENCE, Here, Person, Swept, new_stay_id
from parley.store import Changes, Conflict, runs, sessions
from tests.server import Server, TestSite
from tests.services.meetings import GMT, attendee, get
from tests.services.stages import Guest, Stage, host


@pytest.fixture
def stage(site: TestSite) -> Stage:
    return Stage(site)


def join(stage: Stage, key: int, guest: Guest, stay_id: int | None = None, at: int | None = None) -> Here:
    async def coming() -> Here:
        person = Person(
            stay_id=stay_id or new_stay_id(), name=guest.name, part=guest.part, email=guest.email, **guest.more
        )
        return await presence.join(stage.application, await stage.known(), key, person, at=at)

    return stage.run(coming())


def leave(stage: Stage, here: Here, at: int | None = None) -> bool:
    return stage.run(presence.leave(stage.application, stage.site.site_id, here.stay_id, at=at))


def sweep(stage: Stage, at: int | None = None) -> Swept:
    return stage.run(presence.sweep(stage.application, stage.site.site_id, at=at))


def told(stage: Stage, key: int) -> tuple[str | None, str | None, str | None]:
    answer = get(stage.site.client(), str(key)).ok()
    return answer.value("status"), answer.value("hostJoined"), answer.value("participantsJoined")


def test_the_api_follows_who_is_there(stage: Stage) -> None:
    key, client = stage.meeting(), stage.site.client()
    assert told(stage, key) == ("NOT_INPROGRESS", "false", "false")
    client.call("ep.LstOpenSession").failed("000015")
    guest = join(stage, key, Guest("Kim"))
    assert guest.began
    assert told(stage, key) == ("INPROGRESS", "false", "true")
    holder = join(stage, key, host())
    assert not holder.began
    assert holder.conf_id == guest.conf_id
    assert told(stage, key) == ("INPROGRESS", "true", "true")
    assert client.call("ep.GetSessionInfo", sessionKey=key).ok().value("status") == "INPROGRESS"
    assert client.call("ep.LstOpenSession").ok().all("sessionKey") == [str(key)]
    listed = client.call("meeting.LstsummaryMeeting").ok()
    assert (listed.value("status"), listed.value("hostJoined")) == ("INPROGRESS", "true")
    assert leave(stage, guest)
    assert told(stage, key) == ("INPROGRESS", "true", "true")
    assert leave(stage, holder)
    assert told(stage, key) == ("NOT_INPROGRESS", "false", "false")
    client.call("ep.LstOpenSession").failed("000015")


def test_the_open_list_says_when_the_session_really_began(stage: Stage) -> None:
    key = stage.meeting()
    stage.run(stage.joined(key, Guest("Kim"), stage.start))
    row = stage.site.client().call("ep.LstOpenSession").ok()
    assert row.value("actualStartTime") == api_date(stage.start, GMT)
    assert row.value("startTime") != row.value("actualStartTime")
    assert stage.session(key).run_started_at == stage.start


def test_versions_grow_only_when_something_is_told_anew(stage: Stage) -> None:
    key = stage.meeting()
    versions = [stage.session(key).version]
    came = []
    for guest in (Guest("One"), Guest("Two"), host(), Guest("Three")):
        came.append(join(stage, key, guest))
        versions.append(stage.session(key).version)
    for here in came:
        leave(stage, here)
        versions.append(stage.session(key).version)
    first = versions[0]
    assert [each - first for each in versions] == [0, 1, 1, 2, 2, 2, 2, 2, 3]
    assert stage.session(key).modified_at == stage.session(key).created_at


def test_each_run_has_a_number_of_its_own(stage: Stage) -> None:
    key = stage.meeting()
    scheduled = stage.session(key).conf_id
    first = stage.hold(key, host())
    again = stage.hold(key, host(), start=stage.start + 600)
    third = stage.hold(key, host(), start=stage.start + 1200)
    assert first == scheduled
    assert len({first, again, third}) == 3
    assert stage.session(key).conf_id == third
    assert [stage.row(each).started_at - stage.start for each in (first, again, third)] == [0, 600, 1200]


def test_everything_may_be_said_twice(stage: Stage) -> None:
    key, stay_id = stage.meeting(), new_stay_id()
    first = join(stage, key, Guest("Kim"), stay_id)
    second = join(stage, key, Guest("Kim"), stay_id)
    assert (first.is_new, second.is_new) == (True, False)
    assert second[:2] == first[:2]
    other = join(stage, key, Guest("Lee"))
    assert [leave(stage, first), leave(stage, first)] == [True, False]
    assert stage.row(first.conf_id).present == 1
    site_id, end = stage.site.site_id, presence.end_run
    assert [stage.run(end(stage.application, site_id, first.conf_id)) for _ in range(2)] == [True, False]
    assert leave(stage, other) is False
    assert leave(stage, Here(new_stay_id(), first.conf_id)) is False
    assert stage.run(end(stage.application, site_id, 5)) is False
    run = stage.row(first.conf_id)
    assert run.ended_at == run.closed_at
    assert (run.present, run.participants, run.peak) == (0, 2, 2)
    assert len(stage.stays(first.conf_id)) == 2


def test_who_comes_back_after_the_end_of_his_stay_gets_a_new_one_as_the_same_person(stage: Stage) -> None:
    key = stage.meeting()
    join(stage, key, host(), at=stage.start)
    first = join(stage, key, Guest("Kim"), at=stage.start)
    leave(stage, first, stage.start + 60)
    back = join(stage, key, Guest("Kim"), first.stay_id, at=stage.start + 90)
    assert back.stay_id != first.stay_id
    assert back.is_new
    stage.run(presence.end_run(stage.application, stage.site.site_id, back.conf_id, at=stage.start + 150))
    run = stage.row(back.conf_id)
    assert (run.participants, run.attended, run.people_minutes, run.peak) == (2, 1, 3 + 1 + 1, 2)


def test_a_number_of_another_session_opens_nothing_there(stage: Stage) -> None:
    one, two = stage.meeting("One"), stage.meeting("Two")
    here = join(stage, one, Guest("Kim"))
    there = join(stage, two, Guest("Mallory"), here.stay_id)
    assert there.stay_id != here.stay_id
    assert there.conf_id != here.conf_id
    assert {each.person_key for each in stage.stays(there.conf_id)} != {
        each.person_key for each in stage.stays(here.conf_id)
    }


def test_signs_of_life_tell_which_stays_are_open(stage: Stage) -> None:
    key, site_id = stage.meeting(), stage.site.site_id
    here = [join(stage, key, Guest(str(number)), at=stage.start) for number in range(3)]
    leave(stage, here[1], stage.start + 5)
    ids = [each.stay_id for each in here]
    found = stage.run(presence.alive(stage.application, site_id, ids, at=stage.start + 30))
    assert found == {ids[0], ids[2]}
    # An earlier sign of life, late by the network, takes nothing back.
    stage.run(presence.alive(stage.application, site_id, ids, at=stage.start + 10))
    assert [each.alive_at - stage.start for each in stage.stays(here[0].conf_id)].count(30) == 2
    assert stage.run(presence.alive(stage.application, site_id, [])) == set()


def test_stays_of_a_killed_server_end_at_the_last_sign_of_life(stage: Stage) -> None:
    key, site_id, start = stage.meeting(), stage.site.site_id, stage.start
    one = join(stage, key, host(), at=start)
    two = join(stage, key, Guest("Kim"), at=start + 10)
    stage.run(presence.audio(stage.application, site_id, two.stay_id, on=True, at=start + 20))
    stage.run(presence.alive(stage.application, site_id, [one.stay_id, two.stay_id], at=start + 100))
    stage.run(presence.alive(stage.application, site_id, [two.stay_id], at=start + 130))
    assert sweep(stage, start + 100 + SILENCE) == Swept(0, 0)
    assert sweep(stage, start + 101 + SILENCE) == Swept(1, 0)
    assert told(stage, key)[0] == "INPROGRESS"
    assert sweep(stage, start + 500) == Swept(1, 1)
    assert sweep(stage, start + 500) == Swept(0, 0)
    assert told(stage, key) == ("NOT_INPROGRESS", "false", "false")
    stays = stage.stays(one.conf_id)
    assert [(each.left_at or 0) - start for each in stays] == [100, 130]
    assert [each.voip_seconds for each in stays] == [0, 110]
    run = stage.row(one.conf_id)
    assert run.ended_at == start + 130
    assert (run.people_minutes, run.voip_minutes, run.peak) == (2 + 2, 2, 2)


def test_a_run_whose_process_died_before_it_was_counted_is_counted_by_the_next_sweep(stage: Stage) -> None:
    key = stage.meeting()
    here = join(stage, key, host(), at=stage.start)

    async def died() -> None:
        run = await runs.run(stage.application.engine, stage.site.site_id, here.conf_id)
        assert run is not None
        changes = Changes()
        runs.close(changes, run, stage.start + 60, empty=False)
        await stage.application.engine.commit(changes)

    stage.run(died())
    assert told(stage, key)[0] == "NOT_INPROGRESS"
    stage.ask("LstmeetingusageHistory").failed("000015")
    sweep(stage)
    assert stage.ask("LstmeetingusageHistory").ok().value("totalPeopleMinutes") == "1"


def test_a_run_that_lost_its_last_stay_without_ending_is_ended_by_the_sweep(stage: Stage) -> None:
    here = join(stage, stage.meeting(), host(), at=stage.start)

    async def died() -> None:
        stay = await runs.stay(stage.application.engine, stage.site.site_id, here.stay_id)
        assert stay is not None
        changes = Changes()
        runs.leave(changes, stay, stage.start + 30)
        await stage.application.engine.commit(changes)

    stage.run(died())
    assert sweep(stage) == Swept(0, 1)
    assert stage.row(here.conf_id).ended_at == stage.start + 30


def test_audio_is_counted_while_it_is_on(stage: Stage) -> None:
    key, site_id, start = stage.meeting(), stage.site.site_id, stage.start
    here = join(stage, key, host(), at=start)

    def audio(on: bool, at: int) -> None:
        stage.run(presence.audio(stage.application, site_id, here.stay_id, on=on, at=start + at))

    for on, at in ((False, 1), (True, 10), (True, 15), (False, 40), (False, 41), (True, 50)):
        audio(on, at)
    leave(stage, here, start + 100)
    audio(True, 200)
    [stay] = stage.stays(here.conf_id)
    assert (stay.voip_seconds, stay.voip_since) == (30 + 50, None)
    run = stage.row(here.conf_id)
    assert (run.voip_minutes, run.participants_voip) == (2, 1)


def test_times_before_the_beginning_count_as_the_beginning(stage: Stage) -> None:
    key, start = stage.meeting(), stage.start
    first = join(stage, key, host(), at=start)
    second = join(stage, key, Guest("Kim"), at=start - 100)
    assert leave(stage, second, start - 200)
    assert leave(stage, first, start - 300)
    assert [(each.joined_at, each.left_at) for each in stage.stays(first.conf_id)] == [(start, start)] * 2
    assert stage.row(first.conf_id).ended_at == start


def test_history_outlives_the_session(stage: Stage) -> None:
    key, client = stage.meeting(), stage.site.client()
    here = join(stage, key, host(), at=stage.start)
    client.call("meeting.DelMeeting", meetingKey=key).failed("060002")
    assert leave(stage, here, stage.start + 90)
    client.call("meeting.DelMeeting", meetingKey=key).ok()
    assert stage.ask("LstmeetingusageHistory", {"meetingKey": key}).ok().value("totalPeopleMinutes") == "2"
    with pytest.raises(Fault, match="Corresponding Meeting not found"):
        join(stage, key, Guest("Kim"))


def test_a_run_ends_although_its_session_is_gone(stage: Stage) -> None:
    key = stage.meeting(participants={"attendees": {"attendee": attendee("kim@guests.example")}})
    here = join(stage, key, host(), at=stage.start)
    session = stage.session(key)
    changes = Changes()
    sessions.delete_session(changes, session.plain())
    stage.run(stage.application.engine.commit(changes))
    assert leave(stage, here, stage.start + 90)
    run = stage.row(here.conf_id)
    assert (run.people_minutes, run.invited) == (2, 1)


def test_what_is_known_of_people_comes_from_the_list(stage: Stage) -> None:
    person = {
        "name": "Ann Lee",
        "email": "Ann@Guests.example",
        "company": "Acme",
        "title": "Engineer",
        "address": {"addressType": "PERSONAL", "city": "Bern", "country": "Switzerland", "zipCode": "3000"},
        "phones": {"phone": "1,,555,0100,,,"},
    }
    key = stage.meeting(participants={"attendees": {"attendee": {"person": person}}})
    listed = join(stage, key, Guest("Ann", email="ANN@guests.example"))
    by_account = join(stage, key, Guest("Host2", more={"user_id": stage.site.users["host2"].user_id}))
    colleague = join(stage, key, Guest("Bob", email=f"bob@{stage.site.name}.example"))
    unknown = join(stage, key, Guest("Nobody"))
    stays = {each.stay_id: each for each in stage.stays(listed.conf_id)}
    ann = stays[listed.stay_id]
    assert (ann.email, ann.company, ann.city, ann.country) == ("ann@guests.example", "Acme", "Bern", "Switzerland")
    assert (ann.listed, ann.registered, ann.external, ann.name) == (True, False, "EXTERNAL", "Ann")
    assert msgspec.json.decode(ann.document) == {
        "title": "Engineer",
        "phone": "1,,555,0100,,,",
        "zip": "3000",
    }
    assert [stays[each.stay_id].external for each in (by_account, colleague, unknown)] == [
        *("INTERNAL", "INTERNAL", "N/A")
    ]
    assert not stays[unknown.stay_id].listed


def test_an_account_finds_its_row_and_a_registration_id_opens_only_its_own(stage: Stage) -> None:
    address = f"attendee1@{stage.site.name}.example"
    key = stage.meeting(participants={"attendees": {"attendee": attendee(address)}})
    mine = join(stage, key, Guest("Me", more={"user_id": stage.site.users["attendee1"].user_id}))
    wrong = join(stage, key, Guest("Somebody", email=address, more={"register_id": 999_999}))
    stays = {each.stay_id: each for each in stage.stays(mine.conf_id)}
    assert (stays[mine.stay_id].listed, stays[mine.stay_id].email) == (True, address)
    assert not stays[wrong.stay_id].listed


def test_texts_that_cannot_be_told_are_kept_out(stage: Stage) -> None:
    key = stage.meeting()
    more = {"ip_address": "::1\x00", "client_agent": "\ud800<script>" + "x" * 5000}
    here = join(stage, key, Guest("A\x00B\x1b\uffff\n" + "n" * 5000, email="x@y\x00.example", more=more))
    leave(stage, here)
    [stay] = stage.stays(here.conf_id)
    assert stay.name.startswith("A B n")
    assert len(stay.name) <= 256
    row = stage.ask("LstmeetingattendeeHistory").ok()
    assert row.value("name") == stay.name
    assert (row.value("clientAgent") or "").startswith("<script>")


async def _crowd(stage: Stage, key: int, people: int, *others: Application) -> list[Here]:
    """So many people come at once, through this process and others in turn."""
    known = await stage.known()
    processes = itertools.cycle((stage.application, *others))
    persons = [
        Person(stay_id=new_stay_id(), name=f"P{number}", part=Part.HOST if number == 0 else Part.ATTENDEE)
        for number in range(people)
    ]

    async def come(person: Person) -> Here:
        application = next(processes)
        while True:
            try:
                return await presence.join(application, known, key, person)
            except Conflict:
                await asyncio.sleep(0.01)

    return list(await asyncio.gather(*(come(each) for each in persons)))


def test_many_who_come_and_go_at_once_are_in_one_run(stage: Stage) -> None:
    key, site_id = stage.meeting(), stage.site.site_id
    here = stage.run(_crowd(stage, key, 40))
    assert sum(each.began for each in here) == 1
    assert len({each.conf_id for each in here}) == 1
    conf_id = here[0].conf_id
    assert stage.row(conf_id).present == 40
    assert told(stage, key) == ("INPROGRESS", "true", "true")

    async def go() -> list[bool]:
        leaving = (presence.leave(stage.application, site_id, each.stay_id) for each in here for _ in range(2))
        return list(await asyncio.gather(*leaving))

    assert sum(stage.run(go())) == 40
    run = stage.row(conf_id)
    assert (run.present, run.participants, run.attended) == (0, 40, 39)
    assert run.ended_at is not None
    assert told(stage, key)[0] == "NOT_INPROGRESS"


def test_several_processes_have_one_run_between_them(stage: Stage) -> None:
    key, site_id, config = stage.meeting(), stage.site.site_id, stage.site.server.config

    async def all_of_it() -> tuple[list[Here], int]:
        others = [await Application.start(config) for _ in range(2)]
        try:
            here = await _crowd(stage, key, 24, *others)
            found = await asyncio.gather(
                *(
                    presence.leave(application, site_id, each.stay_id)
                    for each in here
                    for application in (stage.application, *others)
                )
            )
            await asyncio.gather(*(presence.sweep(each, site_id) for each in (stage.application, *others)))
        finally:
            for each in others:
                await each.stop()
        return here, sum(found)

    here, left = stage.run(all_of_it())
    assert len({each.conf_id for each in here}) == 1
    assert left == 24
    run = stage.row(here[0].conf_id)
    assert (run.present, run.participants) == (0, 24)
    assert run.ended_at is not None
    assert told(stage, key)[0] == "NOT_INPROGRESS"


def test_what_was_said_of_an_earlier_run_is_still_found(stage: Stage) -> None:
    key = stage.meeting()
    first = stage.hold(key, host())
    opinion = Opinion(setup=5, comment="Well done")
    stage.run(own.give_feedback(stage.application, stage.session(key), opinion, None))
    second = stage.hold(key, host(), start=stage.start + 600)
    answer = stage.site.client().call("attendee.GetFeedbackInfo", confID=first).ok()
    assert answer.value("comment") == "Well done"
    stage.site.client().call("attendee.GetFeedbackInfo", confID=second).failed("000015")


def test_an_end_for_all_leaves_nobody_behind_who_came_at_the_same_time(stage: Stage) -> None:
    key, site_id = stage.meeting(), stage.site.site_id
    first = join(stage, key, host())

    async def rush() -> list[Here]:
        crowd, _ = await asyncio.gather(
            _crowd(stage, key, 30), presence.end_run(stage.application, site_id, first.conf_id)
        )
        return crowd

    crowd = stage.run(rush())
    by_run: dict[int, int] = {}
    for here in crowd:
        by_run[here.conf_id] = by_run.get(here.conf_id, 0) + 1
    ended = stage.row(first.conf_id)
    assert ended.ended_at is not None
    assert all(each.left_at is not None for each in stage.stays(first.conf_id))
    assert len(stage.stays(first.conf_id)) == 1 + by_run.pop(first.conf_id, 0) == ended.participants
    for conf_id, people in by_run.items():
        assert stage.row(conf_id).present == people


def test_another_site_sees_and_ends_nothing(stage: Stage, server: Server) -> None:
    other = Stage(server.new_site())
    key = stage.meeting()
    here = join(stage, key, host(), at=stage.start)
    assert leave(other, here) is False
    assert other.run(presence.end_run(other.application, other.site.site_id, here.conf_id)) is False
    assert other.run(presence.alive(other.application, other.site.site_id, [here.stay_id])) == set()
    assert sweep(other, stage.start + 10_000) == Swept(0, 0)
    with pytest.raises(Fault):
        join(other, key, Guest("Kim"))
    assert stage.row(here.conf_id).present == 1


def test_a_server_sweeps_by_itself(sqlite_template: Path, tmp_path: Path) -> None:
    (tmp_path / "parley.db").write_bytes(sqlite_template.read_bytes())
    server = Server(None, tmp_path, presence_check_seconds=1).start()
    try:
        stage = Stage(server.new_site())
        here = join(stage, stage.meeting(), host(), at=stage.start)
        deadline = time.monotonic() + 20
        while stage.row(here.conf_id).ended_at is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert stage.row(here.conf_id).ended_at == stage.start
    finally:
        server.stop()
