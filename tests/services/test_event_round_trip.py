"""Whatever CreateEvent and SetEvent accept and GetEvent returns survives, for every element of the contract."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.contract.common import PersonType
from parley.contract.event import (
    AccessControlType,
    ApprovalRuleType,
    AttendeesType,
    AttendeesTypeAttendee,
    CheckboxType,
    ChoiceType,
    CreateEvent,
    CustomFieldsInstanceType,
    CustomFieldsType,
    EmailTemplatesType,
    EnrollmentFormCreateType,
    EnrollmentFormSetType,
    EnrollmentType,
    EnrollmentTypeApprovalRules,
    EventType,
    GetEventResponse,
    MetaDataType,
    ScheduleType,
    SetEvent,
    StandardFieldsType,
)
from parley.domain.registration import STANDARD_NUMBERS
from parley.protocol.declare import Record
from parley.services.safe_texts import plain_line, rich_text
from tests.client import Client
from tests.generators import records, texts
from tests.server import TestSite
from tests.services.round_trips import BOUNDED, cleared, leaves, read_answer, send_record

NEVER_ANSWERED = ("meta_data.session_template", "validate_format")
#: People and own fields are looked at apart.
_APART = ("attendees.attendee", "panelists.panelist", "enrollment_form.custom_fields", "enrollment.approval_rules.rule")
_RICH = ("meta_data.description", "panelists.panelists_info", "telephony.ext_telephony_description")
_LINES = ("meta_data.session_name", "telephony.teleconf_location")
_LISTS = ("text_box", "check_box_group", "option_button_group", "drop_down_group")
_BOUNDED = settings(BOUNDED, max_examples=40)
_ADDRESSES = st.none() | st.sampled_from(["http://acme.example", "https://acme.example:8443/a?b=c&d=%20#e"])
_NAMES = texts(smallest=1).filter(lambda text: not text.isspace() and bool(plain_line(text).strip()))


def _dates(first: int = 1) -> st.SearchStrategy[str]:
    return st.integers(first, 300).map(
        lambda ahead: (datetime.now(UTC) + timedelta(days=ahead)).strftime("%m/%d/%Y %H:%M:%S")
    )


def _schedules() -> st.SearchStrategy[ScheduleType]:
    return st.builds(
        lambda free, **values: msgspec.structs.replace(free, host_web_ex_id=None, **values),
        records(ScheduleType),
        start_date=_dates(),
        time_zone_id=st.integers(0, 61),
        duration=st.integers(1, 999_999),
        open_time=st.integers(0, 86_400),
        ext_url=_ADDRESSES,
        join_notify_url=_ADDRESSES,
    )


@st.composite
def _persons(draw: st.DrawFn, prefix: str) -> list[PersonType]:
    drawn = draw(st.lists(records(PersonType, complete=True), max_size=3))
    return [
        msgspec.structs.replace(person, email=f"{prefix}{place}@x.example", web_ex_id=None)
        for place, person in enumerate(drawn)
    ]


@st.composite
def _attendees(draw: st.DrawFn) -> AttendeesType:
    people = [
        AttendeesTypeAttendee(
            **{name: getattr(person, name) for name in PersonType.__struct_fields__},
            join_status=draw(st.sampled_from([None, "INVITE"])),
        )
        for person in draw(_persons("Person"))
    ]
    return AttendeesType(attendee=people)


@st.composite
def _custom(draw: st.DrawFn, cls: type[Any], prefix: str) -> Any:
    """Own fields with labels of their own, so that no field is taken for another one."""

    def labelled(fields: list[Any], start: int) -> list[Any]:
        return [msgspec.structs.replace(field, label=f"{prefix} {start + place}") for place, field in enumerate(fields)]

    types = {element.attribute: element.record for element in cls.__declaration__.elements}
    lists: list[list[Any]] = [draw(st.lists(records(types[name], complete=True), max_size=2)) for name in _LISTS]
    for group in lists[1]:
        group.check_box = labelled(draw(st.lists(records(CheckboxType), min_size=1, max_size=3)), 0)
    for field in (*lists[2], *lists[3]):
        field.choice = labelled(draw(st.lists(records(ChoiceType), min_size=2, max_size=3)), 0)
        field.default_choice = draw(st.none() | st.integers(0, 2))
    for field in itertools.chain.from_iterable(lists):
        if hasattr(field, "field_id"):  # numbers are given out by the server
            field.field_id = None
    return cls(**{name: labelled(fields, 10 * at) for at, (name, fields) in enumerate(zip(_LISTS, lists, strict=True))})


@st.composite
def _enrollments(draw: st.DrawFn) -> EnrollmentType:
    rules = draw(st.lists(records(ApprovalRuleType, complete=True), max_size=3))
    for rule in rules:
        rule.enroll_field_id = draw(st.sampled_from(sorted({*STANDARD_NUMBERS.values()} - {STANDARD_NUMBERS["fax"]})))
        rule.query_field = rule.query_field or "x"
    free = draw(records(EnrollmentType))
    return msgspec.structs.replace(
        free,
        approval_rules=EnrollmentTypeApprovalRules(rule=rules) if rules else None,
        end_url_after_enroll=draw(_ADDRESSES),
    )


def _templates(free: EmailTemplatesType | None, date: str) -> EmailTemplatesType | None:
    """Templates whose mails are sent at a time that can be read."""
    if free is None:
        return None

    def dated(record: Any) -> Any:
        changes = {
            name: dated(value)
            for name in record.__struct_fields__
            if isinstance(value := getattr(record, name), Record)
        }
        if getattr(record, "send_date_time", None) is not None:
            changes["send_date_time"] = date
        return msgspec.structs.replace(record, **changes)

    made: EmailTemplatesType = dated(free)
    return made


@st.composite
def events(draw: st.DrawFn, cls: type[Any], prefix: str) -> Any:
    """Requests that the rules allow; apart from these rules every element is drawn freely."""
    apart = {"schedule", "attendees", "access_control", "enrollment", "enrollment_form", "session_key"}
    free = draw(records(cls, only={*cls.__struct_fields__} - apart, complete=True))
    form = EnrollmentFormCreateType if cls is CreateEvent else EnrollmentFormSetType
    fields = CustomFieldsType if cls is CreateEvent else CustomFieldsInstanceType
    panelists = free.panelists and msgspec.structs.replace(
        free.panelists,
        panelist_password=draw(st.none() | st.text("abc 019&<", min_size=1, max_size=9).map(str.strip)),
        panelist=draw(_persons("Panelist")),
    )
    return msgspec.structs.replace(
        free,
        access_control=AccessControlType(
            listing=draw(st.sampled_from([None, "PUBLIC", "PRIVATE", "UNLISTED"])),
            session_password=draw(st.none() | st.text("abcXYZ019&<>\"'ß漢", min_size=1, max_size=16)),
            enforce_password=draw(st.none() | st.booleans()),
        ),
        meta_data=msgspec.structs.replace(
            free.meta_data or MetaDataType(), session_name=draw(_NAMES), session_type=None, program_id=None
        ),
        schedule=draw(_schedules()),
        telephony=free.telephony and msgspec.structs.replace(free.telephony, ext_telephony_url=draw(_ADDRESSES)),
        panelists=panelists,
        attendees=draw(_attendees()),
        ext_options=free.ext_options and msgspec.structs.replace(free.ext_options, destination_url=draw(_ADDRESSES)),
        email_templates=_templates(free.email_templates, draw(_dates())),
        enrollment=draw(st.none() | _enrollments()),
        enrollment_form=draw(
            st.none()
            | st.builds(
                form,
                standard_fields=st.none() | records(StandardFieldsType),
                custom_fields=st.none() | _custom(fields, prefix),
            )
        ),
    )


def _read(client: Client, key: str) -> GetEventResponse:
    return read_answer(client.call("event.GetEvent", sessionKey=key), GetEventResponse)


def _leaves(record: Record) -> dict[str, Any]:
    return leaves(record, (*NEVER_ANSWERED, *_APART))


def _made_safe(leaves: dict[str, Any]) -> dict[str, Any]:
    """The values as they are kept: texts without harm, the heads of mails on one line."""
    html = leaves.get("email_templates.format") == "HTML"
    safe: dict[str, Any] = {}
    for path, value in leaves.items():
        last = path.rsplit(".", 1)[-1]
        if path in _RICH or (last == "content" and html):
            value = rich_text(value)
        elif path in _LINES:
            value = plain_line(value)
        elif path.startswith("email_templates.") and last in ("subject", "from_", "reply_to"):
            value = " ".join("".join(c if c.isprintable() else " " for c in value).split())
        # Nobody is asked for a field that is not shown; a text without anything left is none.
        safe[path] = value.strip(" \t\r\n") if isinstance(value, str) else value
    return {path: value for path, value in safe.items() if value != ""}


def _shown_fields(leaves: dict[str, Any], sent: list[Any]) -> dict[str, Any]:
    """Fields of the form that are spoken of without a word of whether they are shown are shown."""
    shown = dict(leaves)
    for request in sent:
        fields = request.enrollment_form and request.enrollment_form.standard_fields
        for name in StandardFieldsType.__struct_fields__ if fields else ():
            if getattr(fields, name) is not None:
                shown.setdefault(f"enrollment_form.standard_fields.{name}.incl", True)
    return shown


def _check(found: GetEventResponse, expected: dict[str, Any]) -> None:
    present = {
        path: value.strip(" \t\r\n") if isinstance(value, str) else value for path, value in _leaves(found).items()
    }
    assert {name: present.get(name) for name in expected} == expected


def _check_people(found: GetEventResponse, sent: EventType) -> None:
    for group, name in (("attendees", "attendee"), ("panelists", "panelist")):
        wanted: list[Any] = getattr(getattr(sent, group), name) if getattr(sent, group) else []
        given_back = getattr(getattr(found, group), name)
        if not wanted:
            continue
        assert len(given_back) == len(wanted)
        # Whoever was on the list before keeps the place there.
        by_email = {each.email: each for each in given_back}
        for expected in wanted:
            leaves, present = _leaves(expected), _leaves(by_email[expected.email])
            assert {path: present.get(path) for path in leaves} == leaves


def _check_fields(found: GetEventResponse, *sent: Any) -> None:
    """Of each list of own fields the one that was sent last is there, with numbers that are all different."""
    assert found.enrollment_form is not None
    assert found.enrollment_form.custom_fields is not None
    numbers: list[int] = []
    for name in _LISTS:
        forms = [each.enrollment_form.custom_fields for each in sent if each.enrollment_form]
        wanted: list[Any] = next((some for form in reversed(forms) if form and (some := getattr(form, name))), [])
        given_back = getattr(found.enrollment_form.custom_fields, name)
        assert len(given_back) == len(wanted)
        for expected, answered in zip(wanted, given_back, strict=True):
            leaves, present = _leaves(expected), _leaves(answered)
            for part in ("check_box", "choice"):
                pairs = zip(leaves.pop(part, []), present.pop(part, []), strict=True)
                assert all(_leaves(new).items() >= _leaves(old).items() for old, new in pairs)
            assert {path: present.get(path) for path in leaves} == leaves
            numbers.append(answered.field_id)
    assert len(set(numbers)) == len(numbers)


def _check_rules(found: GetEventResponse, *sent: Any) -> None:
    given_back = found.enrollment.approval_rules.rule if found.enrollment and found.enrollment.approval_rules else []
    enrollments = [each.enrollment.approval_rules for each in sent if each.enrollment]
    wanted: list[Any] = next((rules.rule for rules in reversed(enrollments) if rules and rules.rule), [])
    assert len(given_back) == len(wanted)
    for expected, answered in zip(wanted, given_back, strict=True):
        assert _leaves(answered).items() >= _leaves(expected).items()
        assert answered.enroll_field


@_BOUNDED
@given(data=st.data())
def test_what_create_event_takes_get_event_gives_back(site: TestSite, data: st.DataObject) -> None:
    sent = data.draw(events(CreateEvent, "first"))
    client = site.client()
    key = send_record(client, sent).ok().value("sessionKey") or ""
    found = _read(client, key)
    _check(found, _shown_fields(_made_safe(_leaves(sent)), [sent]))
    _check_people(found, sent)
    _check_fields(found, sent)
    _check_rules(found, sent)


@_BOUNDED
@given(data=st.data())
def test_what_set_event_takes_get_event_gives_back(site: TestSite, data: st.DataObject) -> None:
    client = site.client()
    first, second = data.draw(events(CreateEvent, "first")), data.draw(events(SetEvent, "second"))
    key = send_record(client, first).ok().value("sessionKey") or ""
    second = msgspec.structs.replace(second, session_key=int(key))
    send_record(client, second).ok()
    found = _read(client, key)
    kept = {name: value for name, value in _leaves(first).items() if name not in cleared(second)}
    expected = _shown_fields(_made_safe(kept | _leaves(second)), [first, second])
    _check(found, {name: value for name, value in expected.items() if name != "session_key"})
    assert found.session_key == int(key)
    _check_people(found, second)
    _check_fields(found, first, second)
    _check_rules(found, first, second)
    # A program that sends back what it read changes nothing.
    shared = [name for name in SetEvent.__struct_fields__ if name in GetEventResponse.__struct_fields__]
    again = SetEvent(**{name: getattr(found, name) for name in shared})
    send_record(client, again).ok()
    assert _leaves(_read(client, key)) == _leaves(found)
    _check_fields(_read(client, key), first, second)
