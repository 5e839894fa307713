"""The mails of a site in the console: the list, one mail without what is secret, sending again, calling off."""

from __future__ import annotations

import email
import email.policy
import json
import re
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parley.domain.session import HostedSession
from parley.mail.transports import SmtpTransport
from parley.store import Changes, outbox, sessions
from parley.store.outbox import Message
from tests.mail.smtp import MailServer
from tests.server import Server, TestSite
from tests.web.console import Come, Person, asked_to_register, csrf_of, logged
from tests.web.test_pages import NASTY

SECRET = "Kp7-mistral-Q"


def put(site: TestSite, **columns: Any) -> int:
    """A message in the outbox; its number."""
    number = secrets.randbelow(1 << 62)
    values = {"kind": "user.welcome", "recipient": "host1@example.com", "created_at": site.clock.now(), **columns}
    if "document" not in values:
        values["document"] = account(site)
    changes = Changes()
    outbox.put(changes, [Message(site.site_id, number, **values)])
    site.server.run(site.server.application.engine.commit(changes))
    return number


def account(site: TestSite, **more: Any) -> str:
    known = {"user_id": site.users["host1"].user_id, "web_ex_id": "host1", "first_name": "Ada", "last_name": "Lovelace"}
    return json.dumps({**known, **more})


def one(site: TestSite, number: int) -> Message:
    found = site.server.run(outbox.one(site.server.application.engine, site.site_id, number))
    assert found is not None
    return found


def invited(site: TestSite, name: str) -> str:
    """A meeting of host1 with somebody who is invited by mail; its key."""
    values = {
        "metaData": {"confName": name},
        "accessControl": {"meetingPassword": "Secret77"},
        "schedule": {"startDate": "", "duration": 45, "timeZoneID": 20},
        "participants": {"attendees": {"attendee": [{"person": {"name": "Ada", "email": "ada@example.com"}}]}},
        "attendeeOptions": {"emailInvitations": True},
    }
    return site.client().call("meeting.CreateMeeting", values).ok().value("meetingkey") or ""


def session(site: TestSite, key: str) -> HostedSession:
    found = site.server.run(sessions.by_key(site.server.application.engine, site.site_id, int(key)))
    assert found is not None
    return found


def of_kind(site: TestSite, kind: str) -> list[Message]:
    found = site.server.run(outbox.newest(site.server.application.engine, site.site_id, maximum=100))
    return [each for each in found if each.kind == kind]


# ---- the list ------------------------------------------------------------------------------------------------


def test_nothing_yet(site: TestSite, come: Come) -> None:
    person = come(site, "admin")
    page = person.open("admin/mail")
    assert (person.status, person.heading) == (200, "Mail")
    assert "No mails yet." in page
    assert "No mail server is set" in page
    assert f"mail/{site.name}" in page
    assert str(Path(site.server.config.data).absolute()) not in page


def test_the_list_and_its_filters(site: TestSite, come: Come) -> None:
    now = site.clock.now()
    put(site, recipient="Old.Ada@example.com", created_at=now - 100, sent_at=now - 90, note="250 ok")
    put(site, recipient="failing@example.com", failed_at=now, attempts=3, note="550 5.1.1 no such user <b>here</b>")
    put(site, recipient="later@example.com", due_at=now + 600, attempts=2, note="451 greylisted")
    put(site, recipient="taken@example.com", taken_until=now + 100, attempts=1)
    put(site, recipient="50%_x@example.com", kind="user.password_link")
    put(site, recipient=None, kind="session.next_reminder", document="{}", due_at=now + 9000)
    person = come(site, "admin")
    page = person.open("admin/mail")
    counts = re.search(r'<ul class="tally".*?</ul>', person.page, re.DOTALL)
    assert counts is not None
    assert re.findall(r"<strong>(\d+)", counts[0]) == ["2", "1", "1", "1"]
    assert "become mails when it is time: 1" in page
    assert page.index("failing@") < page.index("Old.Ada@")
    assert "does not take mails for this address" in page
    assert "Tries: 2. The next one:" in page
    assert "<b>here" not in person.page
    shown = {
        "state=failed": {"failing"},
        "state=waiting": {"later", "50%_x"},
        "state=sending": {"taken"},
        "state=sent": {"Old.Ada"},
        "state=nonsense": {"failing", "later", "taken", "50%_x", "Old.Ada"},
        "to=old.ada@EXAMPLE": {"Old.Ada"},
        "to=50%25_x": {"50%_x"},
        "to=%25": {"50%_x"},
        "to=%5C": set(),
        "kind=user.password_link": {"50%_x"},
        "kind=user.welcome&state=sent&to=ada": {"Old.Ada"},
        "to=%00%3Cscript%3E": set(),
        f"to={'x' * 10_000}": set(),
        "before=x": {"failing", "later", "taken", "50%_x", "Old.Ada"},
        f"before={now - 50}-0": {"Old.Ada"},
        f"before={9**19}-{9**25}": {"failing", "later", "taken", "50%_x", "Old.Ada"},
    }
    for query, expected in shown.items():
        page = person.open(f"admin/mail?{query}")
        assert person.status == 200
        assert set(re.findall(r"To (\S+)@example.com", page)) == expected, query
        assert "<script>" not in person.page


