"""What no place expects, in every place of every operation: pieces of SQL, other types, too much, too deep, too often.

The answer is a result or a fault of the catalogue with one of its reasons, and the databases are given statements whose
texts are the same whatever was sent. In lists the wildcards of SQL are letters like others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from parley.protocol import faults
from parley.services.registry import Operation, operations
from parley.services.roles import Role
from tests.attacks.generated.amounts import LONG, TIMES, some
from tests.attacks.generated.contract import Leaf, content_of, kind_of, leaves, put, readers, with_text
from tests.attacks.generated.loot import marked
from tests.attacks.generated.pages import Walk, alike
from tests.attacks.generated.watching import Watcher
from tests.attacks.generated.wire import Reply, Visitor, Wire, document
from tests.attacks.generated.worlds import Filler, base, new_cast, with_history, with_recordings
from tests.generators import records
from tests.services.test_roles import Cast
from tests.services.test_tenant_crossing import MARK

#: Stands in every piece of SQL, and in no statement of ours.
SIGN: Final = "hurtsql"
SQL: Final = (
    f"{SIGN}'",
    f'{SIGN}"',
    f"{SIGN}' OR '1'='1",
    f"{SIGN}'; DROP TABLE sites; --",
    f"0 UNION SELECT name FROM sites --{SIGN}",
    f"1) OR (1=1 /*{SIGN}*/",
    f"{SIGN}\\",
    f"\\'{SIGN}",
    f"%{SIGN}%",
    f"$1{SIGN}",
    f"?{SIGN}",
    f":{SIGN}",
    f"{{{SIGN}}}",
    f"ASC, {SIGN}",
    f"{SIGN}\u2019 OR 1=1",
)
ODD: Final = (
    *("", " ", "-1", "0", "1", "2147483648", "-9223372036854775809", str(2**63), str(2**64), "9" * 300, "1e309", "NaN"),
    *("Infinity", "0x10", "1_000", "+5", "٣٤", "1.5", "TRUE", "none", "null", "\U0001f600" * 40, "\u202e", "İ"),
    *("é" * 300, "x" * 5000, "x" * 100_000, "a;b,c"),
    *("../../../etc/passwd", "file:///etc/passwd", "http://127.0.0.1:1/", "%00", "%n"),
    *("13/45/2031 25:61:00", "02/30/2031 10:00:00", "01/01/0001 00:00:00", "12/31/9999 23:59:59", "01/01/99999 0:0:0"),
    *("\ufffd", "\ufdd0", "\u0085", "\u2028", "a\tb", "a\nb", "{}", "[]", "${x}", "{{7*191}}", "<x/>", "]]>", "&amp;"),
)
#: Letters that stand for others in a search, each beside one that does not and is in nobody's name.
WILDCARDS: Final = (("%", "~"), ("_", "~"), ("%%%", "~~~"), ("____", "~~~~"), ("\\%", "~~"), ("*", "~"), ("?", "~"))
_ROLES: Final = (Role.ADMIN, Role.HOST_OWN, Role.ATTENDEE, Role.NOBODY)
_NOTHING_FOUND: Final = "000015"


def _listed() -> dict[str, list[re.Pattern[str]]]:
    """The reasons of the catalogue by code; what is filled in may be anything."""
    found: dict[str, list[re.Pattern[str]]] = {}
    for kind in faults.CATALOGUE:
        pattern = re.sub(r"\\\{.*?\\\}", ".*", re.escape(kind.reason))
        found.setdefault(kind.code, []).append(re.compile(pattern, re.DOTALL))
    return found


LISTED: Final = _listed()


def wrong(reply: Reply) -> str:
    """What is wrong with an answer; empty when nothing is."""
    if reply.raised:
        return f"raised {reply.raised}"
    if reply.status != 200 or reply.kind != "text/xml":
        return f"status {reply.status} {reply.kind}"
    root = etree.fromstring(reply.body)
    said: dict[str, str] = {}
    for each in root.iter():
        said.setdefault(etree.QName(each).localname, each.text or "")
    if said.get("result") == "SUCCESS":
        return ""
    code, reason = said.get("exceptionID", ""), said.get("reason", "")
    if said.get("result") != "FAILURE" or code not in LISTED:
        return f"{said.get('result')} {code} {reason}"
    if code == faults.INTERNAL.code:
        return f"{code} {reason}"
    return "" if any(each.fullmatch(reason) for each in LISTED[code]) else f"not in the catalogue: {code} {reason}"


@pytest.fixture(scope="module")
def cast(wire: Wire) -> Cast:
    """A site with something in every list, once per kind of database."""
    made = new_cast(wire)
    Filler(wire, new_cast(wire)).fill(made, marked)
    with_recordings(made, MARK)
    with_history(made, MARK)
    return made


def _is_sqlite(wire: Wire) -> bool:
    return wire.server.config.database is None


def _entries(wire: Wire) -> Sequence[Operation]:
    return operations() if _is_sqlite(wire) else some(operations(), 30, "slice")


def _sample(cast: Cast, operation: Operation, role: Role) -> etree._Element:
    """Something to call the operation on, as an administrator or host has it."""
    return base(cast, operation, role if role in (Role.ADMIN, Role.HOST_OWN) else Role.HOST_OWN)


def _damaged(sample: etree._Element, leaf: Leaf, value: str) -> etree._Element:
    try:
        return with_text(sample, leaf, value)
    except ValueError:  # XML cannot hold it
        return with_text(sample, leaf, "".join(letter for letter in value if letter.isprintable()))


def test_texts_in_every_place_get_a_result_or_a_fault(cast: Cast, wire: Wire, watcher: Watcher) -> None:
    problems: list[str] = []
    sent = 0
    for operation in _entries(wire):
        of_list = operation in readers()
        role = some(_ROLES, 1, operation.name)[0]
        asked = []
        sample = _sample(cast, operation, role)
        for leaf in leaves(operation.request):
            salt = f"{operation.name}/{leaf.name}"
            values = [*some(SQL, 2 if of_list else 1, salt), *some(ODD, 1, salt)]
            asked += [(leaf.name, value, _damaged(sample, leaf, value)) for value in values]
            if leaf.element.max_length:
                long = "x" * (leaf.element.max_length + 1)
                asked.append((leaf.name, long, with_text(sample, leaf, long)))
        replies = wire.documents([document(cast.client(role), kind_of(operation), body) for *_, body in asked])
        for (name, value, _), reply in zip(asked, replies, strict=True):
            if problem := wrong(reply):
                problems.append(f"{operation.name} {name} {value[:60]!r}: {problem}")
        sent += len(asked)
    assert not problems, "\n".join(problems)
    assert sent > (4000 if _is_sqlite(wire) else 300)
    assert not [text for text in watcher.texts if SIGN in text]


def test_statements_are_watched(watcher: Watcher, wire: Wire) -> None:
    """What is looked for would be seen: the statements are the ones the databases got."""
    assert len(watcher.texts) > 100
    assert any(("?" if _is_sqlite(wire) else "$1") in text and "FROM sessions" in text for text in watcher.texts)


def test_wildcards_are_letters(cast: Cast, wire: Wire) -> None:
    """A search for % or _ finds what has such a letter in it, which is nothing."""
    problems: list[str] = []
    reached = 0
    for operation in readers():
        if operation not in _entries(wire):
            continue
        role = Role.ADMIN if operation.row.outcome(Role.ADMIN) is None else Role.HOST_OWN
        sample = _sample(cast, operation, role)
        for leaf in leaves(operation.request):
            if not leaf.free:
                continue
            for pair in some(WILDCARDS, 2, f"{operation.name}/{leaf.name}"):
                bodies = [with_text(sample, leaf, text) for text in pair]
                asked = [document(cast.client(role), kind_of(operation), body) for body in bodies]
                special, letter = (_found(each) for each in wire.documents(asked))
                if special is not None and letter is not None:
                    reached += 1
                    if special > letter:
                        problems.append(f"{operation.name} {leaf.name} {pair[0]}: {special} instead of {letter}")
    assert not problems, "\n".join(problems)
    assert reached > (50 if _is_sqlite(wire) else 5)


def _found(reply: Reply) -> int | None:
    """How many things an answer has of those it looked for; None where it is no list, or did not take the value."""
    if reply.result == "SUCCESS":
        return max((int(each) for each in reply.values("total") if each.isdigit()), default=None)
    return 0 if reply.code == _NOTHING_FOUND else None


# ---- too much, too deep, too often --------------------------------------------------------------------------------


def _twisted(body: etree._Element, leaf: Leaf) -> Iterator[etree._Element]:
    """A content with a place twisted in every way that is no matter of its text."""
    for times in (2, 70):
        made = with_text(body, leaf, "1")
        at = _at(made, leaf)
        for _ in range(times):
            at.addnext(deepcopy(at))
        yield made
    made = with_text(body, leaf, "1")
    at = _at(made, leaf)
    at.text = None
    for _ in range(60):
        at = etree.SubElement(at, leaf.element.name)
    yield made
    made = with_text(body, leaf, "1")
    at = _at(made, leaf)
    etree.SubElement(at, "unknown").text = "x"
    at.tail = "text where none belongs"
    at.set("{http://www.w3.org/2001/XMLSchema-instance}nil", "true")
    at.set("unknown", "'\"")
    yield made
    made = with_text(body, leaf, "1")
    at = _at(made, leaf)
    parent = at.getparent()
    assert parent is not None
    at.addprevious(etree.Comment("--x"[2:]))
    for each in list(parent):
        if each is not at:
            parent.remove(each)
    at.addnext(etree.SubElement(parent, leaf.element.name.swapcase()))
    yield made


def _at(made: etree._Element, leaf: Leaf) -> etree._Element:
    at = made
    for element in leaf.path:
        found = at.find(element.name) if element.place == "element" else at
        assert found is not None
        at = found
    return at


def test_places_that_are_twisted_get_a_result_or_a_fault(cast: Cast, wire: Wire) -> None:
    problems: list[str] = []
    for operation in _entries(wire):
        role = some((Role.ADMIN, Role.HOST_OWN), 1, operation.name)[0]
        sample = _sample(cast, operation, role)
        asked = []
        for leaf in some(leaves(operation.request), 30, operation.name):
            if leaf.element.place == "element":
                ways = list(_twisted(sample, leaf))
                asked += [(leaf.name, way) for way in some(ways, 1, f"{operation.name}/{leaf.name}")]
        replies = wire.documents([document(cast.client(role), kind_of(operation), body) for _, body in asked])
        for (name, body), reply in zip(asked, replies, strict=True):
            if problem := wrong(reply):
                problems.append(f"{operation.name} {name} {etree.tostring(body)[:300]!r}: {problem}")
    assert not problems, "\n".join(problems)


@settings(
    max_examples=min(100 * TIMES, 20_000),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_garbage_of_all_kinds_at_once(cast: Cast, wire: Wire, data: Any) -> None:
    operation = data.draw(st.sampled_from(operations()))
    record = data.draw(records(operation.request))
    body = content_of(record)
    places = leaves(operation.request)
    for leaf in data.draw(st.lists(st.sampled_from(places), max_size=6)) if places else ():
        value = data.draw(st.sampled_from((*SQL, *ODD)))
        put(body, leaf, "".join(letter for letter in value if letter.isprintable()))
    client = cast.client(data.draw(st.sampled_from(_ROLES)))
    reply = wire.documents([document(client, kind_of(operation), body)])[0]
    assert wrong(reply) == ""


# ---- the lists of the console ---------------------------------------------------------------------------------------

#: What query strings can carry besides.
_IN_QUERIES: Final = ("\x00", "%", "_", "\\", "'", '"', "9" * 30, "-1", "1e400", "\ud800", "\u202e", "x" * 4001)


def _queries(walk: Walk) -> Iterator[tuple[str, str]]:
    """Addresses with a value in place of each value of a query, of each field of a search, of each number of a path."""
    shapes = {alike(page.address): page for page in walk.pages}
    for page in shapes.values():
        path, _, query = page.address.partition("?")
        lists = [parse_qsl(query, keep_blank_values=True)]
        if page.parsed is not None:
            lists += [list(form.fields.items()) for form in page.parsed.forms if form.method == "get"]
        for pairs in lists:
            for place, (name, _value) in enumerate(pairs):
                for value in some((*SQL, *_IN_QUERIES), 3, f"{path}?{name}"):
                    changed = [(key, value if at == place else old) for at, (key, old) in enumerate(pairs)]
                    yield f"{path}?{urlencode(changed, errors='surrogatepass')}", value
        parts = path.split("/")
        for place, part in enumerate(parts[2:], 2):
            if any(letter.isdigit() for letter in part):
                for value in some((*SQL, *_IN_QUERIES), 2, path):
                    text = quote(value, safe="", errors="surrogatepass")
                    yield "/".join([*parts[:place], text, *parts[place + 1 :]]), value


@pytest.mark.parametrize("web_ex_id", ["admin", "host1", None])
def test_searches_in_the_console(cast: Cast, wire: Wire, watcher: Watcher, web_ex_id: str | None) -> None:
    visitor = Visitor(wire, cast.site, web_ex_id)
    path = f"/{cast.site.name}"
    start = [f"{path}/", f"{path}/console/", f"{path}/console/admin/users", f"{path}/console/history"]
    walk = Walk(visitor, alike=1).go(start, most=10_000 if LONG or _is_sqlite(wire) else 60)
    addresses = [address for address, _ in dict(_queries(walk)).items()]
    problems = _bad(addresses, visitor.get(addresses))
    assert not problems, "\n".join(problems)
    assert len(addresses) > (100 if web_ex_id and _is_sqlite(wire) else 10)
    assert not [text for text in watcher.texts if SIGN in text]


def _bad(addresses: Sequence[str], replies: Iterable[Reply]) -> list[str]:
    return [
        f"{address[:200]}: {reply.status} {reply.raised}"
        for address, reply in zip(addresses, replies, strict=True)
        if reply.raised or reply.status >= 500 or "Traceback" in reply.text
    ]
