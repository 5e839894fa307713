"""`parley recording share` and `reassign` beside a running server."""

from __future__ import annotations

import pytest

from tests.cli.test_commands import parley
from tests.cli.test_site_commands import where_of
from tests.server import TestSite
from tests.services.recordings import new_recording, now


@pytest.fixture
def where(site: TestSite) -> list[str]:
    """The options that name the database of the site."""
    return where_of(site.server)


def listed(site: TestSite, caller: str) -> list[tuple[str, str]]:
    """Number and shareToMe of what an account finds in its list."""
    answer = site.client(caller).call("ep.LstRecording", returnShareToMeRecording=True)
    return list(zip(answer.all("recording/recordingID"), answer.all("recording/shareToMe"), strict=True))


def test_a_recording_is_shared_and_not_any_more(site: TestSite, where: list[str]) -> None:
    made = new_recording(site, name="Review")
    number = str(made.recording_id)
    command = ("recording", "share", site.name, number, "--with", "HOST2")
    for _ in range(2):
        assert parley(*command, *where).strip() == f"recording {number} (Review) is shared with HOST2"
        assert listed(site, "host2") == [(number, "true")]
    assert "is not shared with" in parley(*command, "--stop", *where)
    assert listed(site, "host2") == []
    assert listed(site, "host1") == [(number, "false")]


def test_a_recording_is_given_to_another(site: TestSite, where: list[str]) -> None:
    made = new_recording(site)
    number = str(made.recording_id)
    assert f"recording {number}" in parley("recording", "reassign", site.name, number, "--to", "host2", *where)
    assert now(site, made).owner_id == site.users["host2"].user_id
    assert (listed(site, "host1"), listed(site, "host2")) == ([], [(number, "false")])
    waiting = parley("mail", "list", site.name, *where)
    assert "recording.reassigned" in waiting
    refused = parley("recording", "reassign", site.name, number, "--to", "attendee1", *where, code=2)
    assert "no host" in refused
    unknown = parley("recording", "reassign", site.name, "4", "--to", "host1", *where, code=2)
    assert "there is no recording 4" in unknown