def test_the_list_is_paged(site: TestSite, come: Come) -> None:
    now = site.clock.now()
    for number in range(53):
        put(site, recipient=f"p{number:02}@example.com", created_at=now - 1000 + number)
    person = come(site, "admin")
    first = person.open("admin/mail?to=p")
    assert len(re.findall(r"To p\d\d@", first)) == 50
    older = re.search(r'href="[^"]*/console/([^"]+)">Older', person.page)
    assert older is not None
    second = person.open(older[1].replace("&amp;", "&"))
    assert re.findall(r"To (p\d\d)@", second) == ["p02", "p01", "p00"]
    assert "Newest" in second
    assert "Older" not in second


# ---- one mail ------------------------------------------------------------------------------------------------


def test_a_mail_with_its_parts(site: TestSite, come: Come) -> None:
    invited(site, "Weekly planning")
    message = of_kind(site, "session.invitation")[0]
    person = come(site, "admin")
    page = person.open(f"admin/mail/{message.outbox_id}")
    assert "Meeting invitation: Weekly planning" in person.heading
    assert message.recipient is not None
    assert message.recipient in page
    assert "BEGIN:VCALENDAR" in page
    assert "Message-ID" in page
    assert (
        "frame-src 'self'"
        in person.http.get(person.address(f"admin/mail/{message.outbox_id}")).headers["content-security-policy"]
    )
    assert f'src="/{site.name}/console/admin/mail/{message.outbox_id}/html" sandbox title=' in person.page
    file = person.http.get(person.address(f"admin/mail/{message.outbox_id}/eml"))
    assert file.headers["content-type"] == "message/rfc822"
    assert file.headers["content-disposition"].startswith("attachment")
    mail = email.message_from_bytes(file.content, policy=email.policy.default)
    assert mail["Subject"] == "Meeting invitation: Weekly planning"
    calendar = person.http.get(person.address(f"admin/mail/{message.outbox_id}/ics"))
    assert calendar.headers["content-type"].startswith("text/calendar")
    assert calendar.content.startswith(b"BEGIN:VCALENDAR\r\n")
    assert b"\r\r" not in calendar.content


def test_the_frame_runs_and_loads_nothing(site: TestSite, come: Come) -> None:
    number = put(site, document=account(site, first_name=NASTY, html=True))
    person = come(site, "admin")
    answer = person.http.get(person.address(f"admin/mail/{number}/html"))
    assert answer.status_code == 200
    policy = {each.strip().partition(" ")[0]: each for each in answer.headers["content-security-policy"].split(";")}
    assert policy["sandbox"].strip() == "sandbox"
    assert policy["default-src"].strip() == "default-src 'none'"
    assert policy["frame-ancestors"].strip() == "frame-ancestors 'self'"
    assert "script-src" not in policy
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert answer.headers["cache-control"] == "no-store"
    assert "<script>alert" not in answer.text
    assert '<base target="_blank">' in answer.text


