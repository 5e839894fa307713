"""What nobody should send for an account: each value is a clear fault or comes back exactly, and nothing else happens.

The wrong values of single elements are made from the declarations of the contract, so that a new element is tested too.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.contract import user as use
from parley.protocol.declare import Record
from parley.protocol.faults import CATALOGUE
from tests.client import Answer, Client, xml_of
from tests.generators import texts
from tests.server import Server, TestSite
from tests.services.test_user_provisioning import account, change, create, get, stored

CODES = {kind.code for kind in CATALOGUE}
#: Reasons are read by people; a value of 10,000 characters must not come back in one.
LONGEST_REASON = 700
HUGE = "x" * 10_000
REQUESTS: dict[str, type[Record]] = {
    "CreateUser": use.CreateUser,
    "SetUser": use.SetUser,
    "GetUser": use.GetUser,
    "DelUser": use.DelUser,
    "LstsummaryUser": use.LstsummaryUser,
    "LstUser": use.LstUser,
}
_numbers = itertools.count()
_BOUNDED = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(autouse=True)
def _quick_passwords(shared_site: TestSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """Password hashes are costly by design; hundreds of accounts need not wait for them."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(shared_site.server.application.passwords, "_hasher", quick)


@pytest.fixture
def admin(shared_site: TestSite) -> Client:
    return shared_site.client("admin")


def new_name() -> str:
    """A webExID that no other test has."""
    return f"n{next(_numbers)}"


def clear(answer: Answer, *codes: str) -> Answer:
    """This answer, which must be a fault of the catalogue that a person can read."""
    assert answer.result == "FAILURE"
    assert answer.code in (codes or CODES), f"{answer.code} {answer.reason}"
    assert 0 < len(answer.reason or "") < LONGEST_REASON
    assert "Internal error" not in (answer.reason or "")
    return answer


#: What has to stand beside an element of an account for conferences, so that only the element itself is wrong.
_INDEX = "<accountIndex>1</accountIndex>"
_BESIDE = {"tspAccount": "", "personalTeleconf": "<phones><PIN>8642</PIN></phones>"}


def sent(operation: str, path: tuple[str, ...], raw: str) -> str:
    """The content of a request in which one element has this raw text."""
    inner = f"<{path[-1]}>{raw}</{path[-1]}>"
    if path[0] in _BESIDE and len(path) > 2 and path[-1] != "accountIndex":
        inner = _INDEX + inner
    for name in reversed(path[:-1]):
        inner = f"<{name}>{inner}</{name}>"
    inner += _BESIDE.get(path[0], "")
    if operation == "CreateUser":
        return xml_of({name: value for name, value in account(new_name()).items() if name != path[0]}) + inner
    return inner if path[0] == "webExId" or operation != "SetUser" else f"<webExId>host2</webExId>{inner}"


