"""Recordings in the console: the own ones, one of them, the trash, and the page that sends files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from parley.domain.recording import Details, HostedRecording, State
from parley.store import recordings
from tests.server import TestSite
from tests.web.console import Person
from tests.web.recordings import CONTENT, recorded
from tests.web.test_pages import NASTY


def row_of(site: TestSite, number: int) -> HostedRecording | None:
    return site.server.run(recordings.by_id(site.server.application.engine, site.site_id, number))


def state_of(site: TestSite, number: int) -> State | None:
    row = row_of(site, number)
    return None if row is None else row.state


def test_nothing_yet(person: Person) -> None:
    page = person.open("recordings")
    assert person.heading == "Recordings"
    assert "You have no recordings yet." in page
    assert "Nothing is in the trash." in person.open("recordings/trash")


def test_the_list(site: TestSite, person: Person) -> None:
    recorded(site, NASTY, created_at=1_700_000_000, password="Secret-7")
    newer = recorded(site, "Newer", created_at=1_700_100_000)
    recorded(site, "Of somebody else", host="host2")
    page = person.open("recordings")
    assert person.status == 200
    assert page.index("Newer") < page.index(NASTY)
    assert "<script>alert" not in person.page
    assert "Of somebody else" not in page
    assert "with password" in page
    assert f"ldr.php?RCID={newer.stream_rcid}&AT=host" in page
    assert f"lsr.php?RCID={newer.file_rcid}" in page
    played = person.http.get(f"{site.server.url}/{site.name}/ldr.php?RCID={newer.stream_rcid}&AT=host")
    assert played.status_code == 200
    assert "Newer" in played.text


def test_pages_of_the_list(site: TestSite, person: Person) -> None:
    for number in range(26):
        recorded(site, f"Talk {number:02}", created_at=1_700_000_000 + number * 3600)
    first = person.open("recordings")
    assert "Page 1 of 2" in first
    assert "Talk 25" in first
    assert "Talk 00" not in first
    for page in ("2", "999", "99999999"):
        last = person.open(f"recordings?page={page}")
        assert "Page 2 of 2" in last
        assert "Talk 00" in last
        assert "Talk 01" not in last
    for page in ("0", "-1", "x", "9" * 40):
        assert "Page 1 of 2" in person.open(f"recordings?page={page}")


def test_changing_one(site: TestSite, person: Person) -> None:
    number = recorded(site, "Weekly", details=Details(description="Before\nafter")).recording_id
    person.open(f"recordings/{number}")
    assert person.form(f"recordings/{number}")[1]["DESCRIPTION"] == "Before\nafter"
    person.send(f"recordings/{number}")
    assert person.notice == "Nothing was different, so nothing was changed."
    person.send(f"recordings/{number}", NAME=" Team  talk ", DESCRIPTION="One\r\ntwo", PASSWORD="Secret-7")
    assert (person.status, person.heading, person.notice) == (200, "Team talk", "The changes were saved.")
    told = site.client().call("ep.GetRecordingInfo", recordingID=number).ok()
    assert told.value("basic/topic") == "Team talk"
    assert told.value("basic/description") == "One\ntwo"
    assert told.value("fileAccess/password") == "Secret-7"
    person.send(f"recordings/{number}", DESCRIPTION="", PASSWORD="")
    row = row_of(site, number)
    assert row is not None
    assert (row.name, row.password, row.details.description) == ("Team talk", None, None)


def test_who_sees_one(site: TestSite, person: Person) -> None:
    number = recorded(site, "Weekly", listing="PRIVATE").recording_id
    visitor = Person(site)
    shown = visitor.address("").replace("/console/", "/recordings")
    for listing, found in (("PUBLIC", True), ("UNLISTED", False), ("PUBLIC", True), ("<b>", True), ("PRIVATE", False)):
        person.open(f"recordings/{number}")
        person.send(f"recordings/{number}", LISTING=listing)
        assert person.status == 200
        assert ("Weekly" in visitor.http.get(shown).text) is found, listing
    told = site.client().call("ep.GetRecordingInfo", recordingID=number).ok()
    assert (told.value("basic/listing"), told.value("basic/topic")) == ("PRIVATE", "Weekly")
    visitor.close()


def test_what_is_refused_stands_beside_its_field(site: TestSite) -> None:
    site = site.server.new_site(strict_recording_passwords=True)
    person = Person(site, "host1")
    number = recorded(site, "Weekly", password="Secret-7Aa").recording_id
    person.open(f"recordings/{number}")
    for name, value in (("NAME", ""), ("NAME", "x" * 600), ("PASSWORD", "a"), ("PASSWORD", "")):
        page = person.send(f"recordings/{number}", **{name: value})
        assert person.status == 400, name
        assert f'id="{name.lower()}-error"' in page, (name, value)
        person.open(f"recordings/{number}")
    row = row_of(site, number)
    assert row is not None
    assert (row.name, row.password) == ("Weekly", "Secret-7Aa")
    person.close()


def test_a_long_description_is_not_cut(site: TestSite, person: Person) -> None:
    long = "word " * 1_200 + "end"
    number = recorded(site, "Weekly", details=Details(description=long)).recording_id
    person.open(f"recordings/{number}")
    assert "DESCRIPTION" not in person.form(f"recordings/{number}")[1]
    person.send(f"recordings/{number}", NAME="Other")
    row = row_of(site, number)
    assert row is not None
    assert (row.name, row.details.description) == ("Other", long)


def test_into_the_trash_and_back(site: TestSite, person: Person) -> None:
    number = recorded(site, "Weekly").recording_id
    person.open(f"recordings/{number}")
    person.send(f"recordings/{number}/trash")
    assert (person.where, person.notice) == ("recordings", "The recording is in the trash.")
    assert state_of(site, number) is State.TRASHED
    person.open(f"recordings/{number}")
    assert person.status == 404
    assert "Weekly" in person.open("recordings/trash")
    person.send(f"recordings/trash/{number}")
    assert person.where == f"recordings/{number}"
    assert person.notice == "The recording is back among your recordings."
    assert state_of(site, number) is State.READY


def test_deleted_for_good(site: TestSite, person: Person) -> None:
    numbers = [recorded(site, f"Talk {each}").recording_id for each in range(3)]
    kept = recorded(site, "Of somebody else", host="host2").recording_id
    for number in numbers:
        person.open(f"recordings/{number}")
        person.send(f"recordings/{number}/trash")
    person.open(f"recordings/trash/{numbers[0]}/delete")
    assert person.heading == "Delete Talk 0 for good?"
    assert state_of(site, numbers[0]) is State.TRASHED
    person.send(f"recordings/trash/{numbers[0]}/delete")
    assert (person.where, person.notice) == ("recordings/trash", "The recording was deleted for good.")
    assert state_of(site, numbers[0]) is State.GONE
    person.open("recordings/trash/empty")
    person.send("recordings/trash/empty")
    assert person.notice == "The trash is empty."
    assert [state_of(site, each) for each in numbers] == [State.GONE] * 3
    assert state_of(site, kept) is State.READY


def test_anothers_recordings_are_not_there(site: TestSite, person: Person, other: Person) -> None:
    ready, thrown = (recorded(site, f"Quiet {each}").recording_id for each in range(2))
    person.open(f"recordings/{thrown}")
    person.send(f"recordings/{thrown}/trash")
    admin = Person(site, "admin")
    elsewhere = recorded(site.server.new_site(), "Quiet elsewhere").recording_id
    for visitor in (other, admin):
        visitor.open("profile")
        csrf = visitor.form("profile")[1]["CSRF"]
        for number in (ready, thrown, elsewhere, 10**20):
            for path in (f"recordings/{number}", f"recordings/trash/{number}/delete"):
                assert "Quiet" not in visitor.open(path)
                assert visitor.status == 404, path
            for path in (f"{number}", f"{number}/trash", f"trash/{number}", f"trash/{number}/delete"):
                visitor.post(f"recordings/{path}", CSRF=csrf, NAME="Mine")
                assert visitor.status == 404, path
        assert "Quiet" not in visitor.open("recordings") + visitor.open("recordings/trash")
    admin.close()
    assert (state_of(site, ready), state_of(site, thrown)) == (State.READY, State.TRASHED)


def test_forms_of_strangers_do_nothing(site: TestSite, person: Person) -> None:
    number = recorded(site, "Weekly").recording_id
    for path in (f"recordings/{number}", f"recordings/{number}/trash", "recordings/trash/empty"):
        person.post(path, CSRF="0" * 32, NAME="Theirs")
        assert person.status == 403, path
        person.post(path, headers={"Sec-Fetch-Site": "cross-site"}, NAME="Theirs")
        assert person.status == 403, path
    row = row_of(site, number)
    assert row is not None
    assert (row.name, row.state) == ("Weekly", State.READY)


def test_attendees_have_none(site: TestSite) -> None:
    attendee = Person(site, "attendee1")
    for path in ("recordings", "recordings/trash", "recordings/upload"):
        attendee.open(path)
        assert (attendee.status, attendee.heading) == (403, "For hosts only")
    attendee.close()


def test_who_may_upload(site: TestSite) -> None:
    site.set_user("host2", ro_site_admin=True, host=False)
    admin = Person(site, "host2")
    assert "Upload a file" not in admin.open("recordings")
    admin.open("recordings/upload")
    assert (admin.status, admin.heading) == (403, "For hosts only")
    admin.close()


def test_the_page_that_sends_files(site: TestSite) -> None:
    for name, hours in (("Past talk", 1), ("Talk to come", 9)):
        begins = (datetime.now(UTC) + timedelta(hours=hours)).strftime("%m/%d/%Y %H:%M:%S")
        values = {
            "metaData": {"confName": name},
            "accessControl": {"meetingPassword": "Secret77"},
            "schedule": {"startDate": begins, "duration": 30, "timeZoneID": 20},
        }
        site.client().call("meeting.CreateMeeting", values).ok()
    site.server.clock.ahead = 2 * 3600
    person = Person(site, "host1")
    page = person.open("recordings/upload")
    assert "parley recording import" in page
    assert "19.5 GB" in page
    assert "Past talk, " in page
    assert "Talk to come" not in page
    assert set(person.form("recordings/upload")[1]) == {"FILE", "NAME", "PASSWORD", "SESSION"}
    answer = person.http.get(person.address("recordings/upload"))
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'; connect-src 'self'" in policy
    assert "unsafe" not in policy
    value = page.partition('data-csrf="')[2].partition('"')[0]
    upload = person.http.post(
        f"{site.server.url}/{site.name}/recordings/upload",
        headers={"Tus-Resumable": "1.0.0", "CSRF": value, "Upload-Length": str(len(CONTENT))},
    )
    assert upload.status_code == 201, upload.text
    person.close()
