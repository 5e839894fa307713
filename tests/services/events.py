"""Building blocks of the tests of the event service."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import Any

from PIL import Image

from parley.services.program_changes import ProgramValues, add_program
from parley.services.site_changes import Author
from tests.client import Answer, Client
from tests.server import TestSite
from tests.services.meetings import GMT, in_days, laid_over


def event(name: str = "Launch", **groups: Any) -> dict[str, Any]:
    """The elements of a small CreateEvent; groups are laid over them."""
    values: dict[str, Any] = {
        "accessControl": {"sessionPassword": "Secret12"},
        "metaData": {"sessionName": name},
        "schedule": {"startDate": in_days(3), "timeZoneID": GMT, "duration": 30},
    }
    return laid_over(values, groups)


def create_event(client: Client, name: str = "Launch", **groups: Any) -> str:
    """Create an event; its key."""
    key = client.call("event.CreateEvent", event(name, **groups)).ok().value("sessionKey")
    assert key is not None
    return key


def get_event(client: Client, key: str) -> Answer:
    """GetEvent of a key, which must work."""
    return client.call("event.GetEvent", sessionKey=key).ok()


def person(email: str, **more: Any) -> dict[str, Any]:
    """A person as events have them."""
    return {"name": email.partition("@")[0], "email": email, **more}


def picture(kind: str = "GIF", size: tuple[int, int] = (75, 38), frames: int = 1) -> bytes:
    """A picture of a kind that Pillow knows."""
    images = [Image.new("RGB", size, (number % 256, 0, 0)) for number in range(frames)]
    to = BytesIO()
    if frames > 1:
        images[0].save(to, kind, save_all=True, append_images=images[1:])
    else:
        images[0].save(to, kind)
    return to.getvalue()


def encoded(content: bytes) -> str:
    """Bytes as a request carries them."""
    return base64.b64encode(content).decode()


def program(site: TestSite, name: str = "Spring", host: str = "host1", **values: Any) -> int:
    """Make a program; its number."""
    application = site.server.application
    given = ProgramValues(name=name, host=host, **values)
    made = add_program(application.engine, site.site_id, given, Author("test", "CLI"), application.clock.now())
    return site.server.run(made).program_id
