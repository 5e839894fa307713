"""The field language: what a class statement makes of its declarations."""

from __future__ import annotations

import types

import msgspec
import pytest

from parley.protocol.declare import (
    Record,
    Schema,
    attribute,
    boolean,
    content,
    int32,
    integer,
    many,
    record,
    rows,
    string,
    version_tuple,
)

SCHEMA = Schema(module="sample", prefix="sam", namespace="http://example.com/sample", path="sample/sample.xsd")
OTHER = Schema(module="other", prefix="oth", namespace="http://example.com/other", path="other/other.xsd")

ColourType = SCHEMA.enumeration("colourType", "RED", "GREEN")
MailType = SCHEMA.simple("mailType")


class PointType(Record):
    """A point."""

    x: int | None = integer("X", required=True, low=0)
    y: int | None = int32("Y", since="42.2.0")


class ShapeType(Record):
    """A shape with inner types."""

    colour: str | None = string("colour", ColourType, default="RED")
    points: list[PointType] = many(record("point", PointType), least=1, most=4)
    parent: ShapeType | None = record("parent", "ShapeType")
    visible: bool | None = boolean("isVisible")


class CircleTypeLabels(Record, anonymous=True):
    """The list in labels."""

    label: list[str] = many(string("label"))


class CircleType(ShapeType, name="circle_type"):
    """A shape with a radius."""

    radius: int | None = integer("radius")
    labels: CircleTypeLabels | None = record("labels", CircleTypeLabels)


class NoteType(Record):
    """Text with an attribute."""

    text: str | None = content()
    ident: str | None = attribute(string("ident", required=True))


class PairsType(Record):
    """Rows of one element."""

    pairs: list[PointType] = rows(record("pairs", PointType))


def test_types_have_the_class_name_with_a_small_first_letter_unless_told_otherwise() -> None:
    assert ShapeType.xml_name == "shapeType"
    assert CircleType.xml_name == "circle_type"
    assert PointType.xml_schema is SCHEMA


def test_a_schema_holds_its_named_types_in_order_of_declaration() -> None:
    assert list(SCHEMA.types) == [
        "colourType",
        "mailType",
        "pointType",
        "shapeType",
        "circle_type",
        "noteType",
        "pairsType",
    ]
    assert list(SCHEMA.records()) == [PointType, ShapeType, CircleType, NoteType, PairsType]


def test_inherited_elements_come_first() -> None:
    names = [e.name for e in CircleType.__declaration__.elements]
    assert names == ["colour", "point", "parent", "isVisible", "radius", "labels"]
    assert [e.name for e in CircleType.__declaration__.own] == ["radius", "labels"]
    assert CircleType.__declaration__.base is ShapeType
    assert ShapeType.__declaration__.base is None


def test_bounds_come_from_the_declaration() -> None:
    x, y = PointType.__declaration__.elements
    assert (x.minimum, x.maximum, x.low, x.high) == (1, 1, 0, None)
    assert (y.minimum, y.maximum, y.xsd, y.since) == (0, 1, "xsd:int", "42.2.0")
    points = ShapeType.__declaration__.elements[1]
    assert (points.minimum, points.maximum, points.is_list) == (1, 4, True)
    labels = CircleTypeLabels.__declaration__.elements[0]
    assert (labels.minimum, labels.maximum, labels.is_list) == (0, None, True)
    assert PairsType.__declaration__.elements[0].is_list


def test_a_named_simple_type_gives_its_values() -> None:
    colour = ShapeType.__declaration__.elements[0]
    assert colour.values == ("RED", "GREEN")
    assert colour.simple is ColourType
    assert MailType.values == ()


def test_a_type_can_hold_itself() -> None:
    assert ShapeType.__declaration__.elements[2].record is ShapeType


def test_only_record_elements_have_a_record() -> None:
    with pytest.raises(TypeError, match="colour holds no record"):
        _ = ShapeType.__declaration__.elements[0].record


def test_elements_newer_than_the_level_are_not_visible() -> None:
    declaration = PointType.__declaration__
    assert [e.name for e in declaration.visible("42.1.0")] == ["X"]
    assert [e.name for e in declaration.visible("42.2.0")] == ["X", "Y"]
    assert [e.name for e in declaration.visible((42, 6, 0))] == ["X", "Y"]


def test_records_start_empty_and_take_keywords_only() -> None:
    shape = ShapeType()
    assert (shape.colour, shape.points, shape.visible) == (None, [], None)
    assert ShapeType().points is not shape.points
    with pytest.raises(TypeError):
        ShapeType("RED")


def test_json_uses_the_xml_names_and_leaves_out_what_is_empty() -> None:
    circle = CircleType(colour="RED", points=[PointType(x=1)], labels=CircleTypeLabels(label=["a"]), visible=False)
    encoded = msgspec.json.encode(circle)
    assert encoded == b'{"colour":"RED","point":[{"X":1}],"isVisible":false,"labels":{"label":["a"]}}'
    assert msgspec.json.decode(encoded, type=CircleType) == circle


def test_places_of_values() -> None:
    text, ident = NoteType.__declaration__.elements
    assert (text.place, ident.place, ident.minimum) == ("content", "attribute", 1)


def _make(name: str, module: str) -> type[Record]:
    """Carry out `class name(Record)` as if it stood in another module."""
    made: type[Record] = types.new_class(name, (Record,), exec_body=lambda body: body.update(__module__=module))
    return made


def test_a_name_is_declared_once() -> None:
    with pytest.raises(TypeError, match="sam:pointType is declared twice"):
        _make("PointType", __name__)
    with pytest.raises(TypeError, match="sam:colourType is declared twice"):
        SCHEMA.enumeration("colourType", "BLUE")


def test_a_module_without_schema_declares_nothing() -> None:
    with pytest.raises(TypeError, match="has no SCHEMA"):
        _make("StrayType", "msgspec")


def test_global_elements() -> None:
    OTHER.element("root", ShapeType)
    assert OTHER.elements == {"root": ShapeType}


def test_names_show_in_representations() -> None:
    assert repr(SCHEMA) == "<Schema sample>"
    assert repr(ColourType) == "<SimpleType sam:colourType>"
    assert repr(PointType.__declaration__.elements[0]) == "<Element X>"


def test_versions_are_compared_by_number() -> None:
    assert version_tuple("9.0.0") < version_tuple("42.10.0")
    with pytest.raises(ValueError, match="invalid literal"):
        version_tuple("42.x")
