"""Hypothesis strategies made from the declarations of the contract: records of any type, whole or in part."""

from __future__ import annotations

import math
from typing import Any, TypeVar

from hypothesis import strategies as st

from parley.protocol.declare import Element, Record
from parley.protocol.versions import LATEST, Level

R = TypeVar("R", bound=Record)

#: Records nest this deep in generated values; types that hold themselves would never end otherwise.
MAX_DEPTH = 5
_SPACE = " \t\r\n"
_LETTERS = st.one_of(
    st.sampled_from("abc XYZ 019 &<>\"'/;#]\t\n\rüß漢\U0001f600\x85\xa0\ufffd"),
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"),
)


def texts(longest: int | None = None, *, smallest: int = 0) -> st.SearchStrategy[str]:
    """Strings that come back from XML as they are: no line breaks at the ends, not made of blanks only."""
    size = 12 if longest is None else min(12, longest)
    return st.text(_LETTERS, min_size=smallest, max_size=size).filter(_is_stable)


def _is_stable(text: str) -> bool:
    stripped = text.strip(_SPACE)
    if not stripped:
        return not text
    start = text.index(stripped[0])
    ends = text[:start] + text[start + len(stripped) :]
    return "\n" not in ends and "\r" not in ends


def _single(element: Element) -> st.SearchStrategy[Any]:
    """Values of one occurrence of an element that is no record."""
    if element.kind == "boolean":
        return st.booleans()
    if element.kind == "integer":
        widest = 2**31 if element.xsd == "xsd:int" else 2**63
        low = -widest if element.low is None else element.low
        high = widest - 1 if element.high is None else element.high
        return st.integers(low, high)
    if element.kind == "number":
        return st.floats(allow_nan=False, allow_infinity=False, width=32).filter(math.isfinite)
    if element.kind == "binary":
        return st.binary(min_size=1, max_size=20)
    if element.values:
        return st.sampled_from(element.values)
    if element.pattern is not None:
        return st.from_regex(element.pattern, fullmatch=True)
    if element.place in ("content", "mixed"):
        return texts(smallest=1).map(lambda text: text.strip(_SPACE)).filter(bool)
    return texts(element.max_length, smallest=1 if element.is_list else 0)


@st.composite
def records(
    draw: st.DrawFn, cls: type[R], level: Level = LATEST, only: set[str] | None = None, *, complete: bool = False
) -> R:
    """Records of a type as they can come back from XML.

    level: elements that came later stay empty; only: fields that may be filled, all when None;
    complete: required elements are all there, so that the record is valid by the schema.
    """
    made: R = draw(_records(cls, level, only, complete, 0))
    return made


@st.composite
def _records(
    draw: st.DrawFn, cls: type[Record], level: Level, only: set[str] | None, complete: bool, depth: int
) -> Any:
    visible = [e for e in cls.__declaration__.visible(level.parts) if only is None or e.attribute in only]
    wanted = draw(st.sets(st.sampled_from(visible), max_size=6)) if visible else set()
    if complete:
        wanted |= {e for e in visible if e.minimum and not e.choice}
        wanted -= {e for e in wanted if e.choice}
        alternatives = [e for e in visible if e.choice]
        if alternatives:
            wanted.add(draw(st.sampled_from(_finite(alternatives, depth))))
    values = {}
    for element in visible:
        if element in wanted and (element.kind != "record" or depth < MAX_DEPTH or (complete and element.minimum)):
            values[element.attribute] = draw(_value(element, level, complete, depth))
    return cls(**values)


def _finite(alternatives: list[Element], depth: int) -> list[Element]:
    """Alternatives that end: below the greatest depth those that are no records with alternatives of their own."""
    if depth < MAX_DEPTH:
        return alternatives
    plain = [
        e for e in alternatives if e.kind != "record" or not any(x.choice for x in e.record.__declaration__.elements)
    ]
    return plain or alternatives


@st.composite
def _alternatives(draw: st.DrawFn, cls: type[Record], level: Level, depth: int) -> Any:
    """A record that is one of its type's alternatives."""
    chosen = draw(st.sampled_from(_finite([e for e in cls.__declaration__.visible(level.parts) if e.choice], depth)))
    return cls(**{chosen.attribute: draw(_value(chosen, level, True, depth))})


@st.composite
def _value(draw: st.DrawFn, element: Element, level: Level, complete: bool, depth: int) -> Any:
    if element.kind != "record":
        one = _single(element)
    elif element.rows:  # a row is told from the next by what it holds
        fields = element.record.__declaration__.elements
        if any(e.choice for e in fields):  # each row is one of the alternatives
            return draw(st.lists(_alternatives(element.record, level, depth + 1), min_size=1, max_size=3))
        one = st.fixed_dictionaries({e.attribute: _single(e) for e in fields}).map(lambda row: element.record(**row))
        return draw(st.lists(one, min_size=1, max_size=3))
    else:
        one = _records(element.record, level, None, complete, depth + 1)
    if not element.is_list:
        return draw(one)
    most = 3 if element.maximum is None else min(4, element.maximum)
    return draw(st.lists(one, min_size=max(element.minimum, 1), max_size=max(most, element.minimum)))
