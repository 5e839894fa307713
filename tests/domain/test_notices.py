"""Addresses that are told of what happens: which are addresses at all, and which are open ones."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.domain.notices import Target, is_allowed, is_public, target_of, wanted_of
from parley.domain.site import SiteSettings


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("https://portal.example.org", Target(True, "portal.example.org", 443, "/")),
        ("HTTP://Portal.Example.org:8080/a?b=c&d=%20#part", Target(False, "portal.example.org", 8080, "/a?b=c&d=%20")),
        ("https://bücher.example/ä?ö=ü", Target(True, "xn--bcher-kva.example", 443, "/%C3%A4?%C3%B6=%C3%BC")),
        ("http://[2001:db8::1]:81/x", Target(False, "2001:db8::1", 81, "/x")),
    ],
)
def test_addresses_are_taken_apart(address: str, target: Target) -> None:
    assert target_of(address) == target


@pytest.mark.parametrize(
    "address",
    [
        *("", "portal", "ftp://a.example/", "file:///etc/passwd", "javascript:alert(1)", "http://", "http:///x"),
        *("http://a.example:0/", "http://a.example:99999/", "http://a.example:x/", "http://user@a.example/"),
        *(
            "http://a.example/\r\nHost: b",
            "http://a b/",
            "http://a.example\\@b.example/",
            "http://[::1/",
            "http://a..b/",
        ),
        *("http://u:p@a.example/", f"http://{'a' * 70}.example/"),
    ],
)
def test_what_is_no_address_is_none(address: str) -> None:
    assert target_of(address) is None


@given(st.text(max_size=60))
def test_whatever_is_sent_is_one_line_of_ascii(text: str) -> None:
    for address in (text, f"http://a.example/{text}", f"https://{text}/"):
        target = target_of(address)
        if target is not None:
            line = f"{target.authority}{target.path}"
            assert line.isascii()
            assert line.isprintable()
            assert " " not in line


def test_a_host_is_listed_with_its_port_unless_it_is_the_usual_one() -> None:
    hosts = ("portal.example.org", "other.example.org:8443")
    told = {
        address: is_allowed(target, hosts)
        for address in (
            *("https://portal.example.org/x", "http://portal.example.org/", "https://portal.example.org:443/"),
            *("https://portal.example.org:8443/", "https://other.example.org:8443/", "https://other.example.org/"),
            *("https://portal.example.org.evil.example/", "https://evil.portal.example.org/"),
        )
        if (target := target_of(address)) is not None
    }
    assert list(told.values()) == [True, True, True, False, True, False, False, False]


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_of_the_open_net(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
        ),
        *("224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.1"),
        *("::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::", "198.18.0.1", "192.0.2.1", "nonsense", ""),
        *("::127.0.0.1", "::10.0.0.1", "fec0::1"),
    ],
)
def test_addresses_of_this_machine_and_of_private_nets(address: str) -> None:
    assert not is_public(address)


def test_what_a_schedule_asks_for() -> None:
    assert wanted_of(" https://a.example ", -5, "") == wanted_of("https://a.example", None, None)
    wanted = wanted_of("https://a.example", 10**12, "https://b.example")
    assert wanted.minutes == 366 * 24 * 60
    assert (wanted.before_start, wanted.on_join) == ("https://a.example", "https://b.example")


@pytest.mark.parametrize("hosts", [["http://a.example"], ["A.example"], ["a.example/x"], ["a b"], ["*"], [""], ["-a"]])
def test_a_site_lists_hosts_only(hosts: list[str]) -> None:
    with pytest.raises(msgspec.ValidationError, match="notices"):
        msgspec.convert({"notices": {"hosts": hosts}}, SiteSettings)


def test_a_site_allows_nobody_by_itself() -> None:
    notices = SiteSettings().notices
    assert (notices.hosts, notices.private_addresses) == ((), False)
