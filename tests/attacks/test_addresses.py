"""Addresses that a meeting wants told of what happens: none of them reaches this machine or its net."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from parley.domain.notices import is_public, target_of
from parley.services.notice_sending import NotDelivered, post

#: Ways to write an address that is not of the open net; `getaddrinfo` understands most of them.
HIDDEN = (
    *(
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "0177.0.0.1",
        "0",
        "0.0.0.0",  # noqa: S104  # sent, not bound
    ),
    *("127.0.0.1.", "127.0.0.2", "localhost", "localhost.", "LOCALHOST", "10.0.0.1", "172.16.0.1", "192.168.1.1"),
    *(
        "169.254.169.254",
        "0xa9fea9fe",
        "2852039166",
        "100.64.0.1",
        "192.0.0.192",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
    ),
    *("255.255.255.255", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[fe80::1]"),
    *(
        "[fd00:ec2::254]",
        "[fc00::1]",
        "[fec0::1]",
        "[ff02::1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[2001:db8::1]",
    ),
    *(
        "[2001:0:53aa:64c:0:0:80ff:fffe]",
        "[0:0:0:0:0:ffff:169.254.169.254]",
        "\uff11\uff12\uff17.0.0.1",
        "\u2460\u2461\u2466.0.0.1",
    ),
    "127\u30020\u30020\u30021",
)


@pytest.mark.parametrize("host", HIDDEN, ids=ascii)
async def test_no_spelling_reaches_this_machine(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Either it is no address, or what it stands for is known to be no open one; nothing is connected to."""

    async def connected(*arguments: Any, **options: Any) -> Any:
        raise AssertionError(f"connected to {arguments}")

    monkeypatch.setattr(asyncio, "open_connection", connected)
    for scheme in ("http", "https"):
        target = target_of(f"{scheme}://{host}/latest/meta-data/")
        if target is not None:
            with pytest.raises(NotDelivered):
                await post(target, b"a=b", private=False)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "file:///etc/passwd",
            "gopher://127.0.0.1:6379/_SET",
            "ftp://host/",
            "dict://127.0.0.1:11211/stats",
            "ldap://h/",
        ),
        *("data:text/html,x", "javascript:alert(1)", "jar:http://h!/", "//host/", "host", "", "http://", "http:///x"),
        *("http://user:secret@host/", "http://host@127.0.0.1/", "http://host:0/", "http://host:99999/", "http://[::1"),
        *(
            "http://host\\@127.0.0.1/",
            "http://host\r\nX: y/",
            "http://host/\r\nX: y",
            "http://host /",
            "http://ho\0st/",
        ),
        *("http://h%6fst/", "http://127.0.0.1%00.example/", "http://host#@127.0.0.1/\t", "HTTP:\\\\host\\x"),
    ],
    ids=ascii,
)
def test_what_is_no_address_of_the_web_is_none(address: str) -> None:
    assert target_of(address) is None


@pytest.mark.parametrize(
    "answers",
    [
        [["93.184.215.14"], ["127.0.0.1"]],
        [["93.184.215.14", "127.0.0.1"]],
        [["127.0.0.1"]],
        [["93.184.215.14", "::ffff:10.0.0.1"]],
    ],
    ids=["another one later", "both", "inside", "a mapped one among them"],
)
async def test_a_name_that_means_something_else_later(
    answers: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name is looked up once; what was looked at is what is connected to."""
    asked: list[str] = []
    reached: list[str] = []

    async def look_up(host: str, port: int, **options: Any) -> list[Any]:
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

    async def connect(host: str, *arguments: Any, **options: Any) -> Any:
        reached.append(host)
        raise ConnectionRefusedError

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up, raising=False)
    monkeypatch.setattr(asyncio, "open_connection", connect)
    target = target_of("http://rebinding.example/")
    assert target is not None
    with pytest.raises(NotDelivered):
        await post(target, b"a=b", private=False)
    assert len(asked) == 1
    assert all(is_public(each) for each in reached)
    assert reached == ([answers[0][0]] if len(answers) > 1 else [])
