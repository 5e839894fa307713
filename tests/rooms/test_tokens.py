"""What is signed: passes, tickets, credentials of TURN servers; and how much anybody may send."""

from __future__ import annotations

import base64
import hmac
from hashlib import sha1

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.rooms.limits import Addresses, Bucket
from parley.rooms.tokens import Pass, Signer, Ticket
from parley.rooms.turn import CREDENTIAL_SECONDS, ice_servers, parse_servers

SIGNER = Signer(b"k" * 32)
TICKET = Ticket(
    kind="entry", site_id=1, session_key=2, until=100, nonce="n", stay_id=3, name="Ada <b>", email="a@b.example"
)


def test_a_ticket_is_read_until_it_is_over() -> None:
    text = SIGNER.sign(TICKET)
    assert SIGNER.read(text, Ticket, 99) == TICKET
    assert SIGNER.read(text, Ticket, 100) is None


def test_one_kind_is_not_taken_for_another() -> None:
    shown = Pass(site_id=1, session_key=2, until=100, link=True)
    assert SIGNER.read(SIGNER.sign(shown), Pass, 1) == shown
    assert SIGNER.read(SIGNER.sign(shown), Ticket, 1) is None
    assert SIGNER.read(SIGNER.sign(TICKET), Pass, 1) is None


def test_other_keys_sign_nothing() -> None:
    assert SIGNER.read(Signer(b"x" * 32).sign(TICKET), Ticket, 1) is None


@given(st.text(max_size=300))
def test_anything_else_is_no_ticket(text: str) -> None:
    assert SIGNER.read(text, Ticket, 1) is None


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_changed_ticket_is_none(place: int, bits: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(SIGNER.sign(TICKET) + "=="))
    raw[place % len(raw)] ^= bits
    assert SIGNER.read(base64.urlsafe_b64encode(raw).decode().rstrip("="), Ticket, 1) is None


def test_the_mark_of_a_password_changes_with_it() -> None:
    marks = {SIGNER.password_mark(*each) for each in ((1, 2, "a"), (1, 2, "b"), (1, 3, "a"), (2, 2, "a"), (1, 2, None))}
    assert len(marks) == 5
    assert "" in marks


def test_servers_that_help_browsers_meet() -> None:
    servers = parse_servers("stun:a.example:3478, turn:b.example:3478?transport=tcp turns:c.example")
    told = ice_servers(servers, "secret", "7", 1_000)
    assert told[0] == {"urls": ["stun:a.example:3478"]}
    user = f"{1_000 + CREDENTIAL_SECONDS}:7"
    assert told[1]["username"] == user
    assert base64.b64decode(told[1]["credential"]) == hmac.digest(b"secret", user.encode(), sha1)
    assert ice_servers(servers, None, "7", 1_000) == told[:1]
    assert ice_servers((), "secret", "7", 1_000) == []
    with pytest.raises(ValueError, match="https://x"):
        parse_servers("https://x")


def test_a_bucket_fills_again() -> None:
    bucket = Bucket(2, 0.5, 0)
    assert [bucket.take(0) for _ in range(3)] == [True, True, False]
    assert [bucket.take(2), bucket.take(2)] == [True, False]
    assert [bucket.take(1_000) for _ in range(3)] == [True, True, False]


def test_addresses_have_buckets_of_their_own_and_are_forgotten() -> None:
    addresses = Addresses(1, 0, most=2)
    assert addresses.take("a", 0)
    assert not addresses.take("a", 0)
    assert addresses.take("b", 0)
    assert addresses.take("c", 0)
    assert addresses.take("a", 0)


def test_a_net_of_ipv6_has_one_bucket() -> None:
    addresses = Addresses(1, 0)
    assert [addresses.take(f"2001:db8:1:{net}::{host}", 0) for net, host in ((1, 1), (1, 2), (2, 1))] == [
        True,
        False,
        True,
    ]
