"""Dates as the API writes them."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.domain.dates import (
    DateError,
    format_date,
    from_stored,
    parse_date,
    parse_start,
    stored_to_api,
    to_stored,
)

MOMENTS = st.datetimes()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("08/26/2017 10:10:10", "2017-08-26 10:10:10"),
        ("08/15/2018 8:0:0", "2018-08-15 08:00:00"),
        ("1/5/2026 9:3:7", "2026-01-05 09:03:07"),
        ("04/1/2004 02:31:24", "2004-04-01 02:31:24"),
        ("12/31/2026", "2026-12-31 00:00:00"),
        ("06/01/2026 14:30", "2026-06-01 14:30:00"),
        ("\n\t 06/01/2026   14:30:00 \r\n", "2026-06-01 14:30:00"),
        ("02/29/2028 00:00:00", "2028-02-29 00:00:00"),
        ("01/01/0001 00:00:00", "0001-01-01 00:00:00"),
        ("12/31/9999 23:59:59", "9999-12-31 23:59:59"),
    ],
)
def test_what_clients_write_is_understood(text: str, expected: str) -> None:
    assert parse_date(text) == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "now",
        "2026-06-01 14:30:00",
        "13/01/2026 10:00:00",
        "02/29/2027 10:00:00",
        "00/10/2026 10:00:00",
        "06/01/26 10:00:00",
        "06/01/2026 24:00:00",
        "06/01/2026 10:60:00",
        "06/01/2026 10:00:60",
        "06/01/2026 10:00:00 AM",
        "06/01/2026T10:00:00",
        "06/01/2026 10:00:00.5",
        "06/01/2026 10",
        "06/01/0000 10:00:00",
        "+6/01/2026 10:00:00",
        "06/0１/2026 10:00:00",
        "06/01/2026 10:00:00" + " " * 100,
        "0" * 1_000_000,
        " " * 1_000_000,
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(DateError) as refused:
        parse_date(text)
    assert not refused.value.out_of_range
    assert len(refused.value.text) <= 64


@pytest.mark.parametrize("text", ["12/31/1969 23:59:59", "01/01/2051 00:00:00", "01/01/9999 00:00:00"])
def test_a_start_has_bounds(text: str) -> None:
    parse_date(text)
    with pytest.raises(DateError) as refused:
        parse_start(text)
    assert refused.value.out_of_range


@pytest.mark.parametrize("text", ["01/01/1970 00:00:00", "12/31/2050 23:59:59"])
def test_the_bounds_themselves_are_starts(text: str) -> None:
    assert format_date(parse_start(text)) == text


@settings(deadline=None, max_examples=300)
@given(MOMENTS)
def test_written_dates_are_read_back(moment: datetime) -> None:
    whole = moment.replace(microsecond=0, fold=0)
    text = format_date(moment)
    assert len(text) == 19
    assert text == moment.strftime("%m/%d/") + f"{moment.year:04d}" + moment.strftime(" %H:%M:%S")
    assert parse_date(text) == whole


@settings(deadline=None, max_examples=300)
@given(MOMENTS)
def test_the_stored_form_sorts_and_turns_into_the_api_form(moment: datetime) -> None:
    stored = to_stored(moment)
    assert len(stored) == 19
    assert from_stored(stored) == moment.replace(microsecond=0, fold=0)
    assert stored_to_api(stored) == format_date(moment)


@settings(deadline=None, max_examples=300)
@given(MOMENTS, MOMENTS)
def test_stored_dates_sort_as_texts(one: datetime, other: datetime) -> None:
    one, other = one.replace(microsecond=0), other.replace(microsecond=0)
    assert (to_stored(one) < to_stored(other)) == (one < other)


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=40) | st.text(alphabet="0123456789/: ", max_size=24))
def test_no_text_does_anything_but_parse_or_raise(text: str) -> None:
    try:
        parsed = parse_date(text)
    except DateError:
        return
    assert parse_date(format_date(parsed)) == parsed
