"""Recordings: what becomes of them, sizes and parts."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from parley.domain import recording as rules
from parley.domain.recording import (
    Details,
    Part,
    Playback,
    Recording,
    RegisteredPerson,
    State,
    document_of,
    key_of_name,
    megabytes,
    played,
)
from tests.store.builders import a_recording, a_user

OWNER = a_user(1)


def test_sizes_are_megabytes_with_three_decimals() -> None:
    assert [repr(megabytes(size)) for size in (0, 1, 2_193_620, 1_572_864, 1500 * 1024 * 1024)] == [
        "0.000",
        "0.001",
        "2.092",
        "1.500",
        "1500.000",
    ]


@given(st.integers(0, 2**45))
def test_a_size_is_told_to_half_a_thousandth(size: int) -> None:
    told = float(repr(megabytes(size)))
    assert abs(told * 1024 * 1024 - size) <= 1024 * 1024 / 1000
    assert (told == 0) == (size == 0)


@given(st.text(max_size=700))
def test_keys_of_names_fit_an_index(name: str) -> None:
    assert len(key_of_name(name)) <= rules.LONGEST_NAME
    assert key_of_name(name) == key_of_name(f" {name}\n") or len(name) > rules.LONGEST_NAME


def test_into_the_trash_and_out_of_it() -> None:
    before = a_recording(OWNER)
    trashed = rules.trashed(before, 7, 1000)
    assert (trashed.state, trashed.trashed_at, trashed.trashed_by) == (State.TRASHED, 1000, 7)
    assert trashed.used == before.used == before.size
    back = rules.recovered(trashed, 2000)
    assert msgspec.structs.replace(back, modified_at=before.modified_at) == before


def test_what_is_deleted_keeps_no_secrets_and_uses_nothing() -> None:
    before = a_recording(OWNER, password="Secret12", document=document_of(Details(description="About money")))
    gone = rules.deleted(before, 7, 1000)
    assert (gone.state, gone.password, gone.document, gone.used) == (State.GONE, None, "{}", 0)
    assert gone.file_key == before.file_key


def test_a_missing_recording_comes_back_to_where_it_was() -> None:
    for before in (a_recording(OWNER), rules.trashed(a_recording(OWNER), 7, 1000)):
        lost = rules.missing(before, 2000)
        assert (lost.state, lost.used) == (State.MISSING, 0)
        assert rules.found_again(lost, 3000).state is before.state


def test_a_missing_recording_that_is_thrown_away_is_not_listed_in_the_trash() -> None:
    lost = rules.trashed(rules.missing(a_recording(OWNER), 2000), 7, 3000)
    assert lost.state is State.MISSING
    assert rules.found_again(lost, 4000).state is State.TRASHED


def part(start: int, end: int) -> tuple[int, int]:
    details = Details(playback=Playback(part=Part.PARTIAL, start=start, end=end))
    return played(a_recording(OWNER, duration=600), details)


def test_the_part_that_is_played() -> None:
    recording = a_recording(OWNER, duration=600)
    assert played(recording, Details(playback=Playback(start=5, end=9))) == (0, 600)
    assert part(5, 9) == (5, 9)
    assert part(5, 9999) == (5, 600)
    assert part(9999, 99999) == (600, 600)
    assert part(50, 9) == (50, 50)


@given(st.builds(Details), st.builds(RegisteredPerson))
def test_documents_come_back(details: Details, person: RegisteredPerson) -> None:
    assert a_recording(OWNER).with_details(details).details == details
    assert msgspec.json.decode(document_of(person), type=RegisteredPerson) == person


def test_a_hosted_recording_without_its_owner_is_a_recording() -> None:
    plain = a_recording(OWNER)
    fields: dict[str, Any] = msgspec.structs.asdict(plain)
    fields |= {"host_web_ex_id": "ann", "host_first_name": "Ann", "host_last_name": "Lee"}
    hosted = rules.HostedRecording(**fields)
    assert type(hosted.plain()) is Recording
    assert hosted.plain() == plain
    assert hosted.host_name == "Ann Lee"
    nameless = msgspec.structs.replace(hosted, host_first_name="", host_last_name="")
    assert nameless.host_name == "ann"
