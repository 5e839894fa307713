"""Labs over HTTP: making and changing them, what is free when, reservations, and mails about them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.contract.training import CreateLab, GetLabInfoResponse, LabType, SetLab
from parley.domain.identifiers import new_record_id, new_uuid
from parley.domain.labs import Held, Lab, LabWish, Reservation, Window, free_computers
from parley.domain.site import LabSettings, SiteSettings
from parley.domain.timezones import api_date
from parley.mail.composing import KINDS, composer
from parley.services.context import Context
from parley.services.labs.keeping import equip
from parley.services.labs.reserving import MOST_OCCURRENCES, reserve_for_session
from parley.services.profiles import profile_of
from parley.store import Changes, Conflict, labs, outbox, sessions, sites, users
from parley.store.outbox import Message
from tests.client import Answer, Client
from tests.generators import texts
from tests.server import TestSite
from tests.services.meetings import GMT, in_days
from tests.services.quizzes import training
from tests.services.round_trips import BOUNDED, read_answer, send_record
from tests.services.trainings import classes, create_training, get_training, set_training
from tests.services.trainings import training as planned

ADMIN = "admin"


def make_lab(site: TestSite, name: str = "Router lab", computers: int | None = None, **more: Any) -> str:
    made = site.client(ADMIN).call("training.CreateLab", {"lab": {"labName": name, **more}}).ok()
    if computers is not None:
        equipped(site, name, computers)
    return made.value("labID") or ""


def equipped(site: TestSite, name: str, computers: int | None, access: str | None = None) -> Lab:
    engine = site.server.application.engine

    async def work() -> Lab:
        found = await sites.by_id(engine, site.site_id)
        assert found is not None
        return await equip(engine, found, name, computers, access)

    return site.server.run(work())


def reserve(client: Client, lab: str = "Router lab", computers: int = 1, days: int = 2, **more: Any) -> Answer:
    times = {"startDate": in_days(days, 10), "endDate": in_days(days, 12), "timeZoneID": GMT}
    return client.call(
        "training.ReserveLab", {"labName": lab, "numComputers": computers, "topic": "Routers", **times, **more}
    )


def status(client: Client, computers: int, begin: str, end: str, lab: str = "Router lab") -> str | None:
    answer = client.call(
        "training.CheckLabAvailability",
        labName=lab,
        timeZoneID=GMT,
        sessionStartTime=begin,
        sessionEndTime=end,
        numComputers=computers,
    )
    return answer.ok().value("availabilityLabs/status")


def schedule(client: Client, days: int = 2, lab: str = "Router lab") -> Answer:
    return client.call(
        "training.GetLabSchedule",
        labName=lab,
        timeZoneID=GMT,
        sessionStartTime=in_days(days, 0),
        sessionEndTime=in_days(days + 1, 0),
    ).ok()


def mails_of(site: TestSite, kind: str) -> list[Message]:
    found = site.server.run(outbox.waiting(site.server.application.engine, site.site_id, 1000))
    return [each for each in found if each.kind == kind]


# ---- labs ------------------------------------------------------------------------------------------------


def test_every_site_has_a_maintenance_room(site: TestSite) -> None:
    answer = site.client().call("training.GetLabInfo").ok()
    assert answer.type_name == "train:getLabInfoResponse"
    assert answer.names("labInfo") == ["labID", "labName", "description", "totalComputers", "computersInSession"]
    assert answer.all("labInfo/labName") == ["Maintenance Room"]
    assert answer.all("labInfo/totalComputers") == ["0"]
    number = answer.value("labInfo/labID")
    client = site.client(ADMIN)
    client.call("training.DelLab", labID=number).failed("999999")
    client.call("training.SetLab", {"labID": number, "lab": {"labName": "Other"}}).failed("999999")
    client.call("training.SetLab", {"labID": number, "lab": {"description": "Broken ones"}}).ok()
    assert client.call("training.GetLabInfo", labName="maintenance room").value("description") == "Broken ones"


def test_a_lab_is_made_changed_and_deleted(site: TestSite) -> None:
    client = site.client(ADMIN)
    number = make_lab(site, " Router   lab ", description="Ten of them")
    found = client.call("training.GetLabInfo", labID=number).ok()
    told = [found.value(name) for name in ("labName", "description", "totalComputers", "computersInSession")]
    assert told == ["Router lab", "Ten of them", "10", "0"]
    assert client.call("training.SetLab", {"labID": number, "lab": {"labName": "Switch lab"}}).ok().names() == []
    assert client.call("training.GetLabInfo", labName="SWITCH LAB").value("description") == "Ten of them"
    client.call("training.SetLab", {"labID": number, "lab": {"description": ""}}).ok()
    assert client.call("training.GetLabInfo", labName="Switch lab").value("description") in (None, "")
    client.call("training.DelLab", labID=number).ok()
    client.call("training.GetLabInfo", labID=number).failed("999999")
    client.call("training.DelLab", labID=number).failed("999999")


def test_names_are_needed_and_taken_once(site: TestSite) -> None:
    client = site.client(ADMIN)
    client.call("training.CreateLab", {"lab": {"description": "Nameless"}}).failed("999999")
    client.call("training.CreateLab").failed("999999")
    client.call("training.CreateLab", {"lab": {"labName": "x" * 129}}).failed("999999")
    client.call("training.CreateLab", {"lab": {"labName": "x", "description": "y" * 2049}}).failed("999999")
    make_lab(site)
    taken = client.call("training.CreateLab", {"lab": {"labName": "ROUTER LAB"}}).failed("999999")
    assert taken.reason == "lab/labName: another lab has this name"
    other = make_lab(site, "Other")
    client.call("training.SetLab", {"labID": other, "lab": {"labName": "router lab"}}).failed("999999")
    script = make_lab(site, "Lab <script>alert(1)</script>")
    assert "script" not in (client.call("training.GetLabInfo", labID=script).value("labName") or "")


_NAMES = texts(60, smallest=1).filter(lambda text: not text.isspace())


@BOUNDED
@given(names=st.tuples(_NAMES, _NAMES), descriptions=st.tuples(texts(80), texts(80)))
def test_what_is_sent_comes_back(shared_site: TestSite, names: tuple[str, str], descriptions: tuple[str, str]) -> None:
    client = shared_site.client(ADMIN)
    number: int | None = None
    try:
        for name, description in zip(names, descriptions, strict=True):
            lab = LabType(lab_name=name, description=description)
            if number is None:
                made = send_record(client, CreateLab(lab=lab))
            else:
                made = send_record(client, SetLab(lab_id=number, lab=lab))
            if made.code == "999999" and "another lab" in (made.reason or ""):
                return
            number = number or int(made.ok().value("labID") or 0)
            info = read_answer(client.call("training.GetLabInfo", labID=number), GetLabInfoResponse).lab_info[0]
            if "<" not in name + description:
                assert (info.lab_name, info.description or "") == (" ".join(name.split()), description)
    finally:
        if number is not None:
            client.call("training.DelLab", labID=number).ok()


def test_lab_administrators_look_after_labs(site: TestSite) -> None:
    hosts = site.client("host1")
    number = make_lab(site)
    calls: list[tuple[str, dict[str, Any]]] = [
        ("CreateLab", {"lab": {"labName": "Another"}}),
        ("SetLab", {"labID": number, "lab": {"description": "Changed"}}),
        ("GetSetupComputerURL", {"labID": number}),
        ("DelLab", {"labID": number}),
    ]
    for name, values in calls:
        hosts.call(f"training.{name}", values).failed("000001")
    site.client(ADMIN).call("user.SetUser", {"webExId": "host1", "privilege": {"labAdmin": True}}).ok()
    kept = site.server.run(users.by_web_ex_id(site.server.application.engine, site.site_id, "host1"))
    assert kept is not None
    assert profile_of(kept).privilege is not None
    for name, values in calls:
        hosts.call(f"training.{name}", values).ok()


def test_a_site_without_labs(site: TestSite) -> None:
    make_lab(site)
    site.set(settings=SiteSettings(labs=LabSettings(offered=False)))
    calls: list[tuple[str, dict[str, Any]]] = [
        ("GetLabInfo", {}),
        ("CreateLab", {"lab": {"labName": "x"}}),
        ("ReserveLab", {"labName": "Router lab"}),
    ]
    for name, values in calls:
        answer = site.client(ADMIN).call(f"training.{name}", values).failed("999999")
        assert answer.reason == "The site does not offer hands-on labs"
    told = site.client().call("site.GetSite").ok()
    assert [told.value(f"tools/{name}") for name in ("handsOnLab", "holMaxLabs", "holMaxComputers")] == [
        "false",
        "0",
        "0",
    ]


def test_the_number_of_labs_and_computers_is_limited(site: TestSite) -> None:
    site.set(settings=SiteSettings(labs=LabSettings(max_labs=3, max_computers=12)))
    client = site.client(ADMIN)
    told = client.call("site.GetSite").ok()
    assert [told.value(f"tools/{name}") for name in ("handsOnLab", "holMaxLabs", "holMaxComputers")] == [
        "true",
        "3",
        "12",
    ]
    make_lab(site, "One")
    make_lab(site, "Two")
    assert client.call("training.GetLabInfo", labName="Two").value("totalComputers") == "2"
    client.call("training.CreateLab", {"lab": {"labName": "Three"}}).failed("999999")


def test_a_suspended_site_reserves_nothing(site: TestSite) -> None:
    make_lab(site)
    site.set(suspended=True)
    reserve(site.client()).failed("010107")
    site.client().call("training.GetLabInfo").ok()
    site.set(level="42.4.0")
    reserve(site.client()).ok()


# ---- reservations ----------------------------------------------------------------------------------------


def test_reserved_computers_are_not_free(site: TestSite) -> None:
    make_lab(site, computers=5)
    client = site.client()
    made = reserve(client, computers=3).ok()
    assert made.names() == ["holSessionID"]
    assert status(client, 2, in_days(2, 11), in_days(2, 13)) == "AVAILABLE"
    assert status(client, 3, in_days(2, 11), in_days(2, 13)) == "UNAVAILABLE"
    assert status(client, 5, in_days(2, 12), in_days(2, 13)) == "AVAILABLE"
    assert status(client, 6, in_days(2, 12), in_days(2, 13)) == "UNAVAILABLE"
    full = reserve(client, computers=3).failed("999999")
    assert full.reason == "numComputers: the lab Router lab has 2 free computers at this time"
    reserve(client, computers=2).ok()
    assert sorted(schedule(client).all("scheduledLabs/numComputers")) == ["2", "3"]


def test_the_answer_of_availability_has_what_was_asked(site: TestSite) -> None:
    make_lab(site)
    answer = site.client().call(
        "training.CheckLabAvailability",
        labName="router LAB",
        timeZoneID=-1,
        sessionStartTime="1/5/2031 9:00",
        sessionEndTime="01/05/2031 10:30:00",
        numComputers=4,
    )
    row = answer.ok().names("availabilityLabs")
    assert row == ["labName", "timeZoneID", "sessionStartTime", "sessionEndTime", "numComputers", "status"]
    assert [answer.value(f"availabilityLabs/{name}") for name in row] == [
        "Router lab",
        "4",
        "01/05/2031 09:00:00",
        "01/05/2031 10:30:00",
        "4",
        "AVAILABLE",
    ]


def test_the_schedule_tells_topics_to_those_who_may_know(site: TestSite) -> None:
    make_lab(site)
    reserve(site.client("host1"), topic="Secret project").ok()
    reserve(site.client("host2"), days=2, topic="Open day").ok()
    told = {who: schedule(site.client(who)).all("scheduledLabs/confName") for who in ("host1", "host2", ADMIN)}
    assert sorted(told["host1"]) == ["", "Secret project"]
    assert sorted(told["host2"]) == ["", "Open day"]
    assert sorted(told[ADMIN]) == ["Open day", "Secret project"]
    rows = schedule(site.client())
    assert rows.names("scheduledLabs") == [
        *("labName", "confName", "timeZoneID", "sessionStartTime", "sessionEndTime", "hostWebExID", "numComputers")
    ]
    assert sorted(rows.all("scheduledLabs/hostWebExID")) == ["host1", "host2"]
    assert rows.all("scheduledLabs/sessionStartTime") == [in_days(2, 10)] * 2
    assert schedule(site.client(), days=5).names() == []


def test_computers_in_use_now_are_counted(site: TestSite) -> None:
    number = make_lab(site)
    client, now = site.client(), site.server.application.clock.now()
    times: dict[str, Any] = {"startDate": api_date(now - 60, GMT), "endDate": api_date(now + 7200, GMT)}
    reserve(client, computers=4, **times).ok()
    assert client.call("training.GetLabInfo", labID=number).value("computersInSession") == "4"
    busy = site.client(ADMIN).call("training.DelLab", labID=number).failed("999999")
    assert busy.reason == "labID: computers of the lab are in use"
    site.server.clock.ahead = 7300
    assert client.call("training.GetLabInfo", labID=number).value("computersInSession") == "0"
    site.client(ADMIN).call("training.DelLab", labID=number).ok()


def test_of_twenty_at_once_one_gets_the_last_computer(site: TestSite) -> None:
    make_lab(site, computers=1)
    clients = [site.client(name) for name in ("host1", "host2", ADMIN)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda number: reserve(clients[number % 3]), range(20)))
    assert [each.result for each in answers].count("SUCCESS") == 1
    assert {each.code for each in answers if each.result != "SUCCESS"} == {"999999"}
    assert schedule(clients[0]).all("scheduledLabs/numComputers") == ["1"]
    assert len(mails_of(site, "lab.ending")) == 1


def test_of_twenty_at_once_all_get_one_where_there_are_twenty(site: TestSite) -> None:
    make_lab(site, computers=20)
    client = site.client()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: reserve(client), range(20)))
    assert [each.result for each in answers] == ["SUCCESS"] * 20
    reserve(client).failed("999999")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"numComputers": 0}, "numComputers"),
        ({"numComputers": -5}, "numComputers"),
        ({"numComputers": "many"}, "numComputers"),
        ({"numComputers": None}, "numComputers"),
        ({"topic": " "}, "topic"),
        ({"topic": "x" * 513}, "topic"),
        ({"labName": None}, "labName"),
        ({"labName": "No such lab"}, "labName"),
        ({"startDate": None}, "startDate"),
        ({"endDate": ""}, "endDate"),
        ({"endDate": "tomorrow"}, "Date format"),
        ({"startDate": "01/01/2031 10:00:00", "endDate": "01/01/2031 10:00:00"}, "endDate"),
        ({"startDate": "01/01/2011 10:00:00", "endDate": "01/01/2011 11:00:00"}, "endDate"),
        ({"endDate": "01/01/2051 10:00:00"}, "later than 12/31/2050"),
        ({"timeZoneID": 4711}, "timeZoneID"),
        ({"timeLimit": 0}, "timeLimit"),
        ({"timeLimit": 121}, "timeLimit"),
    ],
)
def test_bad_reservations_are_refused(shared_site: TestSite, values: dict[str, Any], words: str) -> None:
    client = shared_site.client(ADMIN)
    client.call("training.CreateLab", {"lab": {"labName": "Router lab"}})
    answer = reserve(client, **values)
    assert answer.result == "FAILURE"
    assert words in (answer.reason or "")
    assert schedule(client).names() == []


# ---- mails and pages -------------------------------------------------------------------------------------


def test_whoever_reserved_is_told_and_warned(site: TestSite) -> None:
    make_lab(site)
    client = site.client()
    reserve(client, computers=2, sendMail=True, timeLimit=60).ok()
    reserve(client, days=3).ok()
    (told,) = mails_of(site, "lab.reserved")
    first, second = mails_of(site, "lab.ending")
    assert told.recipient == first.recipient == f"host1@{site.name}.example"
    notice = msgspec.json.decode(first.document)
    assert (notice["name"], notice["lab"], notice["computers"], notice["minutes"]) == ("Routers", "Router lab", 2, 120)
    assert first.due_at == notice["starts_at"] + 105 * 60
    assert second.due_at == first.due_at + 86_400
    assert {"lab.reserved", "lab.ending", "lab.cancelled"} <= set(KINDS)


def test_hosts_are_told_when_their_lab_goes(site: TestSite) -> None:
    number = make_lab(site)
    reserve(site.client()).ok()
    site.client(ADMIN).call("training.DelLab", labID=number).ok()
    (told,) = mails_of(site, "lab.cancelled")
    assert told.recipient == f"host1@{site.name}.example"
    assert msgspec.json.decode(told.document)["lab"] == "Router lab"


def test_the_page_of_a_lab_says_how_its_computers_are_reached(site: TestSite) -> None:
    number = make_lab(site, description="Six racks <b>here</b>")
    link = site.client(ADMIN).call("training.GetSetupComputerURL", labID=number).ok().value("SetupComputerURL")
    assert link is not None
    page = httpx.get(link)
    assert page.status_code == 200
    assert "not been set up yet" in page.text
    equipped(site, number, 6, "Ask <the> desk for a key.\nhttps://guacamole.example/lab?a=1&b=2\njavascript:alert(1)")
    page = httpx.get(link)
    assert '<a href="https://guacamole.example/lab?a=1&amp;b=2"' in page.text
    assert "Ask &lt;the&gt; desk for a key." in page.text
    assert 'href="javascript' not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    for wrong in (link[:-1], link[:-32] + "0" * 32, link.replace(site.name, "other")):
        assert httpx.get(wrong).status_code == 404


# ---- labs of sessions ------------------------------------------------------------------------------------


async def _context(site: TestSite) -> Context:
    known = await site.server.application.sites.by_name(site.name)
    assert known is not None
    return Context(site.server.application, known, None, None)


def take(site: TestSite, session_key: int, wish: LabWish | None) -> None:
    """What scheduling or changing a session does about its lab."""

    async def work() -> None:
        context = await _context(site)
        session = await sessions.by_key(context.engine, site.site_id, session_key)
        assert session is not None
        changes = Changes()
        await reserve_for_session(context, changes, session, site.users["host1"], wish)
        await context.engine.commit(changes)

    site.server.run(work())


def test_a_session_has_its_lab_as_long_as_it_is_there(site: TestSite) -> None:
    make_lab(site, computers=4)
    make_lab(site, "Other", computers=4)
    session = training(site)
    take(site, session.session_key, LabWish("router lab", 3))
    day = (session.next_start - site.server.application.clock.now()) / 86_400
    window = Window(session.next_start, session.next_end)
    begin, end = api_date(window.start, GMT), api_date(window.end, GMT)
    client = site.client()
    assert day > 2
    assert status(client, 2, begin, end) == "UNAVAILABLE"
    (warning,) = mails_of(site, "lab.ending")
    assert warning.due_at == window.start + session.duration * 60 - 900
    take(site, session.session_key, LabWish("Router lab", 3))  # nothing changes
    assert [each.outbox_id for each in mails_of(site, "lab.ending")] == [warning.outbox_id]
    take(site, session.session_key, LabWish("Router lab", 4))
    take(site, session.session_key, LabWish("Other", 4))
    assert status(client, 4, begin, end) == "AVAILABLE"
    assert status(client, 1, begin, end, "Other") == "UNAVAILABLE"
    client.call("ep.DelSession", sessionKey=session.session_key).ok()
    assert status(client, 4, begin, end, "Other") == "AVAILABLE"


def test_a_session_gives_its_lab_back(site: TestSite) -> None:
    make_lab(site, computers=1)
    session = training(site)
    take(site, session.session_key, LabWish("Router lab", 1))
    take(site, session.session_key, None)
    begin, end = api_date(session.next_start, GMT), api_date(session.next_end, GMT)
    assert status(site.client(), 1, begin, end) == "AVAILABLE"
    assert MOST_OCCURRENCES == 200


# ---- the store's own look at what is free ----------------------------------------------------------------

spans = st.tuples(st.integers(0, 12), st.integers(1, 6), st.integers(1, 3))


@settings(BOUNDED, max_examples=15)
@given(asked=st.lists(spans, min_size=1, max_size=8))
def test_the_store_lets_in_what_the_rule_lets_in(shared_site: TestSite, asked: list[tuple[int, int, int]]) -> None:
    engine = shared_site.server.application.engine
    name = f"lab {new_uuid()}"
    lab = Lab(
        site_id=shared_site.site_id,
        lab_id=new_record_id(),
        name=name,
        name_key=name,
        computers=4,
        setup_key=new_uuid(),
    )

    async def work() -> None:
        changes = Changes()
        labs.create(changes, lab)
        await engine.commit(changes)
        held: list[Held] = []
        for start, length, computers in asked:
            window = Window(start, start + length)
            wanted = Reservation(
                site_id=lab.site_id,
                reservation_id=new_record_id(),
                lab_id=lab.lab_id,
                host_id=shared_site.users["host1"].user_id,
                session_key=None,
                topic="Any",
                starts_at=window.start,
                ends_at=window.end,
                computers=computers,
            )
            changes = Changes()
            labs.lock(changes, lab)
            labs.reserve(changes, lab, [wanted])
            fits = computers <= free_computers(4, held, window)
            try:
                await engine.commit(changes)
            except Conflict:
                assert not fits
            else:
                assert fits
                held.append(Held(window, computers))
        found = await labs.within(engine, lab, Window(0, 100))
        assert sum(each.computers for each, _ in found) == sum(each.computers for each in held)

    shared_site.server.run(work())


# ---- through the operations of trainings -----------------------------------------------------------------


def hands_on(computers: int = 3, lab: str = "Router lab") -> dict[str, Any]:
    return {"reserveHOL": True, "labName": lab, "numComputers": computers}


def rows(client: Client) -> list[tuple[str, str]]:
    """Start and number of computers of all that is reserved in the next weeks."""
    answer = client.call(
        "training.GetLabSchedule",
        labName="Router lab",
        timeZoneID=GMT,
        sessionStartTime=in_days(0, 0),
        sessionEndTime=in_days(40, 0),
    ).ok()
    starts, numbers = answer.all("scheduledLabs/sessionStartTime"), answer.all("scheduledLabs/numComputers")
    return list(zip(starts, numbers, strict=True))


def test_a_training_is_scheduled_with_its_lab_or_not_at_all(site: TestSite) -> None:
    make_lab(site, computers=5)
    client = site.client()
    kept = create_training(client, handsOnLab=hands_on(3))
    told = get_training(client, kept)
    assert [told.value(f"handsOnLab/{name}") for name in ("reserveHOL", "labName", "numComputers")] == [
        "true",
        "Router lab",
        "3",
    ]
    refused = client.call("training.CreateTrainingSession", planned("Second", handsOnLab=hands_on(3)))
    assert refused.failed("999999").reason == "numComputers: the lab Router lab has 2 free computers at this time"
    for wrong in (hands_on(1, "No such lab"), {"reserveHOL": True}, hands_on(0), {**hands_on(), "labName": None}):
        client.call("training.CreateTrainingSession", planned("Second", handsOnLab=wrong)).failed("999999")
    assert client.call("training.LstsummaryTrainingSession").ok().all("trainingSession/sessionKey") == [kept]
    assert rows(client) == [(in_days(3), "3")]
    client.call("training.CreateTrainingSession", planned(handsOnLab=hands_on(2), validateFormat=True)).ok()
    assert rows(client) == [(in_days(3), "3")]


def test_a_course_has_its_lab_at_all_its_times(site: TestSite) -> None:
    make_lab(site, computers=3)
    client = site.client()
    key = create_training(client, repeat=classes(3), handsOnLab=hands_on(3))
    assert rows(client) == [(in_days(day), "3") for day in (3, 4, 5)]
    set_training(client, key, repeat={"repeatSession": {"action": "DELETE", "index": 2}}).ok()
    assert rows(client) == [(in_days(day), "3") for day in (3, 5)]
    set_training(client, key, metaData={"agenda": "Nothing else"}).ok()
    set_training(client, key, handsOnLab={"numComputers": 2}).ok()
    assert rows(client) == [(in_days(day), "2") for day in (3, 5)]
    set_training(
        client, key, schedule={"startDate": in_days(6), "timeZoneID": GMT}, repeat={"repeatType": "SINGLE"}
    ).ok()
    assert rows(client) == [(in_days(6), "2")]
    set_training(client, key, handsOnLab={"reserveHOL": False}).ok()
    assert rows(client) == []
    set_training(client, key, handsOnLab=hands_on(1)).ok()
    client.call("training.DelTrainingSession", sessionKey=key).ok()
    assert rows(client) == []


def test_a_course_without_an_end_has_no_lab(site: TestSite) -> None:
    make_lab(site)
    many = classes(MOST_OCCURRENCES + 1)
    refused = site.client().call("training.CreateTrainingSession", planned(repeat=many, handsOnLab=hands_on(1)))
    assert f"at most {MOST_OCCURRENCES}" in (refused.failed("999999").reason or "")


def test_of_many_trainings_at_once_one_gets_the_lab(site: TestSite) -> None:
    make_lab(site, computers=3)
    clients = [site.client(name) for name in ("host1", "host2", ADMIN)]

    def create(number: int) -> Answer:
        values = planned(f"Course {number}", handsOnLab=hands_on(3))
        return clients[number % 3].call("training.CreateTrainingSession", values)

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(create, range(12)))
    assert [each.result for each in answers].count("SUCCESS") == 1
    assert {each.code for each in answers if each.result != "SUCCESS"} == {"999999"}
    assert rows(clients[0]) == [(in_days(3), "3")]


def test_nobody_is_warned_of_what_is_gone(site: TestSite) -> None:
    make_lab(site)
    client = site.client()
    key = create_training(client, "Safety <at> work", handsOnLab=hands_on(1))
    (warning,) = mails_of(site, "lab.ending")
    compose = composer(site.server.application)

    async def mail() -> object:
        return await compose(warning)

    assert site.server.run(mail()) is not None
    client.call("training.DelTrainingSession", sessionKey=key).ok()
    assert site.server.run(mail()) is None
