"""CR of the URL API: entries for recordings that lie elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from parley.domain.site import SiteSettings, UrlApi
from parley.recordings.reconciling import Findings, check_site
from tests.clients.nbr_client import NbrClient, NbrRefused
from tests.clients.old_portal import OldPortal
from tests.server import PASSWORD, TestSite
from tests.web.url_api import BACK, portal_settings, root

WHERE = "https://archive.example/tea.wmv?x=1&y=2"
ENTRY = {"RT": "Tea <b>", "UL": WHERE, "DS": "All of it", "AG": "Cups", "EM": "ann@portal.example", "PT": "Ann"}


@pytest.fixture
def portal(site: TestSite) -> Iterator[OldPortal]:
    """A portal that host1 is signed in to."""
    portal_settings(site)
    with OldPortal(root(site), BACK) as opened:
        opened.log_in("host1", PASSWORD)
        yield opened


def listed(site: TestSite) -> list[str]:
    answer = site.client("host1").call("ep.LstRecording")
    return answer.all("recording/name") if answer.result == "SUCCESS" else []


def test_an_entry_is_made(site: TestSite, portal: OldPortal) -> None:
    portal.do("m", "CR", **ENTRY, HR=1, MI=30, PW="Secret-12")
    answer = site.client("host1").call("ep.LstRecording")
    shown = {name: answer.value(f"recording/{name}") for name in ("name", "duration", "format", "size", "password")}
    assert shown == {
        "name": "Tea <b>",
        "duration": "5400",
        "format": "WMV",
        "size": "0.000",
        "password": "Secret-12",
    }
    info = site.client("host1").call("ep.GetRecordingInfo", recordingID=answer.value("recording/recordingID"))
    read = {name: info.value(name) for name in ("presenter", "email", "agenda", "description", "attendeeView")}
    assert read == {
        "presenter": "Ann",
        "email": "ann@portal.example",
        "agenda": "Cups",
        "description": "All of it",
        "attendeeView": "true",
    }
    for page in ("streamURL", "fileURL"):
        address = answer.value(f"recording/{page}") or ""
        with httpx.Client(follow_redirects=True) as browser:
            asked = browser.get(address)
            assert 'name="PW"' in asked.text
            assert "archive.example" not in asked.text
            opened = browser.post(address, data={"RCID": address.rpartition("=")[2], "PW": "Secret-12"})
            assert 'href="https://archive.example/tea.wmv?x=1&amp;y=2"' in opened.text
            assert "Tea &lt;b&gt;" in opened.text
    counted = site.client("admin").call("history.LstrecordaccessHistory", recordName="Tea <b>")
    assert (counted.value("viewed"), counted.value("downloaded")) == ("1", "1")

    # it has no file, and is not missing one
    found = Findings()
    site.server.run(check_site(site.server.application, site.site_id, found))
    assert found.clean
    number = int(answer.value("recording/recordingID") or 0)
    with NbrClient(site.server.url) as script:
        ticket = script.ticket(site.site_id, "host1", PASSWORD)
        with pytest.raises(NbrRefused, match="no longer available"):
            script.load_by_boundary(site.site_id, number, ticket)


def test_when_it_was_recorded(site: TestSite, portal: OldPortal) -> None:
    portal.do("m", "CR", **ENTRY, MH=2, DY=29, YR=2024)
    answer = site.client("host1").call("ep.LstRecording", recordName="Tea <b>")
    assert answer.value("recording/createTime") == "02/29/2024 00:00:00"
    for wrong in ({"MH": 2, "DY": 30, "YR": 2024}, {"MH": 2}, {"YR": 10**9, "MH": 1, "DY": 1}):
        assert portal.refused("m", "CR", **ENTRY, **wrong) == "InvalidDataFormat"


@pytest.mark.parametrize(
    "changed",
    [
        {"RT": ""},
        {"UL": ""},
        {"UL": "javascript:alert(1)"},
        {"UL": "file:///etc/passwd"},
        {"UL": "//archive.example/x"},
        {"EM": "nobody"},
        {"MI": "-1"},
        {"HR": "9999999"},
        {"AR": "maybe"},
        {"DstURL": "javascript:alert(1)"},
        {"RT": "x" * 600},
    ],
)
def test_wrong_values(site: TestSite, portal: OldPortal, changed: dict[str, str]) -> None:
    assert portal.refused("m", "CR", **{**ENTRY, **changed}) == "InvalidDataFormat"
    assert listed(site) == []


def test_who_may(site: TestSite, portal: OldPortal) -> None:
    assert portal.refused("m", "CR", **ENTRY, CSRF="0") == "AccessDenied"
    with OldPortal(root(site), BACK) as nobody:
        assert nobody.refused("m", "CR", **ENTRY) == "AccessDenied"
        assert nobody.refused("m", "CR", RT="Tea") == "InvalidDataFormat"
        nobody.log_in("attendee1", PASSWORD)
        assert nobody.refused("m", "CR", **ENTRY) == "AccessDenied"
    assert listed(site) == []


def test_sites_that_want_passwords(site: TestSite, portal: OldPortal) -> None:
    url_api = UrlApi(addresses=("https://portal.example/answers/",))
    site.set(settings=SiteSettings(url_api=url_api, strict_recording_passwords=True))
    assert portal.refused("m", "CR", **ENTRY, PW="x") == "InvalidDataFormat"
    assert listed(site) == []
    portal.do("m", "CR", **ENTRY)  # one is drawn
    portal.do("m", "CR", **ENTRY, PW="Long-Secret-12")
    drawn, sent = sorted(
        site.client("host1").call("ep.LstRecording").all("recording/password"), key="Long-Secret-12".__eq__
    )
    assert len(drawn) >= 4
    assert sent == "Long-Secret-12"
