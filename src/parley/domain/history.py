"""What happened at sessions: runs, from the first who came in to the end, and stays of people in them.

Sources: facts/training-history.md 2.0 and 2.1. How minutes are rounded and who counts as one person is chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

import msgspec


class Part(StrEnum):
    """What somebody was in a run (history:participantTypeType)."""

    HOST = "HOST"
    ATTENDEE = "ATTENDEE"
    OTHER = "OTHER"


class Source(msgspec.Struct, frozen=True):
    """Where people learned of a session: what their link said, how many said so, and their mean score."""

    name: str
    count: int
    score: float


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of a run that has ended.

    `attended` are people without the hosts, `participants` all people, `peak` the most at one time; the rest are
    people by audio, and minutes.
    """

    attended: int = 0
    participants: int = 0
    participants_voip: int = 0
    participants_call_in: int = 0
    participants_call_out: int = 0
    peak: int = 0
    people_minutes: int = 0
    voip_minutes: int = 0
    call_in_minutes: int = 0
    toll_free_minutes: int = 0
    call_out_domestic: int = 0
    call_out_international: int = 0
    toll_international: int = 0
    toll_free_international: int = 0
    source: str | None = None
    """JSON text of a `Source`: the one that most people named."""


class Run(msgspec.Struct):
    """One run of a session. It outlives the session, so it holds all that is told of it. Times: UTC epoch seconds.

    `audio_only`: of a session that is held by telephone alone. `type_code` is the code of the session type (PRO).
    `closed_at` is when it ended, None while it goes on; `ended_at` the same once it was counted, and only then the
    run is history. `present` is how many stays are open, `version` grows with each that begins or ends. `invited` and
    `registered` are people on the session's list. From `attended` on the fields are those of `Totals`.
    `name_key`, `account_key` and `opportunity_key` are casefolded. `locked`: nobody else may come in at present;
    `presenter`: the name of who presents. Both are as the room said last.
    """

    site_id: int
    conf_id: int
    session_key: int
    uuid: str
    service: str
    audio_only: bool
    session_type: int
    type_code: str
    name: str
    name_key: str
    host_id: int
    host_web_ex_id: str
    host_name: str
    host_email: str
    time_zone_id: int
    started_at: int
    closed_at: int | None = None
    ended_at: int | None = None
    present: int = 0
    version: int = 1
    tracking_code_1: str | None = None
    tracking_code_2: str | None = None
    tracking_code_3: str | None = None
    tracking_code_4: str | None = None
    tracking_code_5: str | None = None
    tracking_code_6: str | None = None
    tracking_code_7: str | None = None
    tracking_code_8: str | None = None
    tracking_code_9: str | None = None
    tracking_code_10: str | None = None
    assist_request: str | None = None
    assist_confirm: str | None = None
    pso_field: str | None = None
    account: str | None = None
    account_key: str | None = None
    opportunity: str | None = None
    opportunity_key: str | None = None
    invited: int = 0
    registered: int = 0
    attended: int = 0
    participants: int = 0
    participants_voip: int = 0
    participants_call_in: int = 0
    participants_call_out: int = 0
    peak: int = 0
    people_minutes: int = 0
    voip_minutes: int = 0
    call_in_minutes: int = 0
    toll_free_minutes: int = 0
    call_out_domestic: int = 0
    call_out_international: int = 0
    toll_international: int = 0
    toll_free_international: int = 0
    source: str | None = None
    locked: bool = False
    presenter: str | None = None


class Stay(msgspec.Struct):
    """One stay of a person in a run, from coming in to leaving. Times: UTC epoch seconds.

    `stay_id` is drawn by whoever lets the person in, so that saying it twice makes one stay. `person_key` is the same
    in all stays of one person. `email` is in lower case. `run_started_at` and `run_ended_at` are the run's, the latter
    None until the run is history. `alive_at` is the last sign of life. `voip_seconds` is computer audio up to now, or
    up to `voip_since` when it is on. `listed` and `registered`: on the list of the session, and registered for it.
    `external` is N/A, INTERNAL or EXTERNAL. `document` is JSON text of `Known`.
    """

    site_id: int
    stay_id: int
    conf_id: int
    session_key: int
    service: str
    audio_only: bool
    host_id: int
    run_started_at: int
    run_ended_at: int | None
    person_key: str
    name: str
    email: str | None
    user_id: int | None
    attendee_id: int | None
    register_id: int | None
    part: str
    ip_address: str | None
    client_agent: str | None
    joined_at: int
    left_at: int | None
    alive_at: int
    voip_seconds: int = 0
    voip_since: int | None = None
    listed: bool = False
    registered: bool = False
    external: str = "N/A"
    company: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    document: str = "{}"


class Known(msgspec.Struct, omit_defaults=True, frozen=True, kw_only=True):
    """What else the session's list said of somebody who came.

    `questions` are those of the host's own with the answers; `source` and `score`: where the
    person learned of the session; `team`: of the sales team, or whoever else presents.
    """

    title: str | None = None
    phone: str | None = None
    address1: str | None = None
    address2: str | None = None
    zip: str | None = None
    source: str | None = None
    score: float | None = None
    questions: tuple[tuple[str, str], ...] = ()
    team: bool = False


read_known: Final = msgspec.json.Decoder(Known).decode
read_source: Final = msgspec.json.Decoder(Source).decode


def minutes(seconds: int) -> int:
    """Whole minutes; one that has begun counts."""
    return -(-max(seconds, 0) // 60)


def stayed(stay: Stay) -> int:
    """How long an ended stay lasted, in seconds."""
    return 0 if stay.left_at is None else stay.left_at - stay.joined_at


def peak(stays: Iterable[tuple[int, int]]) -> int:
    """The most stays at one time, of pairs of start and end.

    Whoever leaves in the second in which another comes was not there together with him; a stay of no length counts
    for the moment that it was.
    """
    present = most = 0
    moments: list[tuple[int, int, int]] = []
    for start, end in stays:
        # At one moment those who stayed a while leave first; who comes for no time leaves after all have come.
        moments.append((start, 1, 1))
        moments.append((end, 0 if end > start else 2, -1))
    for _, _, step in sorted(moments):
        present += step
        most = max(most, present)
    return most


def totals_of(stays: Sequence[Stay]) -> Totals:
    """The numbers of a run from its stays, all of which have ended.

    Minutes of the run are the sums of the stays' minutes, so that reports of both add up.
    """
    people = {stay.person_key for stay in stays}
    hosts = {stay.person_key for stay in stays if stay.part == Part.HOST}
    source = _main_source(stays)
    return Totals(
        attended=len(people - hosts),
        participants=len(people),
        participants_voip=len({stay.person_key for stay in stays if stay.voip_seconds}),
        peak=peak((stay.joined_at, stay.joined_at + stayed(stay)) for stay in stays),
        people_minutes=sum(minutes(stayed(stay)) for stay in stays),
        voip_minutes=sum(minutes(stay.voip_seconds) for stay in stays),
        source=None if source is None else msgspec.json.encode(source).decode(),
    )


def _main_source(stays: Sequence[Stay]) -> Source | None:
    """Where most of the people learned of the session; of several by name."""
    by_person = {stay.person_key: read_known(stay.document) for stay in stays}
    scores: dict[str, list[float]] = {}
    for known in by_person.values():
        if known.source:
            scores.setdefault(known.source, []).append(known.score or 0.0)
    if not scores:
        return None
    name = min(scores, key=lambda each: (-len(scores[each]), each))
    return Source(name, len(scores[name]), sum(scores[name]) / len(scores[name]))
