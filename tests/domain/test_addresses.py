"""Addresses of clients, and who of them is counted as one."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.domain.addresses import network_of, read_ip


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::"),
        ("::1", "::"),
        ("local", "local"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_what_an_address_is_counted_under(address: str, counted: str) -> None:
    assert network_of(address) == counted


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_whoever_has_a_net_has_all_of_it(address: ipaddress.IPv6Address, host: int) -> None:
    net = int(address) >> 64 << 64
    if net:  # else it may stand for one of IPv4
        assert network_of(str(address)) == network_of(str(ipaddress.IPv6Address(net | host)))


@given(st.text())
def test_any_text_is_counted_under_something(text: str) -> None:
    assert read_ip(text) is not None or network_of(text) == text
