"""GetUserCard, UploadPMRImage and the page that confirms an address, over HTTP."""

from __future__ import annotations

import base64
import re
import time
from urllib.parse import urlsplit

import httpx
import pytest

from parley.domain.site import SiteSettings
from parley.services.links import Links
from tests.client import Answer, Client
from tests.server import Server, TestSite
from tests.services.test_user_provisioning import change, create, get, waiting

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
JPEG = b"\xff\xd8\xff\xe0" + b"x" * 500
GIF = b"GIF89a" + b"\0" * 20


def upload(client: Client, content: bytes | str, image_for: str | None = "Photo") -> Answer:
    data = content if isinstance(content, str) else base64.b64encode(content).decode()
    return client.call("user.UploadPMRImage", {"imageFor": image_for, "imageData": data})


def card(site: TestSite, **values: str) -> Answer:
    """The card as anybody gets it."""
    return site.client(None, None).call("user.GetUserCard", dict(values))


def fetched(link: str | None) -> httpx.Response:
    return httpx.get(link or "", timeout=30)


# --- GetUserCard -------------------------------------------------------------------------------------------------


def test_anybody_sees_the_card_of_a_user(site: TestSite) -> None:
    room = get(site.client(), "host1")
    answer = card(site, webExId="HOST1").ok()
    assert answer.type_name == "use:getUserCardResponse"
    assert answer.names() == ["avatar", "personalMeetingRoom"]
    assert answer.names("avatar") == ["isUploaded"]
    assert answer.value("avatar/isUploaded") == "false"
    assert answer.names("personalMeetingRoom") == ["title", "personalMeetingRoomURL", "accessCode"]
    for name in answer.names("personalMeetingRoom"):
        assert answer.value(f"personalMeetingRoom/{name}") == room.value(f"personalMeetingRoom/{name}")
    for values in (
        {"email": f"Host1@{site.name}.example"},
        {"personalUrl": "Host1"},
        {"personalUrl": f"{site.server.url}/meet/host1/"},
    ):
        assert card(site, **values).ok().text == answer.text
    assert site.client("attendee1").call("user.GetUserCard", {"webExId": "host1"}).ok().text == answer.text


def test_cards_of_nobody(site: TestSite) -> None:
    for values in ({"webExId": "nobody"}, {"email": "nobody@x.example"}, {"personalUrl": "nobody"}):
        card(site, **values).failed("030001")
    card(site).failed("999999")
    card(site, webExId=" ").failed("999999")
    site.set_user("host2", status="DEACTIVATED")
    card(site, webExId="host2").failed("030001")
    assert card(site, webExId="attendee1").ok().names() == ["avatar"]
    other = site.server.new_site()
    create(other.client("admin"), "stranger").ok()
    card(site, webExId="stranger").failed("030001")
    assert "host1" not in card(site, webExId="nobody").text


# --- UploadPMRImage ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("content", "kind"), [(PNG, "image/png"), (JPEG, "image/jpeg"), (GIF, "image/gif")])
def test_a_photo_is_kept_and_shown(site: TestSite, content: bytes, kind: str) -> None:
    client = site.client()
    answer = upload(client, content).ok()
    assert (answer.type_name, answer.names()) == ("use:uploadPMRImageResponse", [])
    link = get(client, "host1").value("personalMeetingRoom/photoURL")
    found = fetched(link)
    assert (found.status_code, found.headers["content-type"], found.content) == (200, kind, content)
    assert found.headers["x-content-type-options"] == "nosniff"
    shown = card(site, webExId="host1").ok()
    assert shown.names("avatar") == ["url", "lastModifiedTime", "isUploaded"]
    assert shown.value("avatar/url") == link
    assert abs(int(shown.value("avatar/lastModifiedTime") or 0) / 1000 - time.time()) < 60


def test_a_new_photo_has_a_new_address(site: TestSite) -> None:
    client = site.client()
    upload(client, PNG, None).ok()
    first = get(client, "host1").value("personalMeetingRoom/photoURL")
    site.server.clock.ahead = 5
    upload(client, JPEG).ok()
    second = get(client, "host1").value("personalMeetingRoom/photoURL")
    assert first != second
    assert fetched(second).content == JPEG
    # Neither address nor picture can be set otherwise.
    change(client, "host1", personalMeetingRoom={"photoURL": "https://evil.example/x.png"}).ok()
    assert get(client, "host1").value("personalMeetingRoom/photoURL") == second


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "999999"),
        (b"MZ" + b"x" * 100, "999999"),
        (PNG + b"x" * 100 * 1024, "999999"),
        ("", "999999"),
        ("not base64!", "999999"),
    ],
)
def test_what_is_no_photo(site: TestSite, content: bytes | str, code: str) -> None:
    upload(site.client(), content).failed(code)
    assert "photoURL" not in get(site.client(), "host1").text


