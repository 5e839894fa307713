"""Numbers in the addresses of pages."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.web.numbers import _Number

LARGEST = 2**63 - 1


def taken(text: str) -> bool:
    return re.fullmatch(f"(?P<number>{_Number.regex})", text) is not None


@given(st.integers(0, 2**65) | st.integers(LARGEST - 10**6, LARGEST + 10**6))
def test_no_number_is_taken_that_the_database_cannot_have(number: int) -> None:
    assert taken(str(number)) is (number <= LARGEST)


@pytest.mark.parametrize("text", ["", "-1", "+1", "x", "1x", "9" * 20, "9" * 5000, "\u0663"])
def test_what_is_no_number_is_not_taken(text: str) -> None:
    assert not taken(text)
