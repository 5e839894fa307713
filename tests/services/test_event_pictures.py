"""UploadEventImage: what is a picture, where it is shown, and who may change it."""

from __future__ import annotations

import struct
from typing import Any

import httpx
import pytest

from parley.protocol.faults import Fault
from parley.services.event.pictures import checked_picture
from tests.client import Answer
from tests.server import Server, TestSite
from tests.services.events import create_event, encoded, picture


def upload(site: TestSite, key: str, content: bytes, kind: str = "GIF", web_ex_id: str = "host1") -> Answer:
    values = {"sessionKey": key, "imageType": kind, "imageData": encoded(content)}
    return site.client(web_ex_id).call("event.UploadEventImage", values)


def image_url(site: TestSite, key: str) -> str | None:
    return site.client().call("ep.GetSessionInfo", sessionKey=key).ok().value("material/imageURL")


def page(site: TestSite, key: str, code: str = "SI") -> str:
    response = httpx.get(f"{site.server.url}/{site.name}/e.php?AT={code}&MK={key}")
    assert response.status_code == 200
    return response.text


def test_a_picture_is_shown_and_replaced(site: TestSite) -> None:
    key = create_event(site.client())
    assert image_url(site, key) is None
    assert "<img" not in page(site, key)
    assert upload(site, key, picture()).ok().names() == []
    first = image_url(site, key)
    assert first is not None
    response = httpx.get(first)
    assert (response.status_code, response.headers["content-type"]) == (200, "image/gif")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert response.content == picture()
    for code in ("SI", "SINF"):
        assert f'src="event-image/{first.rsplit("/", 1)[1]}"' in page(site, key, code)
    upload(site, key, picture("JPEG"), "JPG").ok()
    second = image_url(site, key)
    assert second not in (None, first)
    assert httpx.get(first).status_code == 404
    assert httpx.get(second or "").headers["content-type"] == "image/jpeg"
    site.client().call("event.SetEvent", sessionKey=key, metaData={"description": "x"}).ok()
    assert image_url(site, key) == second
    site.client().call("event.DelEvent", sessionKey=key).ok()
    assert httpx.get(second or "").status_code == 404


def test_pictures_have_no_guessable_address(server: Server) -> None:
    one, other = server.new_site(), server.new_site()
    key = create_event(one.client())
    upload(one, key, picture()).ok()
    address = image_url(one, key) or ""
    assert httpx.get(address.replace(one.name, other.name)).status_code == 404
    for wrong in (key, "0" * 32, "x", "../static/parley.css", "0" * 400):
        assert httpx.get(f"{one.server.url}/{one.name}/event-image/{wrong}").status_code == 404
    one.set(active=False)
    assert httpx.get(address).status_code == 404


def test_who_may_upload(site: TestSite) -> None:
    key = create_event(site.client("host1"))
    upload(site, key, picture(), web_ex_id="host2").ok()  # may schedule for host1
    upload(site, key, picture(), web_ex_id="admin").failed("000001")
    upload(site, key, picture(), web_ex_id="attendee1").failed("000001")


def wide_frame() -> bytes:
    """A small GIF whose second picture says that it is 60,000 pixels wide and high."""
    plain = picture(frames=2)
    place = plain.rindex(b",\x00\x00")
    return plain[: place + 5] + struct.pack("<HH", 60_000, 60_000) + plain[place + 9 :]


BAD: dict[str, tuple[bytes, str]] = {
    "png": (picture("PNG"), "no GIF or JPEG"),
    "text": (b"GIF is a format", "no GIF or JPEG"),
    "head only": (b"GIF89a", "no GIF or JPEG"),
    "page": (b"<html><script>alert(1)</script>", "no GIF or JPEG"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no GIF or JPEG"),
    "cut": (picture("GIF", (400, 400))[:-60], "no GIF or JPEG"),
    "cut jpeg": (picture("JPEG", (400, 400))[:-300], "no GIF or JPEG"),
    "scans": (picture("JPEG") + b"\xff\xda" * 200, "no GIF or JPEG"),
    "large": (picture() + b"\x00" * 102_400, "at most 102399 bytes"),
    "poster": (picture("GIF", (1025, 10)), "1024 by 1024"),
    "bomb": (picture()[:6] + struct.pack("<HH", 60_000, 60_000) + picture()[10:], "1024 by 1024"),
    "film": (picture(frames=60), "less than 50 pictures"),
    "wide frame": (wide_frame(), "picture"),
}


@pytest.mark.parametrize("name", list(BAD))
def test_what_is_no_picture_is_refused(name: str) -> None:
    content, words = BAD[name]
    for kind in ("GIF", "JPG", None):
        with pytest.raises(Fault, match=words) as found:
            checked_picture(content, kind)
        assert found.value.code == "999999"


@pytest.mark.parametrize(("kind", "media_type"), [("GIF", "image/gif"), ("JPEG", "image/jpeg")])
def test_the_content_decides_not_the_name(kind: str, media_type: str) -> None:
    name, other = ("GIF", "JPG") if kind == "GIF" else ("JPG", "GIF")
    assert checked_picture(picture(kind), name) == media_type
    assert checked_picture(picture(kind), None) == media_type
    assert checked_picture(picture(kind, (1024, 1024)), name) == media_type
    with pytest.raises(Fault, match=f"this is a {name} picture"):
        checked_picture(picture(kind), other)
    assert checked_picture(picture("GIF", frames=20), "GIF") == "image/gif"


def test_requests_without_a_picture(site: TestSite) -> None:
    key = create_event(site.client())
    calls: list[dict[str, Any]] = [{}, {"imageData": ""}, {"imageData": "%%%"}, {"imageData": encoded(b"GIF89a")}]
    for values in calls:
        site.client().call("event.UploadEventImage", sessionKey=key, imageType="GIF", **values).failed("999999")
    site.client().call("event.UploadEventImage", sessionKey=key, imageType="PNG").failed("999999")
    assert image_url(site, key) is None
