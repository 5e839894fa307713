"""Mails as MIME: read back as they were made, and nothing that people write becomes a header."""

from __future__ import annotations

import email
import email.policy
import random
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.mail.mime import AddressError, Letter, made, message_id
from parley.mail.texts import header_line, one_line

HEADERS = [
    *("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"),
    *("MIME-Version", "Content-Type", "Content-Language"),
]
FILE = b"BEGIN:VCALENDAR\r\nSUMMARY:Gr\xc3\xbc\xc3\x9fe\r\nEND:VCALENDAR\r\n"


def letter(**fields: Any) -> Letter:
    given = {
        "number": (7, 4711),
        "host": "meet.example.com",
        "sent_at": 1_800_000_000,
        "sender": ("Example", "parley@example.com"),
        "recipient": ("Grace Hopper", "grace@example.com"),
        "reply_to": ("Ada Lovelace", "ada@example.com"),
        "subject": "Meeting scheduled: Review",
        "language": "en-US",
        "text": "Hello\n",
        "html": "<p>Hello</p>",
        **fields,
    }
    return Letter(**given)


def sent(mail: EmailMessage) -> Any:
    """The mail as whoever gets it reads it."""
    return email.message_from_bytes(mail.as_bytes(), policy=email.policy.default)


def test_headers() -> None:
    mail = sent(made(letter()))
    assert sorted(mail.keys()) == sorted(HEADERS)
    assert mail["From"] == "Example <parley@example.com>"
    assert mail["To"] == "Grace Hopper <grace@example.com>"
    assert mail["Reply-To"] == "Ada Lovelace <ada@example.com>"
    assert mail["Subject"] == "Meeting scheduled: Review"
    assert mail["Date"] == "Fri, 15 Jan 2027 08:00:00 +0000"
    assert mail["Message-ID"] == "<7.4711@meet.example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "en-US"


def test_text_and_html_are_alternatives() -> None:
    mail = sent(made(letter()))
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


def test_a_calendar_file_is_an_alternative_and_an_attachment() -> None:
    mail = sent(made(letter(calendar=(FILE, "REQUEST"))))
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    inner = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    assert inner.get_param("method") == "REQUEST"
    assert inner.get_content_charset() == "utf-8"
    assert inner.get_payload(decode=True).replace(b"\r\n", b"\n") == FILE.replace(b"\r\n", b"\n")
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "invite.ics"
    assert attached.get_content() == FILE


def test_plain_mails_are_one_part() -> None:
    mail = sent(made(letter(html=None, reply_to=None)))
    assert mail.get_content_type() == "text/plain"
    assert "Reply-To" not in mail


@pytest.mark.parametrize("evil", ["\r\nBcc: spy@example.com", "\nX-Evil: 1", "\r\n\r\n<script>", "\x00\x85\u2028x: y"])
def test_names_and_subjects_cannot_make_headers(evil: str) -> None:
    mail = sent(
        made(
            letter(
                subject=f"Review{evil}",
                sender=(f"Site{evil}", "parley@example.com"),
                recipient=(f"Grace{evil}", "grace@example.com"),
                reply_to=(f"Ada{evil}", "ada@example.com"),
            )
        )
    )
    assert sorted(mail.keys()) == sorted(HEADERS)
    assert [str(each.addr_spec) for name in ("From", "To", "Reply-To") for each in mail[name].addresses] == [
        *("parley@example.com", "grace@example.com", "ada@example.com"),
    ]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "grace",
        "grace@example.com\r\nBcc: x@example.com",
        "a@b, c@d",
        "<a@b>",
        "a b@example.com",
        "@",
        "a@",
        "a\x00@b",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(AddressError):
        made(letter(recipient=("Grace", address)))


@given(st.text(max_size=200), st.text(max_size=300))
def test_all_names_and_subjects_can_be_read_back(name: str, subject: str) -> None:
    mail = sent(made(letter(recipient=(name, "grace@example.com"), subject=subject)))
    assert sorted(mail.keys()) == sorted(HEADERS)
    (address,) = mail["To"].addresses
    assert address.addr_spec == "grace@example.com"
    assert mail["Subject"] == header_line(subject)


@pytest.mark.parametrize(
    "name",
    [
        "Grace Hopper",
        "Hopper, Grace",
        "Müller & Söhne",
        "שרה לוי",
        "山田 太郎",
        "O'Neil",
        "José " * 30,
        "a.b@c",
        "Dr. X;Y:Z",
    ],
)
def test_names_arrive_as_they_are(name: str) -> None:
    raw = made(letter(recipient=(name, "grace@example.com"))).as_bytes()
    shown, address = parseaddr(str(email.message_from_bytes(raw)["To"]))
    assert (str(make_header(decode_header(shown))), address) == (one_line(name, 100), "grace@example.com")


@pytest.mark.parametrize("number", range(100))
def test_long_texts_of_mixed_letters_arrive_as_they_are(number: int) -> None:
    source = random.Random(number)
    words = ["José", "Größe", "review", "山田", "a,b", "X;Y", "Straßenbahnfahrer", "plan", "עדה", "it's", "x.y", "👩‍🚀"]
    subject = " ".join(source.choice(words) for _ in range(source.randint(1, 30)))
    raw = made(letter(subject=subject, recipient=(subject, "grace@example.com"))).as_bytes()
    read = email.message_from_bytes(raw)
    assert str(make_header(decode_header(read["Subject"]))) == one_line(subject, 500)
    assert str(make_header(decode_header(parseaddr(str(read["To"]))[0]))) == one_line(subject, 100)
    assert sent(made(letter(subject=subject)))["Subject"] == subject


def test_brackets_and_quotes_become_blanks_in_names() -> None:
    (address,) = sent(made(letter(recipient=('"Grace" <x@y>', "grace@example.com"))))["To"].addresses
    assert address.display_name == "Grace x@y"


def test_domains_of_other_scripts_are_written_in_ascii() -> None:
    mail = sent(made(letter(recipient=("Jörg", "joerg@müller.example"))))
    assert mail["To"].addresses[0].addr_spec == "joerg@xn--mller-kva.example"


def test_addresses_of_other_scripts_go_out_as_utf8() -> None:
    raw = made(letter(recipient=("Jörg", "jörg@example.com"))).as_bytes()
    assert "jörg@example.com".encode() in raw


@pytest.mark.parametrize("host", ["", "::1", "a b", "evil>\r\nX: y", "-"])
def test_a_host_that_is_no_domain_does_not_get_into_the_message_id(host: str) -> None:
    assert message_id(1, 2, host) == "<1.2@parley.invalid>"


def test_long_lines_are_wrapped_for_transport() -> None:
    raw = made(letter(text="x" * 5000, html=f"<p>{'y' * 5000}</p>")).as_bytes()
    assert max(len(line) for line in raw.split(b"\r\n")) < 998