def elements(cls: type[Record], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Paths and declarations of all elements of a type that hold a value."""
    for element in cls.__declaration__.elements:
        path = (*above, element.name)
        if element.kind == "record":
            yield from elements(element.record, path)
        elif element.place == "element":
            yield path, element


def cases(operation: str, *kinds: str) -> list[tuple[str, ...]]:
    """Paths of the elements of these kinds in a request; `words` are texts out of a list."""
    return [
        path
        for path, element in elements(REQUESTS[operation])
        if ("words" if element.values else element.kind) in kinds
    ]


def tells(answer: Answer, path: tuple[str, ...]) -> bool:
    """Whether a fault says which element is wrong."""
    name = "webExId" if path[-1] == "newWebExId" else path[-1]
    return name in (answer.reason or "")


# --- one wrong element -----------------------------------------------------------------------------------------------

#: What may be answered for a text that is far too long without naming the element: it is no webExID, no address,
#: no password, no manager, nobody's name.
_NO_SUCH = {"000015", "030001", "030003", "030021", "030062"}
#: Texts that GetUser works out by itself; programs send them back, so they are passed over. Answers to hints are kept
#: nowhere, and display names only where the site has them.
_PASSED_OVER = {
    *("personalMeetingRoomURL", "sipURL", "accessCode", "photoURL", "headerImageURL", "timeZoneWithDST"),
    *("passwordHintAnswer", "displayName", "registrationDate"),
}


@pytest.mark.parametrize("operation", REQUESTS)
def test_texts_of_ten_thousand_characters(shared_site: TestSite, admin: Client, operation: str) -> None:
    before = stored(shared_site, "host2")
    for path in cases(operation, "string"):
        answer = admin.call(f"user.{operation}", sent(operation, path, HUGE))
        if operation == "DelUser" and path == ("webExId",):
            assert (answer.ok().all("user/webExId"), answer.all("user/status")) == ([HUGE], ["FAILURE"])
        elif answer.result == "SUCCESS":
            assert path[-1] in _PASSED_OVER, path
            before = stored(shared_site, "host2")
            assert HUGE not in before.document
        else:
            clear(answer)
            assert answer.code in _NO_SUCH or tells(answer, path) or "MM/dd/yyyy" in (answer.reason or ""), path
            assert stored(shared_site, "host2") == before


WRONG = {
    "words": ("WRONG", "true", "漢", HUGE),
    "boolean": ("MAYBE", "2", "ja", HUGE),
    "integer": ("one", "1,5", "1.5", "0x10", "--1", "١٢", "9" * 40, "-" + "9" * 40, HUGE),
}


@pytest.mark.parametrize("kind", WRONG)
@pytest.mark.parametrize("operation", REQUESTS)
def test_words_switches_and_numbers_that_are_none(admin: Client, operation: str, kind: str) -> None:
    for path, word in itertools.product(cases(operation, kind), WRONG[kind]):
        answer = clear(admin.call(f"user.{operation}", sent(operation, path, word)), "999999", "030060")
        assert tells(answer, path), path


@pytest.mark.parametrize("operation", REQUESTS)
def test_empty_elements_say_nothing(shared_site: TestSite, admin: Client, operation: str) -> None:
    """Where a value is optional an empty element is as good as none (facts/clients.md 8)."""
    needed = {"webExId"} | ({"firstName", "lastName", "email", "password"} if operation == "CreateUser" else set())
    for path in cases(operation, "string", "boolean", "integer", "words"):
        for raw in ("", " \t\r\n "):
            answer = admin.call(f"user.{operation}", sent(operation, path, raw))
            if (path[-1] == "accountIndex" and path[0] in _BESIDE) or (
                path[0] in needed and len(path) == 1 and operation[:3] != "Lst"
            ):
                clear(answer, "999999", "030009", "030018", "030055")
            elif operation in ("GetUser", "DelUser"):
                clear(answer, "999999")  # nobody is named
            else:
                answer.ok()
    assert stored(shared_site, "host2").first_name == "Host2"


# --- texts that come back as they are --------------------------------------------------------------------------------

ODD_NAMES = [
    *("<b>bold</b>", "&amp;lt;", "]]>", "<!-- -->", "<![CDATA[x]]>", "&#x41;", 'O\'Brien "Q"', "a\\b%_;--", "{{7*7}}"),
    *("שלום-עולם", "\u202bעברית\u202c abc", "\u200fמשה", "فاطمة الزهراء", "می\u200cخواهم", "نص \u2067RTL\u2069 x"),
    *("李小龍", "ほげ", "김 지민", "👩‍👩‍👧‍👦", "🏳️‍🌈 🇨🇭", "𝔘𝔫𝔦", "\U0010fffd", "e\u0301\u0327", "\u1e9e ß ss", "İi̇ıI"),
    *("Z̷͎͝a̸l̵g̶o̵", "ﬁ ﬂ", "①②", "ﷺ", "a\u00adb", "a\u2060b", "Ａｎｎ", "a  b", "A\u00a0B", "\u0130\u0307", "x" * 64),
]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_names_of_every_kind_come_back(admin: Client, name: str) -> None:
    login = new_name()
    create(admin, login, firstName=name, lastName=name, company=name, tracking={"trackingCode10": name}).ok()
    for _ in range(2):
        found = get(admin, login)
        for path in ("firstName", "lastName", "company", "tracking/trackingCode10"):
            assert found.value(path) == name
        change(admin, login, firstName=f"{name[:1]}-", title="x").ok()
        change(admin, login, firstName=name).ok()
    listed = admin.call("user.LstsummaryUser", {"firstName": name, "webExId": login}).ok()
    assert listed.all("user/lastName") == [name]


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_forms_of_letters_are_kept_apart(admin: Client, form: Any) -> None:
    name = unicodedata.normalize(form, "Åsa Ñandú ﬁ 한글 \u1e9b\u0323")
    login = new_name()
    create(admin, login, firstName=name).ok()
    assert get(admin, login).value("firstName") == name
    listed = admin.call("user.LstsummaryUser", {"firstName": name, "webExId": login}).ok()
    assert listed.all("user/firstName") == [name]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("<![CDATA[<b>&amp;]]>", "<b>&amp;"),
        ("A<!-- nobody reads this -->nn", "Ann"),
        ("A<?nor this?>nn", "Ann"),
        ("&#65;&#x6e;n", "Ann"),
        ("\n   Ann\r\n  ", "Ann"),
        ("&#xFDD0;&#x10FFFF;", "\ufdd0\U0010ffff"),
    ],
)
def test_names_in_other_notations(admin: Client, raw: str, expected: str) -> None:
    login = new_name()
    body = xml_of(account(login, firstName="@")).replace("@<", f"{raw}<", 1)
    admin.call("user.CreateUser", body).ok()
    assert get(admin, login).value("firstName") == expected


# --- names and addresses that no account can have --------------------------------------------------------------------


@pytest.mark.parametrize("raw", ["&#0;", "&#1;", "\x01", "\x0b", "&#xFFFE;", "\ufffe", "&#xD800;", "&nobody;", "<"])
def test_characters_that_xml_does_not_have(admin: Client, raw: str) -> None:
    for operation in REQUESTS:
        answer = admin.call(f"user.{operation}", f"<webExId>host2</webExId><firstName>{raw}</firstName>")
        clear(answer, "000000")


@pytest.mark.parametrize("name", ["a\tb", "a\nb", "a\u0085b", "a\u2028b", "a\u2029b", "a\x7fb", "a\x9fb", "x" * 65])
def test_names_with_line_breaks_or_too_long(shared_site: TestSite, admin: Client, name: str) -> None:
    for path in ("firstName", "lastName"):
        login = new_name()
        assert path in (clear(create(admin, login, **{path: name}), "999999").reason or "")
        clear(admin.call("user.GetUser", {"webExId": login}), "030001")
        before = stored(shared_site, "host2")
        clear(change(admin, "host2", title="not kept", **{path: name}), "999999")
        assert stored(shared_site, "host2") == before


@pytest.mark.parametrize(
    "address",
    [
        *("none", "@x.example", "a@", "a@b@c", "a b@x.example", "a@x .example", "a@x.example, b@x.example", "<a@x>"),
        *("a;b@x.example", "a\nb@x.example", f"{'x' * 65}@x.example", f"a@{'x' * 256}", "a\u0001@x", "a:b@x.example"),
    ],
)
def test_addresses_that_are_none(shared_site: TestSite, admin: Client, address: str) -> None:
    before = stored(shared_site, "host2")
    codes = ("000000",) if "\u0001" in address else ("030062", "999999")
    clear(create(admin, new_name(), email=address), *codes)
    clear(change(admin, "host2", email=address), *codes)
    assert stored(shared_site, "host2") == before


@pytest.mark.parametrize(
    "address", ["o'brien+x@x.example", "ünï@ex.example", "a@localhost", "用户@例子.example", "a.@x.y"]
)
def test_addresses_that_are_odd_and_good(admin: Client, address: str) -> None:
    login = new_name()
    create(admin, login, email=address).ok()
    assert get(admin, login).value("email") == address
    assert admin.call("user.LstsummaryUser", {"email": address.upper()}).ok().all("user/webExId") == [login]
    change(admin, login, email=f"{login}@x.example").ok()


@pytest.mark.parametrize("login", ["a b", "a;b", "a\u00a0b", "a\u200bb", "\u202egro", "x" * 65, "a\tb", "\ufeff"])
def test_ids_that_none_can_have(admin: Client, login: str) -> None:
    clear(create(admin, login, email=f"{new_name()}@x.example"), "999999", "030009")
    clear(change(admin, "host2", newWebExId=login), "999999", "030009")
    clear(admin.call("user.GetUser", {"webExId": login}), "030001", "999999")


@pytest.mark.parametrize(
    "login", ["<x>&'\"", "用户", "משה", "STRASSE-é", "😀", "..", "%_*", "a/b\\c", "-1", "null", "x" * 64]
)
def test_ids_that_are_odd_and_good(shared_site: TestSite, admin: Client, login: str) -> None:
    create(admin, login, email=f"{new_name()}@x.example").ok()
    found = get(admin, login.upper())
    assert found.value("webExId") == login
    clear(create(admin, login.upper(), email=f"{new_name()}@x.example"), "030004")
    assert admin.call("user.LstsummaryUser", {"webExId": login}).ok().all("user/webExId") == [login]
    assert get(shared_site.client(login, "Good-Secret-7"), login).value("webExId") == login
    assert admin.call("user.DelUser", {"webExId": [login]}).ok().all("user/status") == ["SUCCESS"]


@pytest.mark.parametrize(
    "values",
    [
        *({"timeZoneID": zone} for zone in (-2, 63, 127, 160, 2**31, -(2**63))),
        {"timeZone": "GMT+25:00, Nowhere"},
        {"tracking": {"trackingCode1": "x" * 129}},
        {"tracking": {"trackingCode10": "漢" * 129}},
        {"tracking": {"trackingCode1": ["a", "b"]}},
        {"company": "x" * 129},
        {"active": "OFF"},
        {"expirationDate": "02/30/2030 00:00:00"},
        {"expirationDate": "never"},
        {"languageID": 0},
        {"language": "klingon"},
        {"meetingTypes": {"meetingType": [3, -1]}},
        {"meetingTypes": {"meetingType": list(range(1000, 1400))}},
        {"schedulingPermission": ";".join(f"u{number}" for number in range(2000))},
        {"schedulingPermission": HUGE},
        {"personalMeetingRoom": {"hostPIN": "٢٥٨٠"}},
        {"phones": {"PIN": "abcd"}},
        {"webExId": ["a", "b"]},
        {"firstName": ["a", "b"]},
    ],
)
def test_values_that_are_refused_change_nothing(shared_site: TestSite, admin: Client, values: dict[str, Any]) -> None:
    login = new_name()
    clear(admin.call("user.CreateUser", {**account(login), **values}))
    clear(admin.call("user.GetUser", {"webExId": login}), "030001")
    before = stored(shared_site, "host2")
    clear(admin.call("user.SetUser", {"webExId": "host2", "title": "not kept", **values}))
    assert stored(shared_site, "host2") == before


def test_tracking_codes_have_128_characters_at_most(admin: Client) -> None:
    login, longest = new_name(), "漢" * 128
    create(admin, login, tracking={f"trackingCode{number}": longest for number in range(1, 11)}).ok()
    assert set(get(admin, login).all("tracking/trackingCode7")) == {longest}
    clear(change(admin, login, tracking={"trackingCode7": longest + "x"}), "999999")
    change(admin, login, tracking={"trackingCode11": "not known"}).ok()


# --- DelUser, GetUser ------------------------------------------------------------------------------------------------


def test_up_to_fifty_are_deleted_at_once(admin: Client) -> None:
    names = [new_name() for _ in range(51)]
    for name in names:
        create(admin, name, privilege={"attendeeOnly": True}).ok()
    clear(admin.call("user.DelUser", {"webExId": names}), "999999")
    assert get(admin, names[0]).value("active") == "ACTIVATED"
    assert admin.call("user.DelUser", {"webExId": names[:50]}).ok().all("user/status") == ["SUCCESS"] * 50
    assert get(admin, names[50]).value("active") == "ACTIVATED"


@pytest.mark.parametrize("names", [[], [""], [" ", ""], [""] * 51])
def test_nobody_to_delete(admin: Client, names: list[str]) -> None:
    clear(admin.call("user.DelUser", {"webExId": names}), "999999")


def test_each_odd_name_has_its_result(admin: Client) -> None:
    login = new_name()
    create(admin, login).ok()
    odd = ["<y>", "a\nb", "\u202egro", "%", "'; DROP TABLE users; --", HUGE, "💥", login.upper(), login]
    answer = admin.call("user.DelUser", {"webExId": odd}).ok()
    assert answer.all("user/webExId") == odd
    assert answer.all("user/status") == ["FAILURE"] * 7 + ["SUCCESS"] * 2


@pytest.mark.parametrize("name", ["%", "_ost2", "host2%", "' OR 1=1 --", "host2\\", "*", "host2;host1", "host2,host1"])
def test_names_are_no_patterns(admin: Client, name: str) -> None:
    clear(admin.call("user.GetUser", {"webExId": name}), "030001")
    for operation in ("LstsummaryUser", "LstUser"):
        for path in ("webExId", "firstName", "lastName", "email"):
            clear(admin.call(f"user.{operation}", {path: name}), "000015")


# --- lists -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"listControl": {"startFrom": -1}}, "999999"),
        ({"listControl": {"startFrom": -(2**63)}}, "999999"),
        ({"listControl": {"startFrom": 2**63 - 1}}, "000015"),
        ({"listControl": {"startFrom": 2**63}}, "999999"),
        ({"listControl": {"startFrom": "first"}}, "999999"),
        ({"listControl": {"startFrom": 1.5}}, "999999"),
        ({"listControl": {"startFrom": [1, 2]}}, "999999"),
        ({"listControl": {"maximumNum": "all"}}, "999999"),
        ({"listControl": {"maximumNum": 2**63}}, "999999"),
        ({"listControl": {"listMethod": "XOR"}}, "999999"),
        ({"order": {"orderBy": "NAME"}}, "999999"),
        ({"order": {"orderBy": ["UID", "EMAIL", "CITY", "FAX"]}}, "999999"),
        ({"order": {"orderBy": "UID", "orderAD": "DOWN"}}, "999999"),
        ({"order": {"orderBy": "UID", "orderAD": ["ASC"] * 4}}, "999999"),
        ({"active": "OFF"}, "999999"),
        ({"dataScope": {"regDateStart": "13/45/2022"}}, "999999"),
        ({"dataScope": {"regDateStart": "02/29/2021 00:00:00"}}, "999999"),
        ({"dataScope": {"regDateEnd": "01/01/0000"}}, "999999"),
        ({"dataScope": {"regDateStart": "١/٢/2022"}}, "999999"),
        ({"dataScope": {"regDateStart": "01/01/2022", "timeZoneID": 160}}, "999999"),
        ({"dataScope": {"regDateStart": "01/01/2022", "timeZoneID": -2}}, "999999"),
        ({"dataScope": {"regDateStart": "01/01/2023", "regDateEnd": "01/01/2020"}}, "000015"),
        ({"dataScope": {"regDateStart": "01/01/9999 23:59:59"}}, "000015"),
        ({"email": "none"}, "000015"),
    ],
)
def test_lists_that_cannot_be_made(admin: Client, values: dict[str, Any], code: str) -> None:
    for operation in ("LstsummaryUser", "LstUser"):
        clear(admin.call(f"user.{operation}", values), code)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"modifiedDateStart": "yesterday"}, "999999"),
        ({"modifiedDateEnd": "01/01/0001 00:00:00"}, "000015"),
        ({"modifiedDateStart": "01/01/9999"}, "000015"),
        ({"modifiedDateStart": "01/01/2020", "modifiedDateEnd": "03/31/2020 00:00:01"}, "999999"),
        ({"modifiedDateStart": "01/01/2020", "modifiedDateEnd": "03/31/2020"}, "000015"),
        ({"modifiedDateStart": "03/31/2020", "modifiedDateEnd": "01/01/2020"}, "000015"),
        ({"webACD": {"manager": HUGE}}, "030021"),
        ({"webACD": {"returnPrefs": "PERHAPS"}}, "999999"),
    ],
)
def test_brief_lists_that_cannot_be_made(admin: Client, values: dict[str, Any], code: str) -> None:
    clear(admin.call("user.LstsummaryUser", values), code)


@pytest.mark.parametrize(
    "control", [{"startFrom": 0}, {"maximumNum": 0}, {"maximumNum": -5}, {"maximumNum": 10**12}, {}]
)
def test_pages_that_are_odd_and_good(admin: Client, control: dict[str, int]) -> None:
    answer = admin.call("user.LstsummaryUser", {"webExId": "host2", "listControl": control}).ok()
    assert answer.all("user/webExId") == ["host2"]
    assert answer.value("matchingRecords/startFrom") == str(control.get("startFrom", 1))


# --- anything --------------------------------------------------------------------------------------------------------

_TAGS = sorted(
    {path[-1] for cls in REQUESTS.values() for path, _ in elements(cls)} | {"address", "phones", "order", "x"}
)
_ODD = st.one_of(
    texts(),
    st.sampled_from(["", " ", "-1", "0", "TRUE", "ACTIVATED", "host2", "12/31/2049 23:59:59", "3", HUGE, "******"]),
    st.integers(-(2**70), 2**70).map(str),
)


def _elements(deeper: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    one = st.builds(lambda tag, inner: f"<{tag}>{inner}</{tag}>", st.sampled_from(_TAGS), deeper)
    return st.lists(one, max_size=5).map("".join)


_CONTENT = st.recursive(_ODD.map(escape), _elements, max_leaves=12)


@_BOUNDED
@given(operation=st.sampled_from(sorted(REQUESTS)), content=_CONTENT, named=st.booleans())
def test_any_content_has_a_clear_answer(shared_site: TestSite, operation: str, content: str, named: bool) -> None:
    client = shared_site.client("host1")
    target = "<webExId>host1</webExId>" if named and operation in ("GetUser", "SetUser") else ""
    for caller in (client, shared_site.client("admin")):
        if caller is not client and operation in ("SetUser", "DelUser", "CreateUser"):
            continue  # an administrator could change what the other examples need
        answer = caller.call(f"user.{operation}", target + content)
        if answer.result != "SUCCESS":
            clear(answer)


@_BOUNDED
@given(first=texts(smallest=1), company=texts(), code=texts())
def test_any_text_is_refused_or_comes_back(shared_site: TestSite, first: str, company: str, code: str) -> None:
    admin, login = shared_site.client("admin"), new_name()
    values = {"firstName": first, "company": company, "tracking": {"trackingCode1": code}}
    body = xml_of(account(login, **values)).replace("\r", "&#13;")
    answer = admin.call("user.CreateUser", body)
    if answer.result == "SUCCESS":
        found = get(admin, login)
        assert found.value("firstName") == first.strip()
        assert (found.value("company") or "") == company
        assert (found.value("tracking/trackingCode1") or "") == code
    else:
        clear(answer, "999999", "030009")
        clear(admin.call("user.GetUser", {"webExId": login}), "030001")


BLANK = ("\u200b", "\u2060\ufeff", "\u3164", "\u2800", "\u0301", " \u00ad ")


@pytest.mark.parametrize("text", BLANK)
def test_names_show_something(shared_site: TestSite, text: str) -> None:
    admin = shared_site.client("admin")
    who = "webExId"
    for path in ("firstName", "lastName"):
        answer = admin.call("user.SetUser", {who: "host1", path: text}).failed("030009")
        assert (answer.reason or "").startswith(f"{path}:")
    values = {"firstName": "A", "lastName": "B", "email": "blank@people.example", "password": "Better-Secret-8"}
    admin.call("user.CreateUser", {**values, who: text}).failed("030009")
    mixed = f"\u05e9\u200f{text.strip()}z"
    admin.call("user.SetUser", {who: "host1", "firstName": mixed}).ok()
    assert admin.call("user.GetUser", {who: "host1"}).ok().value("firstName") == mixed


def test_a_display_name_that_shows_nothing_is_none(server: Server) -> None:
    site = server.new_site(display_names=True)
    admin = site.client("admin")
    admin.call("user.SetUser", {"webExId": "host1", "firstName": "Ann", "displayName": "Boss"}).ok()
    admin.call("user.SetUser", {"webExId": "host1", "displayName": "\u200b"}).ok()
    assert (admin.call("user.GetUser", {"webExId": "host1"}).ok().value("displayName") or "").startswith("Ann ")
