"""Who may enter: the rules before there is a ticket, and those of the door."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.domain.visibility import Standing
from parley.rooms.entry import MOST_MEMBERS, MOST_WAITING, Door, Place, Proof, Rules, Wanted, ask, door

RULES = Rules(name="Round", host_key="123456", start=10_000)
GUEST = Place(may_host=False, panelist=False, viewer=False)


@pytest.mark.parametrize(
    ("rules", "proof", "wanted"),
    [
        (RULES, Proof(), GUEST),
        (RULES._replace(over=True), Proof(), Wanted.OVER),
        (RULES._replace(needs_account=True), Proof(), Wanted.ACCOUNT),
        (RULES._replace(needs_account=True), Proof(account=True), GUEST),
        (RULES._replace(needs_password=True), Proof(account=True), Wanted.PASSWORD),
        (RULES._replace(needs_password=True), Proof(password=True), GUEST),
        (RULES._replace(needs_password=True), Proof(Standing.OVERSEER, account=True), Wanted.PASSWORD),
        (RULES._replace(needs_password=True), Proof(Standing.TRUSTED, account=True), GUEST),
        (RULES._replace(needs_password=True), Proof(listed=True), Wanted.PASSWORD),
        (RULES._replace(needs_registration=True), Proof(password=True), Wanted.REGISTRATION),
        (RULES._replace(needs_registration=True, needs_password=True), Proof(listed=True), GUEST),
        (RULES._replace(view_only=True), Proof(), Place(False, False, True)),
        (RULES._replace(view_only=True), Proof(panelist=True), Place(False, True, False)),
    ],
)
def test_what_is_missing(rules: Rules, proof: Proof, wanted: Place | Wanted) -> None:
    assert ask(rules, proof) == wanted


@given(st.builds(Rules, st.text(), st.text(), st.integers(), st.booleans()), st.booleans())
def test_a_host_always_may_and_never_only_watches(rules: Rules, listed: bool) -> None:
    rules = rules._replace(needs_account=True, needs_password=True, needs_registration=True, view_only=True)
    place = ask(rules, Proof(Standing.HOST, listed=listed))
    assert place == Place(may_host=True, panelist=True, viewer=False)


def knock(rules: Rules = RULES, **more: object) -> Door:
    values = {"may_host": False, "host_came": True, "locked": False, "inside": 0, "waiting": 0, "now": 9_000, **more}
    return door(rules, **values)  # type: ignore[arg-type]


def test_before_the_host() -> None:
    early = RULES._replace(open_before=900)
    assert knock(host_came=False) is Door.HOST
    assert knock(early, host_came=False, now=9_099) is Door.HOST
    assert knock(early, host_came=False, now=9_100) is Door.IN
    assert knock(host_came=False, may_host=True) is Door.IN
    assert knock() is Door.IN


def test_a_locked_room_and_a_full_one() -> None:
    assert knock(locked=True) is Door.ADMIT
    assert knock(locked=True, waiting=MOST_WAITING) is Door.FULL
    assert knock(host_came=False, waiting=MOST_WAITING) is Door.FULL
    assert knock(locked=True, may_host=True) is Door.IN
    assert knock(RULES._replace(limit=3), inside=3) is Door.FULL
    assert knock(RULES._replace(limit=3), inside=2) is Door.IN
    assert knock(RULES._replace(limit=3), inside=3, may_host=True) is Door.IN
    assert knock(inside=MOST_MEMBERS) is Door.FULL
    assert knock(inside=MOST_MEMBERS, may_host=True) is Door.FULL
