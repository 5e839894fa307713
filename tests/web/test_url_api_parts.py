"""The parts of the URL API by themselves: where answers may lead, what parameters mean, which word a fault gets."""

from __future__ import annotations

import contextlib
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.protocol import faults
from parley.web.going_on import allowed, with_result
from parley.web.link_values import LinkValues
from parley.web.url_api.parameters import Parameters
from parley.web.url_api.reasons import Reason, Refused, reason_of
from parley.web.url_api.replies import leads_on, told
from tests.clients.old_portal import read_answer

ROOT = "https://meet.example.org/acme"
ADDRESSES = ("https://portal.example/answers", "https://other.example:8443")
PIECES = (
    *("https://", "http://", "//", "/", "\\", "portal.example", "evil.example", "meet.example.org", "/acme", "@", ":"),
    *(
        "/answers",
        "..",
        ".",
        "%2e",
        "%2f",
        "%5c",
        "?",
        "#",
        "&",
        "8443",
        "443",
        "x",
        "javascript:",
        "\n",
        "\t",
        "é",
        " ",
    ),
)


def parameters(**values: str) -> Parameters:
    return Parameters(LinkValues({name.upper(): value for name, value in values.items()}))


@pytest.mark.parametrize(
    ("target", "leads"),
    [
        ("https://portal.example/answers", True),
        ("https://portal.example/answers/", True),
        ("https://portal.example/answers?x=1", True),
        ("https://PORTAL.example:443/answers/deep/page.asp?x=1&y=2", True),
        ("https://portal.example/answersheet", False),
        ("https://portal.example/", False),
        ("http://portal.example/answers", False),
        ("https://other.example:8443/anything", True),
        ("https://other.example/anything", False),
        (f"{ROOT}/m.php?AT=LM", True),
        ("/acme/m.php", True),
        ("/acme", False),
        ("/other/m.php", False),
        ("", False),
    ],
)
def test_addresses_that_answers_may_go_to(target: str, leads: bool) -> None:
    assert (allowed(target, ROOT, ADDRESSES) is not None) is leads


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_no_address_leads_out_of_what_is_allowed(target: str) -> None:
    found = allowed(target, ROOT, ADDRESSES)
    if found is None:
        return
    parts = urlsplit(found)
    place = (parts.scheme, parts.hostname, parts.port or 443)
    assert place in {
        ("https", "portal.example", 443),
        ("https", "other.example", 8443),
        ("https", "meet.example.org", 443),
    }
    assert parts.username is None
    if parts.hostname == "portal.example":
        assert f"{parts.path}/".startswith("/answers/")
        assert ".." not in parts.path.split("/")
    if parts.hostname == "meet.example.org":
        assert parts.path.startswith("/acme/")


@given(st.text(max_size=60), st.text(max_size=60))
def test_scripts_hold_nothing_but_the_address(name: str, value: str) -> None:
    address = with_result("https://portal.example/answers?a=b", [("AT", "SM"), (f"n{name}", value)])
    page = bytes(leads_on(address).body).decode()
    script = page.partition("<script>")[2].partition("</script>")[0]
    assert page.count("<script") == 1
    assert script.startswith('window.location.replace("')
    assert script.endswith('");')
    assert set(script[25:-3]) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~%+-\\")
    assert read_answer(page).address == address


@pytest.mark.parametrize("text", ["x", "1.5", "--1", "9" * 19, "१", "0x10", "1e3"])
def test_numbers_that_are_none(text: str) -> None:
    with pytest.raises(Refused) as refused:
        parameters(DU=text).number("DU")
    assert refused.value.reason is Reason.INVALID_DATA


def test_values() -> None:
    sent = parameters(DU=" 60 ", LF="Yes", AJ="0", Days="1, 2;FR", MK="123 456 789", FN="  ", TC1="a", TC3="c")
    assert sent.number("DU") == 60
    assert sent.switch("LF") is True
    assert sent.switch("AJ") is False
    assert sent.switch("AR") is None
    assert sent.words("Days") == ["1", "2", "FR"]
    assert sent.key() == 123456789
    assert sent.text("FN", "TC1") == "a"
    assert sent.numbered("TC", 10) == [1, 3]


@given(st.dictionaries(st.sampled_from(["YE", "MO", "DA", "HO", "MI"]), st.integers(-5, 10**17).map(str)))
def test_dates_are_dates_or_refused(values: dict[str, str]) -> None:
    with contextlib.suppress(Refused):  # anything else would be a defect
        assert (parameters(**values).moment() is None) == (not values)


def test_faults_have_words() -> None:
    assert reason_of(faults.WEB_EX_ID_TAKEN()) is Reason.WEB_EX_ID_CONFLICT
    assert reason_of(faults.EMAIL_TAKEN()) is Reason.EMAIL_CONFLICT
    assert reason_of(faults.DURATION_TOO_LONG(limit=40)) is Reason.TOO_LONG
    assert reason_of(faults.UNKNOWN_MEETING_TYPE(meeting_type=9)) is Reason.NO_MEETING_TYPE
    assert reason_of(faults.MEETING_NOT_FOUND()) is Reason.INVALID_DATA
    assert reason_of(faults.HOST_LIMIT(limit=1)) is Reason.UNKNOWN


def test_the_page_of_the_site_tells_known_words_only() -> None:
    assert told("FAIL", "AccessDenied") == "You are not signed in, or may not do this."
    assert told("SUCCESS", "AccessDenied") is None
    assert told("FAIL", "Call +1 555 0100 now") is None
    assert all(told("FAIL", reason.value) for reason in Reason)