def test_heads_of_rooms_need_branding(site: TestSite) -> None:
    client, admin = site.client(), site.client("admin")
    upload(client, PNG, "Header").failed("000001")
    change(client, "host1", personalMeetingRoom={"headerImageBranding": True}).failed("000001")
    change(admin, "host1", personalMeetingRoom={"headerImageBranding": True}).ok()
    upload(client, PNG, "Header").ok()
    found = get(client, "host1")
    assert fetched(found.value("personalMeetingRoom/headerImageURL")).content == PNG
    assert found.value("personalMeetingRoom/photoURL") is None
    upload(client, PNG, "Poster").failed("999999")


def test_photos_are_for_people_with_a_room(site: TestSite) -> None:
    upload(site.client("attendee1"), PNG).failed("000001")
    change(site.client("admin"), "host1", privilege={"isEnablePMR": False}).ok()
    upload(site.client(), PNG).failed("000001")


def test_sites_may_keep_photos_to_administrators(server: Server) -> None:
    site = server.new_site(allow_upload_pr_avatar=False)
    upload(site.client(), PNG).failed("000001")
    upload(site.client("admin"), PNG).ok()
    site.set(level="42.1.0")
    upload(site.client(), PNG).ok()
    site.set(level="42.2.0", settings=SiteSettings(allow_upload_pr_avatar=False, customize_profile_fields=False))
    upload(site.client("host2"), PNG).ok()


def test_addresses_of_pictures_that_lead_nowhere(site: TestSite) -> None:
    upload(site.client(), PNG).ok()
    link = urlsplit(get(site.client(), "host1").value("personalMeetingRoom/photoURL") or "")
    root, number = f"{link.scheme}://{link.netloc}", link.path.split("/")[3]
    for path in (
        f"/{site.name}/picture/{number}/header",
        f"/{site.name}/picture/{number}/passwd",
        f"/{site.name}/picture/1/photo",
        f"/{site.name}/picture/x/photo",
        f"/{site.name}/picture/{'9' * 40}/photo",
        f"/nowhere/picture/{number}/photo",
        f"/{site.server.new_site().name}/picture/{number}/photo",
    ):
        assert fetched(root + path).status_code == 404
    assert fetched(f"{root}/{site.name.upper()}/picture/{number}/photo").content == PNG
    site.client("admin").call("user.DelUser", {"webExId": "host1"}).ok()
    assert fetched(root + link.path).status_code == 404


# --- confirming an address ---------------------------------------------------------------------------------------


def test_an_address_is_confirmed_by_the_button_of_its_page(server: Server) -> None:
    site = server.new_site(confirm_email_changes=True)
    client = site.client()
    change(client, "host1", email="new@example.com").ok()
    [(_, notice)] = waiting(site, "user.email_change")
    assert notice.token is not None
    link = Links(server.url).confirmation(site.name, notice.token)
    page = fetched(link)
    assert (page.status_code, fetched(link).text) == (200, page.text)
    assert get(client, "host1").value("email") != "new@example.com"  # looking changes nothing
    action = re.search(r'action="([^"]+)"', page.text)
    assert action is not None
    target = server.url + action[1]
    assert httpx.post(target, data={"token": "f" * 64}, timeout=30).status_code == 403
    assert httpx.post(target, data={"token": "<script>"}, timeout=30).status_code == 403
    done = httpx.post(target, data={"token": notice.token}, timeout=30)
    assert (done.status_code, "new@example.com" in done.text) == (200, True)
    assert get(client, "host1").value("email") == "new@example.com"
    assert httpx.post(target, data={"token": notice.token}, timeout=30).status_code == 403
    change(client, "host1", email="other@example.com").ok()
    create(site.client("admin"), "thief", email="other@example.com").ok()
    mails = {message.recipient: each.token for message, each in waiting(site, "user.email_change")}
    token = mails["other@example.com"]
    assert httpx.post(target, data={"token": token or ""}, timeout=30).status_code == 409
    assert fetched(f"{server.url}/nowhere/confirm-email?token=x").status_code == 404
