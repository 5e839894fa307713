"""Keys, numbers and secrets."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from parley.domain import identifiers

FORMS: list[tuple[Callable[[], object], str]] = [
    (identifiers.new_session_key, r"[1-9][0-9]{10}"),
    (identifiers.new_uuid, r"[0-9a-f]{32}"),
    (identifiers.new_guest_token, r"[0-9a-f]{32}"),
    (identifiers.new_mtid, r"m[0-9a-f]{32}"),
    (identifiers.new_host_key, r"[1-9][0-9]{5}"),
    (identifiers.new_conf_id, r"[1-9][0-9]{17}"),
    (identifiers.new_event_id, r"[1-9][0-9]{8}"),
    (identifiers.new_attendee_id, r"[1-9][0-9]{8}"),
    (identifiers.new_register_id, r"[1-9][0-9]{5}"),
    (identifiers.new_user_id, r"[1-9][0-9]{8}"),
    (identifiers.new_access_code, r"[1-9][0-9]{8}"),
    (identifiers.new_host_pin, r"[0-9]{4}"),
    (identifiers.new_login_ticket, r"[0-9a-f]{64}"),
]


@pytest.mark.parametrize(("make", "form"), FORMS, ids=[make.__name__ for make, _ in FORMS])
def test_each_has_its_form(make: Callable[[], object], form: str) -> None:
    for _ in range(300):
        assert re.fullmatch(form, str(make()))


@pytest.mark.parametrize(
    "make",
    [
        identifiers.new_session_key,
        identifiers.new_uuid,
        identifiers.new_mtid,
        identifiers.new_conf_id,
        identifiers.new_login_ticket,
    ],
)
def test_none_comes_twice(make: Callable[[], object]) -> None:
    # Of 300 session keys out of 9 * 10**10 two are equal once in two million runs.
    assert len({make() for _ in range(300)}) == 300


def test_a_conf_id_fits_into_64_bits() -> None:
    assert max(identifiers.new_conf_id() for _ in range(300)) < 2**63


@pytest.mark.parametrize("pin", ["0000", "7777", "1234", "6789", "4321", "3210", "12", "5", ""])
def test_weak_pins(pin: str) -> None:
    assert identifiers.weak_pin(pin)


@pytest.mark.parametrize("pin", ["1357", "1235", "1121", "9012", "4271", "1230"])
def test_other_pins(pin: str) -> None:
    assert not identifiers.weak_pin(pin)


def test_what_is_kept_of_a_ticket() -> None:
    assert identifiers.ticket_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert identifiers.ticket_hash("\ud800") == identifiers.ticket_hash("?")


def test_numbers_lie_below_their_limit_and_reach_all_of_it() -> None:
    assert {identifiers.random_below(7) for _ in range(700)} == set(range(7))
    assert max(identifiers.random_below(1 << 62) for _ in range(200)) > 1 << 58


def test_threads_never_draw_the_same() -> None:
    with ThreadPoolExecutor(8) as pool:
        drawn = [
            each for some in pool.map(lambda _: [identifiers.new_uuid() for _ in range(500)], range(8)) for each in some
        ]
    assert len(set(drawn)) == 4000


def test_a_forked_process_draws_others_than_its_parent() -> None:
    identifiers.new_uuid()
    source, target = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(target, identifiers.new_uuid().encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(source, 64).decode()
    os.close(source)
    os.close(target)
    assert re.fullmatch("[0-9a-f]{32}", theirs)
    assert theirs not in {identifiers.new_uuid() for _ in range(100)}
