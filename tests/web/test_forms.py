"""What forms have in common: who is counted as one."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from parley.web.forms import address_of, counted_as


@pytest.mark.parametrize(
    ("address", "counted"),
    [("203.0.113.9", "203.0.113.9"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"), (None, None)],
)
def test_visitors_are_counted_by_their_net_and_kept_by_their_address(address: str | None, counted: str | None) -> None:
    request = Request({"type": "http", "headers": [], "client": (address, 1) if address else None})
    assert (address_of(request), counted_as(request)) == (address, counted)