def secrets_shown(person: Person, number: int) -> str:
    """Everything that is told of a mail."""
    texts = [person.open(f"admin/mail/{number}")]
    for part in ("html", "eml", "ics"):
        answer = person.http.get(person.address(f"admin/mail/{number}/{part}"))
        if answer.status_code == 200:
            texts.append(answer.text)
            if part == "eml":
                mail = email.message_from_bytes(answer.content, policy=email.policy.default)
                texts += [str(each.get_content()) for each in mail.walk() if each.get_content_maintype() == "text"]
    return "\n".join(texts)


@pytest.mark.parametrize("sent", [False, True])
def test_no_password_and_no_link_of_an_account_is_told(site: TestSite, come: Come, sent: bool) -> None:
    known = {} if sent else {"password": SECRET}
    linked = {} if sent else {"token": SECRET}
    done = {"sent_at": site.clock.now()} if sent else {}
    person = come(site, "admin")
    for kind, more in (
        ("user.password_reset", known),
        ("user.password_link", linked),
        ("user.email_change", linked),
    ):
        told = secrets_shown(person, put(site, kind=kind, document=account(site, **more), **done))
        assert SECRET not in told
        assert "***" in told
        assert "None" not in told


def test_no_secret_of_a_session_is_told(site: TestSite, come: Come) -> None:
    row = session(site, invited(site, "Weekly planning"))
    waiting = session(site, asked_to_register(site, "Open house"))
    site.server.run(site.server.mailbox.deliver(site.server.application, site.site_id))
    person = come(site, "admin")
    told_host = [each for each in of_kind(site, "session.scheduled") if each.session_key == row.session_key]
    to_host = secrets_shown(person, told_host[0].outbox_id)
    assert "Weekly planning" in to_host
    for secret in ("Secret77", row.host_key, row.host_link):
        assert secret
        assert secret not in to_host
    assert "***" in to_host
    assert "73273877" not in to_host  # the password as it is typed on a telephone
    told = "".join(secrets_shown(person, each.outbox_id) for each in of_kind(site, "session.invitation"))
    assert "Secret77" not in told
    assert row.attendee_link in told  # all who are invited have this one
    people = site.server.run(sessions.all_attendees(site.server.application.engine, waiting))
    asked = [
        {
            "person": {"name": each.name, "email": each.email_key},
            "sessionKey": str(waiting.session_key),
            "joinStatus": "ACCEPT",
            "emailInvitations": True,
        }
        for each in people
    ]
    site.client().call("attendee.RegisterMeetingAttendee", attendees=asked).ok()
    people = site.server.run(sessions.all_attendees(site.server.application.engine, waiting))
    accepted = "".join(secrets_shown(person, each.outbox_id) for each in of_kind(site, "registration.accepted"))
    assert "Open house" in accepted
    assert all(each.register_id is not None and str(each.register_id) not in accepted for each in people)


def test_mails_that_cannot_be_made_say_so(site: TestSite, come: Come) -> None:
    person = come(site, "admin")
    unknown = put(site, kind="some.thing<script>", document="{}")
    assert "does not know such mails" in person.open(f"admin/mail/{unknown}")
    broken = put(site, document="no json")
    assert "cannot be made" in person.open(f"admin/mail/{broken}")
    gone = put(site, document=account(site, user_id=1))
    assert "is gone" in person.open(f"admin/mail/{gone}")
    nowhere = put(site, recipient="nobody")
    assert "no address to which a mail can go" in person.open(f"admin/mail/{nowhere}")
    for number in (unknown, broken, gone, nowhere):
        assert person.http.get(person.address(f"admin/mail/{number}/html")).status_code == 404
    assert person.open("admin/mail")
    assert "<script>" not in person.page


def test_numbers_of_others_and_of_nobody(site: TestSite, come: Come) -> None:
    other = site.server.new_site()
    number = put(other)
    planned = put(site, recipient=None, kind="session.next_reminder", document="{}")
    person = come(site, "admin")
    for each in (number, planned, 4711, 2**63, 2**200, "x", "-1", "%00", "٣"):
        for part in ("", "/html", "/eml", "/ics"):
            person.open(f"admin/mail/{each}{part}")
            assert person.status == 404, each
    person.open("profile")
    csrf = person.form("profile")[1]["CSRF"]
    person.post(f"admin/mail/{number}", CSRF=csrf, DO="cancel")
    assert person.status == 404
    assert one(other, number).state == "waiting"
    mine = put(site, document=account(site, html=False))
    assert person.http.get(person.address(f"admin/mail/{mine}/html")).status_code == 404  # it has no HTML
    assert person.http.get(person.address(f"admin/mail/{mine}/ics")).status_code == 404


