"""What is signed is told from all other texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.services.signed import Seal

SEAL = Seal(b"k" * 32, b"tests", 16)


@given(st.binary(max_size=200))
def test_what_was_signed_is_read(body: bytes) -> None:
    assert SEAL.from_hex(SEAL.to_hex(body)) == body
    assert SEAL.from_base64(SEAL.to_base64(body)) == body


@pytest.mark.parametrize("other", [Seal(b"l" * 32, b"tests", 16), Seal(b"k" * 32, b"others", 16)])
def test_other_secrets_and_purposes_sign_something_else(other: Seal) -> None:
    assert SEAL.from_hex(other.to_hex(b"body")) is None
    assert SEAL.from_base64(other.to_base64(b"body")) is None


@given(st.text(max_size=300) | st.binary(max_size=100).map(bytes.hex))
def test_any_other_text_is_nothing(text: str) -> None:
    assert SEAL.from_hex(text) is None
    assert SEAL.from_base64(text) is None


def test_texts_that_are_too_long_are_not_looked_at() -> None:
    seal = Seal(b"k" * 32, b"tests", 16, longest=40)
    assert seal.from_hex(seal.to_hex(b"four")) == b"four"
    assert seal.from_hex(seal.to_hex(b"fives")) is None
    assert seal.from_base64(seal.to_base64(b"x" * 14)) == b"x" * 14
    assert seal.from_base64(seal.to_base64(b"x" * 15)) is None
