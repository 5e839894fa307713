"""The forms for sessions of every kind reach everything that the contract says of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from parley.domain.site import Site, SiteSettings
from parley.protocol.declare import Element, Record
from parley.web.console.session_form import Choices, SessionForm
from parley.web.console.session_kinds import KINDS, SessionKind
from parley.web.console.session_options import OPTIONS
from parley.web.console.session_rows import APART, FIRST, GROUPS, MORE, element_at

#: What fields compose of several elements: when, how often, who sees it, who decides, who comes.
COMPOSED = (
    *("schedule.start_date", "schedule.time_zone_id", "schedule.host_web_ex_id", "repeat", "access_control.listing"),
    *("access_control.list_to_public", "access_control.is_public", "meta_data.meeting_type", "meta_data.session_type"),
    *("meta_data.program_id", "tracking", "remind.enable_reminder", "remind.days_ahead", "remind.hours_ahead"),
    *("remind.minutes_ahead", "attendee_options.registration", "attendee_options.auto", "ext_options.registration"),
    *("enrollment.approval_req", "enrollment.approval_rules", "enrollment_form.custom_fields"),
    *("attendee_options.email_invitations", "ext_options.email_invitations", "participants.attendees"),
    *("attendees.attendee", "panelists.panelist", "attendees.participants", "presenters.participants", "prospects"),
    *("sales_team", "full_access_attendees", "limited_access_attendees"),
)
TOLD = [row for rows in (FIRST, MORE, *GROUPS.values()) for row in rows]
BY_KIND = pytest.mark.parametrize("kind", KINDS, ids=[each.word for each in KINDS])


def form_of(kind: SessionKind) -> SessionForm:
    site = Site(site_id=1, name="acme", level="42.6.0", settings=SiteSettings())
    weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    form = kind.form(site, Choices(zones=[("20", "GMT")], types=[], weekdays=weekdays), new=True)
    form.show(form.blank(site.settings))
    return form


def leaves(cls: type[Record], path: str = "") -> Iterator[tuple[str, Element]]:
    for element in cls.__declaration__.elements:
        here = path + element.attribute
        if element.kind == "record" and not element.is_list:
            yield from leaves(element.record, f"{here}.")
        else:
            yield here, element


def covered(path: str) -> bool:
    options = {f"enable_options.{name}" for words in OPTIONS.values() for name in words}
    starts = (*(row.path for row in TOLD), *COMPOSED, *APART, *options)
    return any(path == each or path.startswith(f"{each}.") for each in starts)


@BY_KIND
def test_every_element_of_the_contract_is_on_the_form(kind: SessionKind) -> None:
    assert [path for path, _ in leaves(kind.create) if not covered(path)] == []


@BY_KIND
def test_every_field_has_one_place_and_one_name(kind: SessionKind) -> None:
    form = form_of(kind)
    fields = [
        *form.first,
        *form.repeat,
        *form.days,
        *form.more,
        *(each for group in form.groups for each in group.fields),
    ]
    names = [each.name for each in fields]
    assert len(names) == len(set(names))
    assert set(names) == set(form.fields)
    assert all(name == name.upper() for name in names)


@BY_KIND
def test_every_value_of_the_contract_has_words(kind: SessionKind) -> None:
    for row in TOLD:
        element = element_at(kind.create, row.path)
        if element is not None and element.values:
            assert {value for value, _ in row.words} >= {*element.values}, row.path


def test_every_row_belongs_to_some_contract() -> None:
    for row in TOLD:
        assert any(element_at(each.create, row.path) is not None for each in KINDS), row.path
    for path in APART:
        assert any(element_at(each.create, path) is not None for each in KINDS), path


def test_every_option_has_one_place() -> None:
    names = [name for each in OPTIONS.values() for name in each]
    assert len(names) == len(set(names))
    for name in names:
        assert any(element_at(each.create, f"enable_options.{name}") is not None for each in KINDS), name
    for each in KINDS:
        record = element_at(each.create, "enable_options")
        assert record is None or {*record.record.__struct_fields__} <= {*names}


@BY_KIND
def test_a_form_that_was_not_touched_says_nothing(kind: SessionKind) -> None:
    form = form_of(kind)
    shown = form.values()
    form.read(shown)
    assert form.changes(shown) == {}


def test_a_blank_text_is_no_option() -> None:
    assert all(label for row in TOLD for _, label in row.words)
