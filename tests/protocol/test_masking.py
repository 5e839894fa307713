"""Documents as people may look at them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.protocol.masking import STARS, masked, readable


@pytest.mark.parametrize(
    ("document", "shown"),
    [
        ("<password>Geheim</password>", f"<password>{STARS}</password>"),
        ("<PassWord>Geheim</PASSWORD>", f"<PassWord>{STARS}</PASSWORD>"),
        ("<use:password a='1'>x</use:password>", f"<use:password a='1'>{STARS}</use:password>"),
        ("<password>a</password><name>b</name>", f"<password>{STARS}</password><name>b</name>"),
        ("<meetingPassword><![CDATA[a<b]]></meetingPassword>", f"<meetingPassword>{STARS}</meetingPassword>"),
        ("<sessionTicket>AAA</sessionTicket>", f"<sessionTicket>{STARS}</sessionTicket>"),
        ("<samlResponse>AAA</samlResponse>", f"<samlResponse>{STARS}</samlResponse>"),
        ("<hostKey>123456</hostKey>", f"<hostKey>{STARS}</hostKey>"),
        ("<password>never closed", f"<password>{STARS}"),
        ("<password>a<b>c</b></password>", f"<password>{STARS}</password>"),
        (
            "<url>https://x/p.php?AT=LI&amp;TK=abc&amp;MK=1</url>",
            f"<url>https://x/p.php?AT=LI&amp;TK={STARS}&amp;MK=1</url>",
        ),
        ("<password/><name>a</name>", None),
        ("<password></password>", None),
        ("<enforcePassword>TRUE</enforcePassword>", None),
        ("<forceChangePassword>FALSE</forceChangePassword>", None),
        ("<passwordDaysLeft>7</passwordDaysLeft>", None),
        ("<name>password</name>", None),
    ],
)
def test_what_is_secret_is_stars(document: str, shown: str | None) -> None:
    assert masked(document) == (document if shown is None else shown)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_documents_are_read_in_their_encoding(encoding: str) -> None:
    assert masked("<password>Gehäim</password>".encode(encoding)).lstrip("\ufeff") == f"<password>{STARS}</password>"


def test_a_declared_encoding_counts_and_an_unknown_one_does_not() -> None:
    assert "Grün" in readable('<?xml version="1.0" encoding="ISO-8859-1"?><a>Grün</a>'.encode("latin-1"))
    assert "Grün" in readable('<?xml version="1.0" encoding="klingon"?><a>Grün</a>'.encode())
    assert readable(b'<?xml version="1.0" encoding="base64"?><a>b</a>').endswith("<a>b</a>")


@given(st.text(alphabet="abc<>&/:\n\"' ", max_size=40), st.text(max_size=20))
def test_nothing_around_it_brings_a_password_out(before: str, after: str) -> None:
    assert "Zx9Geheim" not in masked(f"{before}<password>Zx9Geheim</password>{after}")


def test_many_open_elements_take_no_long_time() -> None:
    assert masked("<password>" * 200_000) == f"<password>{STARS}"


@given(st.binary(max_size=200))
def test_any_bytes_can_be_shown(document: bytes) -> None:
    assert isinstance(masked(document), str)
