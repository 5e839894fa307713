"""Whatever is sent, a valid answer comes: arbitrary bytes, and mutated documents of every operation.

Documents are made from the contract and then damaged: elements dropped, repeated, renamed, moved and filled with what
they do not take, attributes added, bytes changed. A second site on the server holds texts that no answer may show.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from parley.contract import SCHEMAS
from parley.protocol.codec import encoder
from parley.protocol.credentials import GuessBrake
from parley.protocol.versions import LATEST
from parley.services import catalogue
from parley.services.registry import Operation, operations
from tests.client import Answer, Client
from tests.generators import records
from tests.server import PASSWORD, Server
from tests.services.meetings import attendee, create, get

assert catalogue.__all__  # importing it enters the operations into the register

CANARY = "Canary7f3e"
_BOUNDED = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
_DECLARED = " ".join(f'xmlns:{schema.prefix}="{schema.namespace}"' for schema in SCHEMAS)
_ACCOUNTS = ("admin", "host1", "host2", "attendee1")


class Target:
    """The attacked site, and what is known of the other one that no answer may show."""

    def __init__(self, server: Server) -> None:
        self.site = server.new_site()
        self.own_key = create(self.site.client(), "Own meeting")
        self.other = other = server.new_site()
        client = other.client()
        people = {"attendees": attendee(f"{CANARY}@guests.example", emailInvitations=True)}
        self.other_key = create(
            client, f"{CANARY} session", accessControl={"meetingPassword": f"{CANARY}pw"}, participants=people
        )
        read = get(client, self.other_key).ok()
        ticket = client.call("user.AuthenticateUser").ok().value("sessionTicket") or ""
        login = client.call("user.GetLoginTicket").ok().value("ticket") or ""
        values = [read.value(name) or "" for name in ("meetingUUID", "hostKey", "guestToken")]
        assert all(len(value) > 5 for value in (*values, ticket, login))
        self.other_uuid = values[0]
        secret = [CANARY, other.name, ticket, login, values[2], PASSWORD, self.site.users["host1"].password_hash]
        self.secrets = [text.casefold() for text in secret]

    def check(self, answer: Answer, sent: str = "") -> None:
        """An answer has a result, and tells nothing it must not."""
        # Damaged passwords are guesses, and those are slowed down, which is not what is shown here.
        self.site.server.application.brake = GuessBrake()
        assert answer.result in ("SUCCESS", "FAILURE")
        text = answer.text.casefold()
        assert "traceback" not in text
        assert answer.code != "000029", answer.text
        for secret in self.secrets:
            # What somebody sends himself may come back to him.
            assert secret not in text or secret in sent.casefold(), secret


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def target(request: pytest.FixtureRequest) -> Target:
    """A site to attack beside one with secrets, once per kind of database."""
    name = "sqlite_server" if request.param == "sqlite" else "postgres_backed_server"
    return Target(request.getfixturevalue(name))


# --- damage ------------------------------------------------------------------------------------------------------

_TEXTS = st.one_of(
    st.sampled_from(
        [
            *("", " ", "\n", "0", "-1", "1", "20.0", "TRUE", "2147483648", str(2**63), "9" * 300, "1e999", "NaN", "x"),
            *("01/01/2031 10:00:00", "13/45/2031 25:61:00", "12/31/2050 23:59:59", "01/01/0001 00:00:00", "none"),
            *("%", "_", "*", "'", "\\", "a;b", "a,b", "\u202e", "\U0001f600" * 20, "İ", "ß" * 30, "\u0345", "é" * 300),
            *("host1", "HOST1", "host2", "admin", "nobody", "ALTERNATE", "STARTTIME", "<x/>", "&amp;", "{}", "[]"),
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20),
    st.integers().map(str),
)
_NAMES = st.sampled_from(
    ["x", "meetingKey", "sessionKey", "webExId", "listControl", "order", "repeat", "attendees", "name", "message"]
)


def _elements(root: etree._Element) -> list[etree._Element]:
    return [each for each in root.iter() if isinstance(each.tag, str)]


def _drop(element: etree._Element, draw: Callable[..., Any]) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _repeat(element: etree._Element, draw: Callable[..., Any]) -> None:
    parent = element.getparent()
    if parent is not None:
        for _ in range(draw(st.sampled_from([1, 2, 60]))):
            parent.append(copy.deepcopy(element))


def _rename(element: etree._Element, draw: Callable[..., Any]) -> None:
    element.tag = draw(_NAMES)


def _change_case(element: etree._Element, draw: Callable[..., Any]) -> None:
    element.tag = etree.QName(element).localname.swapcase()


def _reverse(element: etree._Element, draw: Callable[..., Any]) -> None:
    element[:] = reversed(list(element))


def _fill(element: etree._Element, draw: Callable[..., Any]) -> None:
    if draw(st.booleans()):
        element[:] = []
    element.text = draw(_TEXTS)


def _wrap(element: etree._Element, draw: Callable[..., Any]) -> None:
    inner = copy.deepcopy(element)
    element[:] = []
    element.text = None
    element.append(inner)


def _adorn(element: etree._Element, draw: Callable[..., Any]) -> None:
    nil = "{http://www.w3.org/2001/XMLSchema-instance}nil"
    element.set(draw(st.sampled_from([nil, "type", "id"])), draw(_TEXTS))


def _comment(element: etree._Element, draw: Callable[..., Any]) -> None:
    element.insert(0, draw(st.sampled_from([etree.Comment("x"), etree.PI("x")])))


_DAMAGES = (_drop, _repeat, _rename, _change_case, _reverse, _fill, _fill, _fill, _wrap, _adorn, _comment)


@st.composite
def _damaged(draw: st.DrawFn, operation: Operation, target: Target) -> bytes:
    """A document of an operation with some damage."""
    record = draw(records(operation.request))
    client = target.site.client(draw(st.sampled_from(_ACCOUNTS)))
    inner = encoder(operation.request, LATEST)(record)
    text = client.document(f"{operation.module}.{operation.name}", inner)
    root = etree.fromstring(text.replace(" xmlns:serv=", f" {_DECLARED} xmlns:was=").encode())
    keys = st.sampled_from([target.own_key, target.other_key, target.other_uuid])
    for element in _elements(root):
        if etree.QName(element).localname.endswith(("Key", "UUID", "ID")) and element.text and draw(st.booleans()):
            element.text = draw(keys)
    content = root.find("body/bodyContent")
    assert content is not None
    for _ in range(draw(st.integers(0, 4))):
        # Mostly the content: a damaged envelope is refused before anything happens.
        within = _elements(content if draw(st.integers(0, 9)) else root)
        draw(st.sampled_from(_DAMAGES))(draw(st.sampled_from(within)), draw)
    document: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 5]))):
        place = draw(st.integers(0, len(document) - 1))
        byte = draw(st.integers(0, 255))
        document = document[:place] + bytes([byte]) + document[place + draw(st.integers(0, 1)) :]
    return document


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.name)
@_BOUNDED
@given(data=st.data())
def test_damaged_documents_of_every_operation_are_answered(target: Target, operation: Operation, data: Any) -> None:
    document = data.draw(_damaged(operation, target))
    target.check(target.site.client().send(document), document.decode("utf-8", "replace"))


# --- bytes -------------------------------------------------------------------------------------------------------

_TOKENS = st.sampled_from(
    [
        *(b"<", b">", b"</", b"/>", b"<?xml ", b"?>", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<!DOCTYPE ", b"&", b";"),
        *(b"message", b"header", b"body", b"bodyContent", b' xsi:type="GetUser"', b"<message>", b"<body>", b"=", b'"'),
        *(b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3", b"XML=", b"&UID=", b"%3C", b"+", b" ", b"\n", b"serv:", b"'"),
    ]
)


@settings(_BOUNDED, max_examples=120)
@given(body=st.binary(max_size=200) | st.lists(_TOKENS, max_size=30).map(b"".join))
def test_arbitrary_bytes_are_answered(target: Target, body: bytes) -> None:
    answer = target.site.client().send(body)
    target.check(answer)
    assert answer.result == "FAILURE"


@settings(_BOUNDED, max_examples=60)
@given(cut=st.tuples(st.integers(0, 1500), st.integers(0, 1500)), filler=st.binary(max_size=8) | _TOKENS)
def test_documents_with_a_part_replaced_are_answered(target: Target, cut: tuple[int, int], filler: bytes) -> None:
    document = (
        target.site.client().document("meeting.GetMeeting", f"<meetingKey>{target.own_key}</meetingKey>").encode()
    )
    start, end = sorted(place % len(document) for place in cut)
    target.check(target.site.client().send(document[:start] + filler + document[end:]), PASSWORD)


@settings(_BOUNDED, max_examples=60)
@given(context=st.lists(st.tuples(st.sampled_from(["webExID", "password", "siteName", "siteID", "email"]), _TEXTS)))
def test_arbitrary_security_contexts_are_answered(target: Target, context: list[tuple[str, str]]) -> None:
    root = etree.fromstring(Client("", None).document("user.GetUser", "<webExId>host1</webExId>").encode())
    element = root.find("header/securityContext")
    assert element is not None
    for name, text in context:
        etree.SubElement(element, name).text = text
    answer = target.site.client().send(etree.tostring(root))
    target.check(answer)
    assert answer.result == "FAILURE"


def test_the_secrets_are_there_to_be_found(target: Target) -> None:
    """What the other tests look for is what the other site's own people are told, and nobody else."""
    told = target.other.client().call("meeting.GetMeeting", meetingKey=target.other_key).ok().text.casefold()
    assert CANARY.casefold() in told
    assert target.other.name in told
    for account in _ACCOUNTS:
        client = target.site.client(account)
        refused = get(client, target.other_key)
        assert refused.code in ("060001", "000001")
        target.check(refused)
        target.check(client.call("meeting.LstsummaryMeeting"))
        target.check(client.call("user.GetUser", webExId=account))
