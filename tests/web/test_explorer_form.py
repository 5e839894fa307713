"""The forms of the explorer: every operation at every level, from values to documents and back."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from parley import contract
from parley.contract import SCHEMAS
from parley.contract.meeting import CreateMeeting
from parley.contract.service import SecurityContextType
from parley.protocol.codec import Problems, decoder, encoder
from parley.protocol.envelope import read_children
from parley.protocol.versions import FIRST, LATEST, LEVELS, Level
from parley.services import catalogue as _catalogue  # noqa: F401  # enters all operations into the register
from parley.services.registry import find, operations
from parley.web.console.explorer_form import MOST_FIELDS, Field, Form, Group, sample_values, values_in
from parley.web.reference.samples import sample
from tests.generators import records

contract.modules()
OPERATIONS = pytest.mark.parametrize("name", [each.name for each in operations()])


def request_of(name: str) -> Any:
    operation = find(name)
    assert operation is not None
    return operation.request


def element_of(form: Form) -> Any:
    """What the document of a form asks for."""
    declared = "".join(f' xmlns:{each.prefix}="{each.namespace}"' for each in SCHEMAS)
    xsi = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    return etree.fromstring(f"<message{declared}{xsi}>{form.body()}</message>")[0]


def decoded(cls: Any, level: Level, element: Any) -> Any:
    problems = Problems()
    record = decoder(cls, level)(element, problems)
    assert problems.items == []
    assert problems.unknown == []
    return record


def fields_of(nodes: list[Field | Group]) -> dict[str, Field]:
    """All fields that a form shows, by their paths."""
    found: dict[str, Field] = {}
    for node in nodes:
        found.update({node.path: node} if isinstance(node, Field) else fields_of(node.nodes))
    return found


@OPERATIONS
@pytest.mark.parametrize("full", [False, True])
def test_samples_come_back_from_the_document_as_they_were(name: str, full: bool) -> None:
    cls = request_of(name)
    for level in (FIRST, LATEST):
        wanted = sample(cls, level, full=full)
        values = sample_values(cls, level, full=full)
        element = element_of(Form(cls, level, values, ()))
        expected = decoded(cls, level, read_children(encoder(cls, level)(wanted), SCHEMAS))
        if not full:  # of the full ones empty groups are left out
            assert decoded(cls, level, element) == expected or not values
        again, more = values_in(cls, level, element)
        assert again == values
        assert not more


@OPERATIONS
def test_a_form_stays_within_its_room(name: str) -> None:
    form = Form(request_of(name), LATEST)
    assert len(fields_of(form.nodes)) <= MOST_FIELDS
    for each in sorted(form.shown):
        form.show(each)
    waiting = list(form.nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Group):
            form.show(node.path)
            waiting += node.nodes
    assert Form(form.cls, LATEST, form.values, form.shown).size <= MOST_FIELDS + 60


@pytest.mark.parametrize("level", LEVELS, ids=str)
def test_a_level_hides_what_it_does_not_know(level: Level) -> None:
    for operation in operations():
        for field in fields_of(Form(operation.request, level).nodes).values():
            since = field.element.since
            assert (
                since is None or Level.parse(since if since.count(".") > 1 else f"{since}.0") <= level or since < "42"
            )


@given(st.data())
def test_values_of_any_request_make_a_document_that_is_read_alike(data: st.DataObject) -> None:
    record = data.draw(records(CreateMeeting))
    written = read_children(encoder(CreateMeeting, LATEST)(record), SCHEMAS)
    values, _more = values_in(CreateMeeting, LATEST, written)
    again, more = values_in(CreateMeeting, LATEST, element_of(Form(CreateMeeting, LATEST, values, ())))
    assert not more
    # Entries without any value are left out, so others may have other numbers.
    assert sorted(text.split() for text in again.values()) == sorted(t.split() for t in values.values() if t.strip())
    third, _ = values_in(CreateMeeting, LATEST, element_of(Form(CreateMeeting, LATEST, again, ())))
    assert third == again


def test_entries_of_lists_are_added_and_taken_away() -> None:
    form = Form(CreateMeeting, LATEST)
    path = "participants.attendees.attendee"
    assert form.show(path)
    assert form.show(path)
    numbers = [each for each in form.shown if each.startswith(path.upper() + ".") and each.count(".") == 3]
    assert sorted(numbers) == [f"{path.upper()}.0", f"{path.upper()}.1"]
    form = Form(
        CreateMeeting, LATEST, {f"{path.upper()}.0.ROLE": "HOST", f"{path.upper()}.1.ROLE": "PRESENTER"}, form.shown
    )
    form.remove(f"{path}.0")
    assert "HOST" not in form.body()
    assert "PRESENTER" in form.body()
    assert f"{path.upper()}.0" not in form.shown


def test_what_is_filled_in_stays_when_there_is_no_room() -> None:
    form = Form(CreateMeeting, LATEST, {"METADATA.CONFNAME": "Planning"})
    shown = 0
    while form.show("participants.attendees.attendee") and shown < 100:
        shown += 1
    assert 5 < shown < 100
    assert form.size <= MOST_FIELDS
    assert "METADATA" in form.shown
    assert "Planning" in form.body()


def test_types_inside_of_themselves_open_one_at_a_time() -> None:
    cls = request_of("UploadIMStest")
    form = Form(cls, LATEST)
    path = "questestinterop.assessment.section.item.0.resprocessing.respcondition.0.conditionvar.0.not"
    depth = 0
    while form.show(path) and depth < 30:
        path, depth = f"{path}.and.0", depth + 1
    assert depth < 30
    assert form.nodes


@pytest.mark.parametrize(
    "path",
    [
        "nothing",
        "metaData.nothing",
        "metaData.confName",
        "metaData.confName.text",
        "0",
        "metaData.0",
        ".",
        "",
        "a" * 5000,
    ],
)
def test_paths_that_lead_nowhere_show_nothing(path: str) -> None:
    form = Form(CreateMeeting, LATEST)
    before = set(form.shown)
    assert not form.show(path)
    form.remove(path)
    assert form.shown <= before


@given(st.dictionaries(st.text("ACDEMNTSU.019@#", max_size=40).map(str.upper), st.text(max_size=8), max_size=8))
def test_no_names_of_fields_upset_it(sent: dict[str, str]) -> None:
    form = Form(CreateMeeting, LATEST, dict.fromkeys(sent, "x"), sent)
    assert form.nodes
    element_of(form)


def test_long_paths_are_no_work() -> None:
    long = ".".join(["A"] * 50_000)
    assert Form(CreateMeeting, LATEST, {long: "x"}, [long]).body().count("<") == 2


def test_a_document_may_hold_more_than_the_form() -> None:
    element = etree.fromstring(
        "<bodyContent><metaData><confName>One</confName><confName>Two</confName><colour>red</colour></metaData></bodyContent>"
    )
    values, more = values_in(CreateMeeting, LATEST, element)
    assert values == {"METADATA.CONFNAME": "One"}
    assert more


def test_rows_are_told_apart() -> None:
    cls = request_of("UploadIMStest")
    values = sample_values(cls, LATEST, full=True)
    rows = sorted({name.partition("CONDITIONVAR.")[2].partition(".")[0] for name in values if "CONDITIONVAR." in name})
    assert rows == ["0"]


def test_fields_are_in_the_order_of_the_schema() -> None:
    names = [node.path for node in Form(CreateMeeting, LATEST).nodes]
    order = [each.name for each in CreateMeeting.__declaration__.visible(LATEST.parts)]
    assert all(order.index(a) < order.index(b) for a, b in pairwise(names))
    assert SecurityContextType.xml_name not in names
