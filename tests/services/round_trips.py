"""Building blocks of the tests that say: what a create or set call takes, the get call gives back."""

from __future__ import annotations

from collections.abc import Container
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from parley.contract import SCHEMAS
from parley.protocol.codec import Problems, decoder, encoder
from parley.protocol.declare import Record
from parley.protocol.versions import LATEST
from tests.client import XSI, Answer, Client

R = TypeVar("R", bound=Record)

BOUNDED = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
_DECLARED = " ".join(f'xmlns:{schema.prefix}="{schema.namespace}"' for schema in SCHEMAS)
_DAYS = ["SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"]


def send_record(client: Client, request: Record) -> Answer:
    """Send a request record as it is, its type named by the schema's prefix."""
    declaration = type(request).__declaration__
    inner = encoder(type(request), LATEST)(request)
    context = client.document("x", "").partition("<securityContext>")[2].partition("</securityContext>")[0]
    return client.send(
        f'<serv:message {_DECLARED} xmlns:xsi="{XSI}"><header><securityContext>{context}</securityContext></header>'
        f'<body><bodyContent xsi:type="{declaration.schema.prefix}:{declaration.name}">{inner}</bodyContent></body>'
        "</serv:message>"
    )


def read_answer(answer: Answer, cls: type[R]) -> R:
    """An answer as a record; every element of it must be one of the type."""
    problems = Problems()
    found: R = decoder(cls, LATEST)(answer.ok().content, problems)
    assert not problems.items
    assert not problems.unknown
    return found


def leaves(record: Record, never: Container[str] = (), path: str = "") -> dict[str, Any]:
    """All values of a record by path of fields; empty texts and lists count as not sent.

    Args:
        never: paths that are left out.
    """
    found: dict[str, Any] = {}
    for name in record.__struct_fields__:
        value, here = getattr(record, name), f"{path}{name}"
        if value is None or value in ("", []) or here in never:
            continue
        if isinstance(value, Record):
            found |= leaves(value, never, f"{here}.")
        else:
            found[here] = value
    return found


def cleared(record: Record, path: str = "") -> set[str]:
    """Paths of empty texts, which clear in a change what was there."""
    found: set[str] = set()
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if isinstance(value, Record):
            found |= cleared(value, f"{path}{name}.")
        elif value == "":
            found.add(f"{path}{name}")
    return found


def after_change(first: dict[str, Any], second: dict[str, Any], emptied: set[str], *, repeats: bool) -> dict[str, Any]:
    """The leaves that are expected after a change.

    Args:
        repeats: the change says how the session recurs, so that another rule takes the place of the old one.
    """
    kept = {name: value for name, value in first.items() if name not in emptied}
    if repeats:
        kept = {name: value for name, value in kept.items() if not name.startswith("repeat.")}
    return kept | second


def repeat_elements(cls: type[R]) -> st.SearchStrategy[R | None]:
    """Rules of recurrence that a contract's repeat element can say and that make a series."""
    elements = {element.attribute: element for element in cls.__declaration__.elements}
    days_of = elements["day_in_week"].record
    days = st.lists(st.sampled_from(_DAYS), min_size=1, max_size=4, unique=True).map(lambda some: days_of(day=some))
    end = st.none() | st.integers(400, 4000).map(
        lambda ahead: (datetime.now(UTC) + timedelta(days=ahead)).strftime("%m/%d/%Y 00:00:00")
    )
    shared: dict[str, Any] = {"interval": st.none() | st.integers(1, 99), "expiration_date": end}
    for number in ("end_after", "after_meeting_number"):
        if number in elements:
            shared[number] = st.none() | st.integers(1, 999)
    made = [
        st.none(),
        st.just(cls(repeat_type="NO_REPEAT")),
        st.builds(cls, repeat_type=st.just("DAILY"), **shared),
        st.builds(cls, repeat_type=st.just("WEEKLY"), day_in_week=days, **shared),
        st.builds(cls, repeat_type=st.just("MONTHLY"), day_in_month=st.integers(1, 28), **shared),
        st.builds(cls, repeat_type=st.just("MONTHLY"), week_in_month=st.integers(1, 5), day_in_week=days, **shared),
    ]
    if "month_in_year" in elements:
        yearly = {"day_in_month": st.integers(1, 28), "month_in_year": st.integers(1, 12)}
        made.append(st.builds(cls, repeat_type=st.just("YEARLY"), **yearly))
    return st.one_of(made)