# ---- changes -------------------------------------------------------------------------------------------------


def test_sending_again(site: TestSite, come: Come) -> None:
    number = put(site, failed_at=site.clock.now(), attempts=7, note="550 no")
    person = come(site, "admin")
    person.open(f"admin/mail/{number}")
    person.send(f"mail/{number}", DO="again")
    assert person.notice == "The mail is sent again as soon as a delivery runs."
    found = one(site, number)
    assert (found.state, found.attempts) == ("waiting", 0)
    assert ("admin", "CONSOLE", ["mail_sent_again"]) in logged(site)
    assert "Mail sent again" in person.open("admin/audit")
    assert [each.to for each in site.mails] == ["host1@example.com"]
    person.post(f"admin/mail/{number}", CSRF=csrf_of(person), DO="again")
    assert person.status == 409
    assert "It was sent already" in person.page


def test_calling_off(site: TestSite, come: Come) -> None:
    number = put(site)
    person = come(site, "admin")
    person.open(f"admin/mail/{number}")
    person.send(f"mail/{number}", DO="cancel")
    assert person.notice == "The mail was called off. You can still send it again."
    assert "An administrator called it off." in person.page
    assert one(site, number).state == "failed"
    assert ("admin", "CONSOLE", ["mail_called_off"]) in logged(site)
    assert site.mails == []
    person.send(f"mail/{number}", DO="again")
    assert one(site, number).state == "waiting"


def test_what_is_being_sent_is_left_alone(site: TestSite, come: Come) -> None:
    number = put(site, taken_until=site.clock.now() + 100, attempts=1)
    person = come(site, "admin")
    page = person.open(f"admin/mail/{number}")
    assert "Being sent" in page
    assert f"/mail/{number}" not in [action for action, _ in forms(person)]
    csrf = csrf_of(person)
    for wish in ("again", "cancel"):
        person.post(f"admin/mail/{number}", CSRF=csrf, DO=wish)
        assert person.status == 409
    assert one(site, number).taken_until > site.clock.now()
    person.post(f"admin/mail/{number}", CSRF=csrf, DO="explode")
    assert person.status == 400


def forms(person: Person) -> list[tuple[str, str]]:
    return re.findall(r'<form method="(\w+)" action="([^"]+)"', person.page)


def test_who_may(site: TestSite, come: Come) -> None:
    site.add_user("looker", "ro_admin")
    site.set_user("host2", ro_site_admin=False)
    number = put(site, failed_at=site.clock.now())
    paths = ["admin/mail", *(f"admin/mail/{number}{part}" for part in ("", "/html", "/eml"))]
    for name in ("host2", "attendee1"):
        person = come(site, name)
        csrf = csrf_of(person)
        for path in paths:
            person.open(path)
            assert person.status == 403, (name, path)
        for path in (f"admin/mail/{number}", "admin/mail/test"):
            person.post(path, CSRF=csrf, DO="again")
            assert person.status == 403
    nobody = come(site)
    nobody.open("admin/mail")
    assert nobody.where.startswith("sign-in")
    looker = come(site, "looker")
    csrf = csrf_of(looker)
    looker.open("admin/mail")
    assert looker.status == 200
    assert "Send a test mail" not in looker.page
    assert "Send again" not in looker.open(f"admin/mail/{number}")
    for path in (f"admin/mail/{number}", "admin/mail/test"):
        looker.post(path, CSRF=csrf, DO="again")
        assert looker.status == 403
    admin = come(site, "admin")
    bad: tuple[dict[str, Any], ...] = ({}, {"CSRF": "0" * 64}, {"CSRF": csrf})
    for values in bad:
        admin.post(f"admin/mail/{number}", DO="again", **values)
        assert admin.status == 403
    admin.post(f"admin/mail/{number}", {"Sec-Fetch-Site": "cross-site"}, CSRF=csrf_of(admin), DO="again")
    assert admin.status == 403
    assert one(site, number).state == "failed"


