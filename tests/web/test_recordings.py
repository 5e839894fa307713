"""The pages of recordings: who may look, what they show, what is counted, and the bytes."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from parley.domain.recording import Chapter, Details, Part, Playback, Recording, State, deleted, trashed
from parley.recordings.storage import StorageUnavailable
from parley.store import Changes, recordings
from tests.recordings.stores import CLIPS
from tests.server import PASSWORD, TestSite
from tests.services.recordings import change, share
from tests.web.recordings import (
    CONTENT,
    browser,
    bucket_server,
    file_link,
    load_page,
    media,
    play_page,
    recorded,
    signed_in,
    stored,
)

NASTY = '<script>alert(1)</script> {{7*7}} & "more"'
SignIn = Callable[..., httpx.Client]
HEX = re.compile(r"[0-9a-f]{60,}")


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with browser() as opened:
        yield opened


@pytest.fixture
def sign_in() -> Iterator[SignIn]:
    """Signs somebody of a site in, in a browser of his own."""
    with contextlib.ExitStack() as opened:
        yield lambda site, name="host1": opened.enter_context(contextlib.closing(signed_in(site, name).client))


def counts(site: TestSite, row: Recording) -> tuple[int, int, int]:
    """Registered, viewed and downloaded, as the history tells it."""
    answer = site.client("admin").call("history.LstrecordaccessHistory", recordName=row.name)
    if answer.result != "SUCCESS":
        return 0, 0, 0
    found = [int(answer.value(name) or 0) for name in ("registered", "viewed", "downloaded")]
    return found[0], found[1], found[2]


# ---- playing --------------------------------------------------------------------------------------------------------


def test_a_recording_plays(site: TestSite, client: httpx.Client) -> None:
    row = recorded(site, NASTY, details=Details(description=f"<b>First</b>{NASTY}", agenda="Points\n1 < 2"))
    page = client.get(play_page(site, row))
    assert page.status_code == 200
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}} &amp;" in page.text
    assert "<b>First</b>" in page.text
    assert "<script>alert" not in page.text
    assert "1 &lt; 2" in page.text
    for shown in ("Host1 Tester", "Tuesday, November 14, 2023, 10:13\u202fPM", "0:06", "Points"):
        assert shown in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "media-src 'self'" in page.headers["content-security-policy"]
    video = client.get(media(site, page))
    assert (video.status_code, video.content) == (200, CONTENT)
    assert video.headers["content-type"] == "video/mp4"
    assert video.headers["accept-ranges"] == "bytes"
    assert "sandbox" in video.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-0", slice(0, 1)),
        ("bytes=100-199", slice(100, 200)),
        ("bytes=41000-", slice(41_000, None)),
        ("bytes=-100", slice(-100, None)),
        ("bytes=-999999", slice(0, None)),
        ("bytes=100-999999", slice(100, None)),
    ],
)
def test_ranges(shared_site: TestSite, client: httpx.Client, asked: str, part: slice) -> None:
    row = recorded(shared_site)
    url = media(shared_site, client.get(play_page(shared_site, row)))
    answer = client.get(url, headers={"Range": asked})
    wanted = CONTENT[part]
    start = CONTENT.index(wanted) if len(wanted) > 50 else part.start
    assert answer.status_code == 206
    assert answer.content == wanted
    assert answer.headers["content-range"] == f"bytes {start}-{start + len(wanted) - 1}/{len(CONTENT)}"
    head = client.head(url, headers={"Range": asked})
    assert (head.status_code, head.headers["content-length"], head.content) == (206, str(len(wanted)), b"")


@pytest.mark.parametrize("asked", ["bytes=999999-", f"bytes={len(CONTENT)}-", "bytes=-0"])
def test_ranges_that_are_not_there(shared_site: TestSite, client: httpx.Client, asked: str) -> None:
    url = media(shared_site, client.get(play_page(shared_site, recorded(shared_site))))
    answer = client.get(url, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["content-range"] == f"bytes */{len(CONTENT)}"


@pytest.mark.parametrize(
    "asked",
    ["", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "bytes=0-1,5-6", "lines=0-1", f"bytes={'9' * 99}-"],
)
def test_ranges_that_mean_nothing(shared_site: TestSite, client: httpx.Client, asked: str) -> None:
    url = media(shared_site, client.get(play_page(shared_site, recorded(shared_site))))
    answer = client.get(url, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (200, CONTENT)


def test_a_download_that_broke_off_goes_on(site: TestSite, client: httpx.Client) -> None:
    row = recorded(site)
    url = media(site, client.get(play_page(site, row)))
    tag = client.head(url).headers["etag"]
    rest = client.get(url, headers={"Range": "bytes=1000-", "If-Range": tag})
    assert (rest.status_code, rest.content) == (206, CONTENT[1000:])
    other = client.get(url, headers={"Range": "bytes=1000-", "If-Range": '"other"'})
    assert (other.status_code, other.content) == (200, CONTENT)
    assert client.get(url, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(url, headers={"If-None-Match": '"other"'}).status_code == 200


def test_chapters_and_the_part_that_is_played(site: TestSite, client: httpx.Client) -> None:
    chapters = (Chapter(0, "Welcome"), Chapter(2, NASTY), Chapter(5, "After the end"))
    row = recorded(site, details=Details(chapters=chapters))
    text = client.get(play_page(site, row)).text
    assert [f'data-second="{each.second}"' in text for each in chapters] == [True] * 3
    assert "<script>alert" not in text
    assert "#t=2" in client.get(f"{play_page(site, row)}&S=2").text
    part = Playback(part=Part.PARTIAL, start=1, end=4)
    row = recorded(site, details=Details(chapters=chapters, playback=part))
    text = client.get(play_page(site, row)).text
    assert "#t=1,4" in text
    assert "0:03" in text  # how long it is
    assert "After the end" not in text
    assert "Welcome" not in text
    for wrong in ("99", "-3", "x", "1e9", "٣"):
        assert re.search(r"#t=[14],4", client.get(f"{play_page(site, row)}&S={wrong}").text)
    hidden = recorded(site, details=Details(chapters=chapters, playback=Playback(contents=False)))
    assert "Welcome" not in client.get(play_page(site, hidden)).text


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://portal.example/thanks?a=1", True),
        ("http://portal.example/", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//portal.example/", False),
        ("https://user:pass@portal.example/", False),
        ("", False),
    ],
)
def test_the_page_afterwards(shared_site: TestSite, client: httpx.Client, address: str, shown: bool) -> None:
    row = recorded(shared_site, details=Details(end_url=address or None))
    assert ('id="onward"' in client.get(play_page(shared_site, row)).text) is shown


def test_what_browsers_do_not_play(site: TestSite, client: httpx.Client) -> None:
    row = recorded(site, file=CLIPS / "clip.wmv")
    text = client.get(play_page(site, row)).text
    assert "Browsers do not play WMV recordings" in text
    assert "<video" not in text
    page = client.get(load_page(site, row))
    answer = client.get(file_link(page))
    assert answer.content == (CLIPS / "clip.wmv").read_bytes()
    assert 'filename="Weekly.wmv"' in answer.headers["content-disposition"]


# ---- who may --------------------------------------------------------------------------------------------------------


def test_a_password_is_asked_for(site: TestSite, client: httpx.Client) -> None:
    row = recorded(site, "Secret talk", password="Secret-7")
    page = client.get(play_page(site, row))
    assert page.status_code == 200
    assert "Secret talk" not in page.text
    assert not HEX.search(page.text)
    wrong = client.post(play_page(site, row), data={"PW": "secret-7"})
    assert wrong.status_code == 403
    assert "not the password" in wrong.text
    right = client.post(play_page(site, row), data={"PW": "Secret-7"})
    assert right.status_code == 200
    assert client.get(media(site, right)).content == CONTENT
    again = client.get(play_page(site, row))
    assert "Secret talk" in again.text  # it is asked for once
    with browser() as other:
        assert "Secret talk" not in other.get(play_page(site, row)).text
    change(site, row, password="Another-8")
    assert client.get(media(site, again)).status_code == 403
    assert "Secret talk" not in client.get(play_page(site, row)).text


def test_guessing_a_password_is_slowed_down(site: TestSite, client: httpx.Client) -> None:
    row = recorded(site, password="Secret-7")
    for number in range(6):
        assert client.post(play_page(site, row), data={"PW": f"guess{number}"}).status_code == 403
    key = f"{site.site_id}/recording/{row.recording_id}"
    assert site.server.application.brake.delay(key) > 0


def test_guessing_links_is_slowed_down(site: TestSite, client: httpx.Client) -> None:
    row = recorded(site)
    for rcid in ("0" * 32, "f" * 32, "x", "", "1' OR '1'='1", row.file_rcid, "a" * 5000):
        assert client.get(f"{site.server.url}/{site.name}/ldr.php", params={"RCID": rcid}).status_code == 404
    assert site.server.application.brake.delay(f"{site.site_id}/rcid/127.0.0.1") > 0
    assert client.get(play_page(site, row)).status_code == 200  # who knows the link waits for nobody


def test_owner_administrator_and_shared_are_asked_for_nothing(site: TestSite, sign_in: SignIn) -> None:
    row = recorded(site, "Secret talk", password="Secret-7", details=Details(attendee_view=True))
    share(site, row, "host2")
    for name in ("host1", "admin", "host2"):
        page = sign_in(site, name).get(play_page(site, row))
        assert "Secret talk" in page.text, name
        assert httpx.get(media(site, page)).content == CONTENT
    assert "Secret talk" not in sign_in(site, "attendee1").get(play_page(site, row)).text


def test_what_the_owner_keeps(site: TestSite, client: httpx.Client, sign_in: SignIn) -> None:
    row = recorded(site, "Mine", details=Details(attendee_view=False, attendee_download=False))
    for url in (play_page(site, row), load_page(site, row)):
        page = client.get(url)
        assert page.status_code == 403
        assert "Mine" not in page.text
    owner = sign_in(site)
    assert owner.get(media(site, owner.get(play_page(site, row)))).content == CONTENT
    assert owner.get(file_link(owner.get(load_page(site, row)))).content == CONTENT
    look = recorded(site, "Look", details=Details(attendee_download=False))
    page = client.get(play_page(site, look))
    assert page.status_code == 200
    assert "Download" not in page.text
    assert client.get(load_page(site, look)).status_code == 403


def test_what_was_open_and_is_closed(site: TestSite, client: httpx.Client) -> None:
    row = recorded(site)
    video, file = media(site, client.get(play_page(site, row))), file_link(client.get(load_page(site, row)))
    change(site, row, document=msgspec.json.encode(Details(attendee_view=False, attendee_download=False)).decode())
    assert client.get(video).status_code == 403
    assert client.get(file).status_code == 403


def test_tickets_end(site: TestSite, client: httpx.Client) -> None:
    row = recorded(site)
    video, file = media(site, client.get(play_page(site, row))), file_link(client.get(load_page(site, row)))
    site.server.clock.ahead = 5 * 3600
    assert client.get(video).status_code == 200
    answer = client.get(file)
    assert answer.status_code == 403
    assert "no longer good" in answer.text
    site.server.clock.ahead = 25 * 3600
    assert client.get(video).status_code == 403


def test_tickets_are_for_one_thing(site: TestSite, client: httpx.Client) -> None:
    row = recorded(site)
    video, file = media(site, client.get(play_page(site, row))), file_link(client.get(load_page(site, row)))
    view, load = (HEX.search(each.partition("/recordings/")[2]) for each in (video, file))
    assert view is not None
    assert load is not None
    root = f"{site.server.url}/{site.name}/recordings"
    assert client.get(f"{root}/file?ticket={view[0]}").status_code == 403
    assert client.get(f"{root}/play/{load[0]}/recording.mp4").status_code == 403
    for wrong in (view[0][:-1], f"{view[0]}00", view[0].replace("a", "b"), "00", "x", "ff" * 3000):
        assert client.get(f"{root}/play/{wrong}/recording.mp4").status_code == 403
    other = site.server.new_site()
    assert client.get(video.replace(f"/{site.name}/", f"/{other.name}/")).status_code == 403
    assert client.get(play_page(other, row)).status_code == 404


def test_hosts_of_other_sites_are_strangers(site: TestSite, sign_in: SignIn) -> None:
    row = recorded(site, "Mine", password="Secret-7")
    other = site.server.new_site()
    guest = sign_in(other, "admin")
    assert "Mine" not in guest.get(play_page(site, row)).text


def test_the_link_of_the_owner(site: TestSite, client: httpx.Client, sign_in: SignIn) -> None:
    row = recorded(site, "Mine", password="Secret-7", details=Details(attendee_view=False))
    link = site.server.application.links.recording_of_host(site.name, row.stream_rcid)
    page = client.get(link)
    assert page.status_code == 200
    assert "Sign in" in page.text
    assert "Mine" not in page.text
    target = re.search(r'name="MU" value="([^"]+)"', page.text)
    assert target is not None
    sent = {"AT": "LI", "MU": target[1].replace("&amp;", "&"), "WID": "host1", "PW": PASSWORD}
    assert "Mine" in client.post(f"{site.server.url}/{site.name}/p.php", data=sent).text
    assert sign_in(site, "host2").get(link).status_code == 403


def test_a_registration(site: TestSite, client: httpx.Client) -> None:
    row = recorded(site, "For guests", details=Details(registration=True))
    page = client.get(play_page(site, row))
    assert "For guests" in page.text
    assert "<video" not in page.text
    assert "Register" in client.get(load_page(site, row)).text
    wrong = client.post(play_page(site, row), data={"REGISTER": "1", "FN": "Ann", "EM": "no"})
    assert wrong.status_code == 422
    assert "This is no e-mail address." in wrong.text
    assert 'value="Ann"' in wrong.text
    person = {"FN": "Ann", "LN": NASTY, "EM": "ann@guests.example", "CY": "Guests & Co"}
    foreign = {"Sec-Fetch-Site": "cross-site"}
    sent = {"REGISTER": "1", **person}
    assert client.post(play_page(site, row), data=sent, headers=foreign).status_code == 403
    page = client.post(play_page(site, row), data=sent)
    assert page.status_code == 200
    assert client.get(media(site, page)).content == CONTENT
    assert "<video" in client.get(play_page(site, row)).text
    assert client.get(file_link(client.get(load_page(site, row)))).content == CONTENT
    registered, viewed, downloaded = counts(site, row)
    assert (registered, viewed, downloaded) == (1, 1, 1)


def test_password_and_registration(site: TestSite, client: httpx.Client) -> None:
    row = recorded(site, "Both", password="Secret-7", details=Details(registration=True))
    person = {"REGISTER": "1", "FN": "Ann", "LN": "Guest", "EM": "ann@guests.example"}
    assert "has a password" in client.post(play_page(site, row), data=person).text
    page = client.post(play_page(site, row), data={"PW": "Secret-7"})
    assert "asks who you are" in page.text
    assert "<video" in client.post(play_page(site, row), data=person).text


# ---- what is counted ------------------------------------------------------------------------------------------------


def test_views_and_downloads_are_counted_once_a_visit(site: TestSite, client: httpx.Client) -> None:
    row = recorded(site, "Counted")
    video = media(site, client.get(play_page(site, row)))
    assert counts(site, row) == (0, 0, 0)  # nobody looked yet
    client.head(video)
    client.get(video, headers={"Range": "bytes=999999-"})
    assert counts(site, row) == (0, 0, 0)
    for asked in ("bytes=0-", "bytes=500-", "bytes=0-9"):
        client.get(video, headers={"Range": asked})
    client.get(media(site, client.get(play_page(site, row))))  # looked at again in the same visit
    assert counts(site, row) == (0, 1, 0)
    file = file_link(client.get(load_page(site, row)))
    for asked in ("bytes=0-99", "bytes=100-"):
        client.get(file, headers={"Range": asked})
    assert counts(site, row) == (0, 1, 1)
    with browser() as other:
        other.get(media(site, other.get(play_page(site, row))))
    assert counts(site, row) == (0, 2, 1)


def test_who_looked(site: TestSite, sign_in: SignIn) -> None:
    row = recorded(site, "Named")
    guest = sign_in(site, "host2")
    guest.get(media(site, guest.get(play_page(site, row))))
    answer = site.client("admin").call("history.LstrecordaccessDetailHistory", recordID=row.recording_id).ok()
    assert answer.value("participantName") == "Host2 Tester"
    assert answer.value("viewed") == "true"
    assert answer.value("downloaded") == "false"


# ---- recordings that are not there ----------------------------------------------------------------------------------


def test_in_the_trash(site: TestSite, client: httpx.Client, sign_in: SignIn) -> None:
    row = recorded(site, "Thrown away")
    video = media(site, client.get(play_page(site, row)))
    now = site.server.application.clock.now()
    changes = Changes()
    recordings.update(changes, row, trashed(row, 1, now))
    site.server.run(site.server.application.engine.commit(changes))
    assert client.get(video).status_code == 404
    page = client.get(play_page(site, row))
    assert page.status_code == 404
    assert "does not exist or is no longer available" in page.text
    assert "Thrown away" not in page.text
    page = sign_in(site).get(play_page(site, row))
    assert page.status_code == 410
    assert "30 more days" in page.text
    site.server.clock.ahead = 20 * 60  # the visit still lasts
    gone = stored(site, row).plain()
    changes = Changes()
    recordings.update(changes, gone, deleted(gone, 1, now))
    site.server.run(site.server.application.engine.commit(changes))
    assert sign_in(site).get(play_page(site, row)).status_code == 404


@pytest.mark.parametrize(
    ("state", "status", "said"),
    [
        (State.ARRIVING, 409, "still being made"),
        (State.WORKING, 409, "still being made"),
        (State.FAILED, 404, "is not there"),
        (State.MISSING, 404, "is not there"),
    ],
)
def test_not_ready(
    shared_site: TestSite, client: httpx.Client, state: State, status: int, said: str, sign_in: SignIn
) -> None:
    row = recorded(shared_site, "Early")
    change(shared_site, row, state=state)
    page = client.get(play_page(shared_site, row))
    assert page.status_code == 404
    assert "Early" not in page.text
    page = sign_in(shared_site).get(play_page(shared_site, row))
    assert page.status_code == status
    assert said in page.text


def test_a_file_that_is_gone(site: TestSite, client: httpx.Client) -> None:
    row = recorded(site)
    video = media(site, client.get(play_page(site, row)))
    assert row.file_key is not None
    site.server.run(site.server.application.storage.delete(row.file_key))
    assert client.get(video).status_code == 404


def test_a_store_that_is_away(site: TestSite, client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*args: object) -> None:
        raise StorageUnavailable("away")

    row = recorded(site)
    video = media(site, client.get(play_page(site, row)))
    monkeypatch.setattr(type(site.server.application.storage), "size", away)
    answer = client.get(video)
    assert answer.status_code == 503
    assert "does not answer" in answer.text


# ---- the old ways to load a file ------------------------------------------------------------------------------------


def test_the_steps_of_programs_that_read_pages(site: TestSite) -> None:
    """As clients in the field do it: cookies by hand, addresses by pattern."""
    row = recorded(site, "Archived")
    jar = {"Cookie": "DetectionBrowserStatus=3|1|32|1|11|2"}
    first = httpx.get(load_page(site, row), headers=jar)
    assert first.headers["content-type"] == "text/html"
    assert int(first.headers["content-length"]) < 16_000
    cookie = first.headers["set-cookie"].split(";")[0]
    assert cookie == f"recordId={row.recording_id}"
    start = re.search("href='([^']+)';", first.text)
    assert start is not None
    for second in (httpx.get(start[1], headers=jar), httpx.post(start[1])):
        ticket = re.search("var prepareTicket = '([^']+)';", second.text)
        assert ticket is not None
        assert re.fullmatch("[0-9a-f]+", ticket[1])
        function = re.search(r"function (download\(\).+prepareTicket;)", second.text, re.DOTALL)
        assert function is not None
        address = re.search("http.+prepareTicket", function[0])
        assert address is not None
        prepare = address[0]
        for part in ('"', " ", "+"):
            prepare = prepare.replace(part, "")
        prepare = prepare.replace("recordId", str(row.recording_id))
        prepare = prepare.replace("prepareTicket=prepareTicket", f"prepareTicket={ticket[1]}")
        load = re.search(r"var downloadUrl = '(http[^']+)' \+ ticket;", second.text)
        assert load is not None
        third = httpx.get(prepare, headers=jar)
        ready = re.search(r"window\.parent\.func_prepare\('([^']+)','([^']*)','([^']*)'\);", third.text)
        assert ready is not None
        assert ready[1] == "OKOK"
        url = load[1] + ready[3]
        assert httpx.head(url).headers["content-length"] == str(len(CONTENT))
        answer = httpx.get(url)
        assert answer.content == CONTENT
        assert answer.headers["content-disposition"].startswith('attachment; filename="Archived.mp4"')
    old = re.search(r"function (func_prepare\(.+\).+ticket;)", second.text, re.DOTALL)
    assert old is not None
    assert re.search("http.+ticket", old[0])


def test_a_step_with_a_ticket_that_is_none(site: TestSite, client: httpx.Client) -> None:
    root = f"{site.server.url}/{site.name}/recordings"
    for path in ("nbrshared.do?recordKey=00", "nbrPrepare.do?prepareTicket=", "file?ticket=zz", "file"):
        assert client.get(f"{root}/{path}").status_code == 403


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("../../etc/passwd", 'filename="etc passwd.mp4"'),
        ('a"b\r\nX: y', 'filename="a b X y.mp4"'),
        ("会議 2024", 'filename="_ 2024.mp4"'),
        ("...", 'filename="recording.mp4"'),
        ("x" * 500, f'filename="{"x" * 120}.mp4"'),
    ],
)
def test_names_of_files(shared_site: TestSite, client: httpx.Client, name: str, plain: str) -> None:
    row = recorded(shared_site, name)
    answer = client.get(file_link(client.get(load_page(shared_site, row))))
    assert plain in answer.headers["content-disposition"]
    assert answer.content == CONTENT


def test_out_of_a_bucket(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with bucket_server(sqlite_template, tmp_path, monkeypatch) as server:
        site = server.new_site()
        row = recorded(site)
        with browser() as client:
            video = media(site, client.get(play_page(site, row)))
            assert client.get(video).content == CONTENT
            assert client.get(video, headers={"Range": "bytes=-10"}).content == CONTENT[-10:]
        assert not list((tmp_path / "data" / "recordings").glob("**/*.mp4"))
