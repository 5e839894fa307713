"""Proofs of identity: the verifier with its memory, the brake on guessing, session tickets."""

from __future__ import annotations

import asyncio
import base64
import math
import resource
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from parley.protocol.credentials import TICKET_SECONDS, GuessBrake, Overloaded, PasswordVerifier, SessionTickets

SECRET = bytes(range(32))
NOW_MS = 1_700_000_000_000


class Time:
    """The monotonic clock and the sleeping of the module under test, by hand.

    Only this module gets others: servers that run in threads meanwhile go by the real ones.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        monkeypatch.setattr("parley.protocol.credentials.time", SimpleNamespace(monotonic=lambda: self.now))

        async def sleep(seconds: float) -> None:
            self.slept.append(seconds)

        monkeypatch.setattr("parley.protocol.credentials.asyncio", SimpleNamespace(**{**vars(asyncio), "sleep": sleep}))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    return Time(monkeypatch)


# --- passwords ---------------------------------------------------------------------------------------------------


def counted(verifier: PasswordVerifier, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []
    compute: Callable[[str, str], bool] = verifier._compute

    def note(password_hash: str, password: str) -> bool:
        asked.append(password)
        return compute(password_hash, password)

    monkeypatch.setattr(verifier, "_compute", note)
    return asked


def test_hashes_are_argon2id_and_salted() -> None:
    verifier = PasswordVerifier()
    first, second = verifier.hash("Secret-1"), verifier.hash("Secret-1")
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert "Secret" not in first


async def test_right_and_wrong_passwords_are_told_apart_and_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = PasswordVerifier()
    asked = counted(verifier, monkeypatch)
    hashed = await verifier.hash_in_background("Secret-1")
    assert verifier.remembered(hashed, "Secret-1") is None
    for _ in range(3):
        assert await verifier.verify(hashed, "Secret-1") is True
        assert await verifier.verify(hashed, "secret-1") is False
    assert verifier.remembered(hashed, "Secret-1") is True
    assert verifier.remembered(hashed, "secret-1") is False
    assert asked == ["Secret-1", "secret-1"]
    other = verifier.hash("Secret-1")  # the same password again, after it was changed and changed back
    assert verifier.remembered(other, "Secret-1") is None
    verifier.close()


async def test_an_unknown_account_costs_the_same_and_is_never_right(monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = PasswordVerifier()
    asked = counted(verifier, monkeypatch)
    assert await verifier.verify(None, "Secret-1") is False
    assert asked == ["Secret-1"]
    assert verifier.remembered(None, "Secret-1") is False
    monkeypatch.setattr(verifier, "_compute", lambda *_: True)
    assert await verifier.verify(None, "Secret-2") is False
    assert verifier.remembered(None, "Secret-2") is False
    verifier.close()


@pytest.mark.parametrize(
    "broken", ["", "x", "$argon2id$", "$argon2id$v=19$m=19456,t=2,p=1$YWFh$YWFh", "$2b$12$abc", "\0"]
)
async def test_a_hash_that_cannot_be_read_fits_no_password(broken: str) -> None:
    verifier = PasswordVerifier()
    assert await verifier.verify(broken, "Secret-1") is False
    assert await verifier.verify(broken, "") is False
    verifier.close()


async def test_odd_passwords_are_wrong_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = PasswordVerifier()
    asked = counted(verifier, monkeypatch)
    hashed = verifier.hash("Secret-1")
    for password in ("", "\0", "Secret-1\0", "\ud800", "ß" * 1024):
        assert await verifier.verify(hashed, password) is False
    assert len(asked) == 5
    assert await verifier.verify(hashed, "x" * 1025) is False
    assert len(asked) == 5  # not looked at
    verifier.close()


async def test_the_same_question_asked_at_once_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = PasswordVerifier(queue=1)
    asked = counted(verifier, monkeypatch)
    hashed = verifier.hash("Secret-1")
    assert not verifier.is_running(hashed, "Secret-1")
    waiting = [asyncio.create_task(verifier.verify(hashed, "Secret-1")) for _ in range(64)]
    await asyncio.sleep(0)
    assert verifier.is_running(hashed, "Secret-1")
    assert not verifier.is_running(hashed, "Secret-2")
    with pytest.raises(Overloaded):  # another question finds the queue full
        await verifier.verify(hashed, "Secret-2")
    waiting[0].cancel()  # one who goes takes nobody along
    assert await asyncio.gather(*waiting[1:]) == [True] * 63
    assert asked == ["Secret-1"]
    assert not verifier.is_running(hashed, "Secret-1")
    verifier.close()


async def test_outcomes_are_forgotten_after_their_time(clock: Time) -> None:
    verifier = PasswordVerifier(cache_seconds=600)
    hashed = verifier.hash("Secret-1")
    await verifier.verify(hashed, "Secret-1")
    await verifier.verify(hashed, "wrong")
    clock.now += 59
    assert (verifier.remembered(hashed, "Secret-1"), verifier.remembered(hashed, "wrong")) == (True, False)
    clock.now += 2
    assert (verifier.remembered(hashed, "Secret-1"), verifier.remembered(hashed, "wrong")) == (True, None)
    clock.now += 540
    assert verifier.remembered(hashed, "Secret-1") is None
    verifier.close()


async def test_what_is_remembered_is_bounded_and_holds_no_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = PasswordVerifier(cache_size=10)
    monkeypatch.setattr(verifier, "_compute", lambda *_: True)
    for number in range(50):
        await verifier.verify("hash", f"Secret-{number}")
    assert len(verifier._cache) == 10
    assert verifier.remembered("hash", "Secret-49") is True
    assert verifier.remembered("hash", "Secret-0") is None
    assert not any(b"Secret" in key for key in verifier._cache)
    assert not verifier._cache.keys() & PasswordVerifier()._cache.keys()
    verifier.close()


def test_a_library_without_settings_of_memory_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    class Library:
        def __init__(self, name: str | None) -> None:
            asked.append(name)

    asked: list[str | None] = []
    monkeypatch.setattr("parley.protocol.credentials.ctypes.CDLL", Library)
    verifier = PasswordVerifier()
    assert asked == [None]
    assert verifier.hash("word").startswith("$argon2id$")
    verifier.close()


async def test_memory_of_verifications_is_given_back() -> None:
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

    verifier = PasswordVerifier()
    password_hash = verifier.hash("right")
    before = resident()
    assert await verifier.verify(password_hash, "right")
    assert not await verifier.verify(password_hash, "wrong")
    assert resident() - before < 10 << 20
    verifier.close()


# --- guessing ----------------------------------------------------------------------------------------------------


async def test_an_account_is_slowed_after_five_failures(clock: Time) -> None:
    brake = GuessBrake()
    delays = []
    for _ in range(14):
        delays.append(brake.delay("account", "address"))
        brake.failed("account", "address")
    assert delays == [0, 0, 0, 0, 0, 0.25, 0.5, 1, 2, 4, 8, 8, 8, 8]
    assert brake.delay("other", "address") == 0
    assert brake.delay("account") == 8
    brake.succeeded("account")
    assert brake.delay("account", "address") == 0


async def test_an_address_may_fail_far_more_often_than_an_account(clock: Time) -> None:
    brake = GuessBrake()
    delays = []
    for number in range(110):
        delays.append(brake.delay(f"account{number}", "proxy"))
        brake.failed(f"account{number}", "proxy")
    assert delays == [0] * 100 + [0.25, 0.5] + [1] * 8
    assert brake.delay("somebody", "elsewhere") == 0
    brake.succeeded("account1")
    assert brake.delay("somebody", "proxy") == 1  # whoever has one account cannot free the address


async def test_failures_are_forgotten_one_by_one(clock: Time) -> None:
    brake = GuessBrake(forget=900)
    for _ in range(1000):
        brake.failed("account")
    assert brake.delay("account") == 8
    delays = []
    for _ in range(8):
        clock.now += 180
        delays.append(brake.delay("account"))
    assert delays[:5] == [4, 2, 1, 0.5, 0.25]
    assert delays[5:] == [0, 0, 0]
    clock.now += 10_000
    assert brake.delay("account") == 0


async def test_a_proxy_with_a_few_forgetful_users_is_never_slowed(clock: Time) -> None:
    brake = GuessBrake()
    for number in range(5_000):
        brake.failed(f"user{number % 50}", "proxy")
        clock.now += 10
    assert brake.delay("somebody", "proxy") == 0


async def test_tries_side_by_side_begin_one_after_the_other(clock: Time) -> None:
    brake = GuessBrake()
    for _ in range(7):
        brake.failed("account", "address")
    for _ in range(4):
        await brake.wait("account", "address")
    await brake.wait("other", "address")
    assert clock.slept == [1, 2, 3, 4]
    clock.now += 100
    await brake.wait("account")
    assert clock.slept[4:] == [pytest.approx(0.5, rel=0.5)]


async def test_waiting_is_bounded(clock: Time) -> None:
    brake = GuessBrake()
    for _ in range(30):
        brake.failed("account")
    for _ in range(3):
        await brake.wait("account")
    with pytest.raises(Overloaded):
        await brake.wait("account")
    assert max(clock.slept) <= GuessBrake.PATIENCE


async def test_a_slow_account_does_not_hold_up_its_address(clock: Time) -> None:
    brake = GuessBrake()
    for number in range(105):
        brake.failed("account" if number < 20 else f"user{number}", "proxy")
    await brake.wait("account", "proxy")
    await brake.wait("somebody", "proxy")
    assert clock.slept == [8, 2]


async def test_the_number_of_those_who_wait_is_bounded() -> None:
    brake = GuessBrake(first=20.0, longest=20.0)
    for number in range(257):
        for _ in range(5):
            brake.failed(f"account{number}")
    waiting = [asyncio.create_task(brake.wait(f"account{number}")) for number in range(256)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await brake.wait("account256")
    await brake.wait("nobody")  # who has not to wait is not refused
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    late = asyncio.create_task(brake.wait("account256"))
    await asyncio.sleep(0)
    assert not late.done()
    late.cancel()


async def test_the_memory_of_the_brake_is_bounded(clock: Time) -> None:
    brake = GuessBrake()
    for number in range(60_000):
        brake.failed(f"account{number}", f"address{number}")
    assert len(brake._accounts._known) == 50_000
    assert len(brake._addresses._known) == 50_000


# --- tickets -----------------------------------------------------------------------------------------------------


def test_a_ticket_says_who_signed_in_and_looks_like_the_known_ones() -> None:
    tickets = SessionTickets(SECRET)
    ticket = tickets.issue(2**40, 2**50, 3, NOW_MS)
    assert tickets.read(ticket) == (2**40, 2**50, 3, NOW_MS)
    assert ticket.startswith("AAAB")
    assert len(ticket) == 432
    assert base64.b64encode(base64.b64decode(ticket)).decode() == ticket
    assert tickets.issue(2**40, 2**50, 3, NOW_MS) != ticket
    assert TICKET_SECONDS == 5400


def test_a_ticket_is_read_by_whoever_shares_the_secret_and_nobody_else() -> None:
    ticket = SessionTickets(SECRET).issue(1, 2, 3, NOW_MS)
    assert SessionTickets(SECRET).read(ticket) == (1, 2, 3, NOW_MS)
    assert SessionTickets(bytes(32)).read(ticket) is None


def test_a_ticket_with_any_bit_changed_is_none() -> None:
    tickets = SessionTickets(SECRET)
    raw = base64.b64decode(tickets.issue(1, 2, 3, NOW_MS))
    for place in range(len(raw)):
        for bit in (1, 128):
            changed = raw[:place] + bytes([raw[place] ^ bit]) + raw[place + 1 :]
            assert tickets.read(base64.b64encode(changed).decode()) is None


@pytest.mark.parametrize(
    "text", ["", "A", "A" * 432, "=" * 432, "é" * 432, "\0" * 432, "A" * 431 + "=", "AAAB" * 108, "!" * 432]
)
def test_what_was_never_a_ticket_is_none(text: str) -> None:
    assert SessionTickets(SECRET).read(text) is None


def test_a_login_ticket_is_no_session_ticket_and_can_be_made_again() -> None:
    tickets = SessionTickets(SECRET)
    ticket = tickets.login_ticket(1, 2, 3, 4)
    assert len(ticket) == 64
    assert int(ticket, 16)
    assert tickets.login_ticket(1, 2, 3, 4) == ticket
    others = [tickets.login_ticket(*numbers) for numbers in ((9, 2, 3, 4), (1, 9, 3, 4), (1, 2, 9, 4), (1, 2, 3, 9))]
    others.append(SessionTickets(bytes(32)).login_ticket(1, 2, 3, 4))
    assert len({ticket, *others}) == 6
    assert tickets.read(ticket) is None


@pytest.mark.parametrize("processes", [1, 2, 4, 64])
def test_processes_together_let_no_more_through_than_one(processes: int) -> None:
    brakes = [GuessBrake(processes=processes) for _ in range(processes)]
    for each in brakes:
        for _ in range(math.ceil(5 / processes)):
            assert not each.delay("account", "address")
            each.failed("account", "address")
        assert each.delay("account", "address")
    for each in brakes:
        for _ in range(40):
            each.failed("account")
        assert each.delay("account") == pytest.approx(min(8.0 * processes, 20.0), rel=0.01)
        assert each.delay("account") < GuessBrake.PATIENCE


async def test_names_of_any_length_are_kept_in_a_few_bytes(clock: Time) -> None:
    brake = GuessBrake()
    long = ["x" * 1_000_000 + end for end in ("", "1", "\ud800")]
    for _ in range(7):
        brake.failed(long[0])
    assert [brake.delay(each) for each in long] == [1, 0, 0]
    assert max(map(len, brake._accounts._known)) <= 200
    brake.succeeded(long[0])
    assert brake.delay(long[0]) == 0
    await brake.wait(long[2])