# ---- a test mail ---------------------------------------------------------------------------------------------


def test_a_test_mail_without_a_mail_server(site: TestSite, come: Come) -> None:
    person = come(site, "admin")
    person.open("admin/mail")
    page = person.send("mail/test")
    address = site.users["admin"].email
    assert f"The test mail to {address} was kept as a file" in page
    files = list((Path(site.server.config.data) / "mail" / site.name).glob("*.eml"))
    assert len(files) == 1
    mail = email.message_from_bytes(files[0].read_bytes(), policy=email.policy.default)
    assert mail["To"] == f"Admin Tester <{address}>"
    assert mail["Subject"] == f"Test mail of {site.name}"
    assert of_kind(site, "user.welcome") == []


@pytest.fixture
def posting(sqlite_template: Path, tmp_path: Path) -> Iterator[tuple[TestSite, MailServer]]:
    """A site on a server with a mail server."""
    with MailServer() as mail_server:
        (tmp_path / "parley.db").write_bytes(sqlite_template.read_bytes())
        server = Server(None, tmp_path, smtp=mail_server.address).start()
        yield TestSite.made(server, "42.6.0", {}), mail_server
        server.stop()


def test_a_test_mail_through_a_mail_server(
    posting: tuple[TestSite, MailServer], come: Come, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, mail_server = posting
    person = come(site, "admin")
    person.open("admin/mail")
    assert "No mail server is set" not in person.page
    assert "parley mail deliver" in person.page  # the servers of tests leave it to others
    page = person.send("mail/test")
    assert "The mail server took the test mail to" in page
    assert "250 taken" in page or "taken" in page
    assert mail_server.box.taken[0].rcpt_tos == [site.users["admin"].email]
    mail_server.box.recipient_answers.append("550 5.1.1 <no> such user")
    page = person.send("mail/test")
    assert person.status == 502
    assert "does not take mails for this address" in page
    assert "550 5.1.1 <no> such user" in page
    mail_server.box.answers.append("452 4.2.2 full")
    assert "could not take the mail just now" in person.send("mail/test")
    mail_server.box.answers.append("cut")
    assert "not sent" in person.send("mail/test")

    async def hang(*_: object) -> str:
        raise TimeoutError

    monkeypatch.setattr(SmtpTransport, "send", hang)
    assert "did not answer in time" in person.send("mail/test")


def test_a_test_mail_to_nobody_who_answers(sqlite_template: Path, tmp_path: Path, come: Come) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))  # nobody listens there
        (tmp_path / "parley.db").write_bytes(sqlite_template.read_bytes())
        server = Server(None, tmp_path, smtp=f"smtp://127.0.0.1:{probe.getsockname()[1]}?tls=none").start()
        person = come(TestSite.made(server, "42.6.0", {}), "admin")
        person.open("admin/mail")
        page = person.send("mail/test")
        server.stop()
    assert person.status == 502
    assert "Nothing answers at the address of the mail server." in page


def test_notes_in_words() -> None:
    from parley.web.console.mail_words import error_words

    expected = {
        "421 4.3.2 later": "not available at the moment",
        "450 x": "could not take the mail just now",
        "535 5.7.8 bad credentials": "refuses the name and the password",
        "550 x": "does not take mails for this address",
        "552 x": "too large",
        "554 x": "for good",
        "mail.example.org: Timed out connecting": "did not answer in time",
        "mail.example.org: [Errno 111] Connection refused": "Nothing answers",
        "mail.example.org: [Errno -2] Name or service not known": "name of the mail server is not known",
        "mail.example.org: [SSL: CERTIFICATE_VERIFY_FAILED]": "cannot be encrypted",
        "cannot be made: KeyError": "cannot be made of what is known",
        "cannot write to the data folder: No space": "data folder of the server",
    }
    assert {note: words in (error_words(note) or "") for note, words in expected.items()} == dict.fromkeys(
        expected, True
    )
    assert error_words("5 apples") is None
    assert error_words(None) is None
