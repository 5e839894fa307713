"""UploadEventImage: one picture for an event, shown on its page.

What a picture is, its content decides: it is read as a whole, and only GIF and JPEG are. Nothing is unpacked whose
size was not looked at before.
Source: facts/meeting-event.md 5 (GIF or JPG, about 75x38 pixels, under 100 KB).
"""

from __future__ import annotations

import asyncio
import secrets
import warnings
from io import BytesIO
from typing import TYPE_CHECKING, Final

import msgspec

from parley.contract.event import UploadEventImage, UploadEventImageResponse
from parley.protocol import faults
from parley.protocol.faults import Fault
from parley.services.context import Context
from parley.services.event.classic import check_classic_events
from parley.services.event.document import read_document
from parley.services.event.kind import EVENT
from parley.services.registry import operation
from parley.services.sessions import changing
from parley.services.sessions.scheduling import may_edit
from parley.services.sessions.stored import write_document
from parley.store import Changes, event_images, sessions
from parley.store.event_images import EventImage

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

_PATH: Final = "imageData"
#: Under 100 KB.
LARGEST: Final = 100 * 1024 - 1
#: Widest and highest picture. The page shows about 75 x 38; what is a little larger is taken, posters are not.
_MOST_PIXELS: Final = 1024
#: Pictures of an animation.
_MOST_FRAMES: Final = 50
#: The beginning of a scan of a JPEG picture, and how many one may have: each is as much work as the whole picture.
_SCAN: Final = b"\xff\xda"
_MOST_SCANS: Final = 100
#: What is read, by the name that its reader has: the media type, and what imageType calls it.
_MEDIA_TYPES: Final = {"GIF": ("image/gif", "GIF"), "JPEG": ("image/jpeg", "JPG")}


@operation(
    "event", request=UploadEventImage, answer=UploadEventImageResponse, key_of=lambda request: request.session_key
)
async def upload_event_image(context: Context, request: UploadEventImage) -> UploadEventImageResponse:
    """Keep a picture for an event in the place of the former one."""
    check_classic_events(context)
    session = changing.named_session(context, EVENT)
    if not await may_edit(context, session):
        raise faults.ACCESS_DENIED()
    content = request.image_data
    if not content:
        raise faults.MISSING_ELEMENT(path=_PATH)
    media_type = await asyncio.to_thread(checked_picture, content, request.image_type)
    key = secrets.token_hex(16)
    stored = msgspec.structs.replace(read_document(session.document), image=key)
    before, changes = session.plain(), Changes()
    after = msgspec.structs.replace(before, document=write_document(stored), modified_at=context.now)
    sessions.update_session(changes, before, after)
    event_images.put(changes, EventImage(session.site_id, session.session_key, key, media_type, content, context.now))
    await context.engine.commit(changes)
    return UploadEventImageResponse()


def checked_picture(content: bytes, named: str | None) -> str:
    """The media type of a picture that can be shown.

    Args:
        named: JPG or GIF, what the request calls it; None: it does not say.

    Raises:
        Fault: 999999, it is too large, no GIF or JPEG picture, another than it is called, or damaged.
    """
    if len(content) > LARGEST:
        raise faults.INVALID_VALUE(path=_PATH, problem=f"at most {LARGEST} bytes are allowed")
    if content.count(_SCAN) > _MOST_SCANS:
        raise _not_a_picture()
    # Imported when the first picture comes: most servers never see one, and it takes its time.
    from PIL import Image

    # Nothing else here reads pictures. Twice as many are an error; in between there is a warning, which is one too.
    Image.MAX_IMAGE_PIXELS = _MOST_PIXELS * _MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(BytesIO(content), formats=tuple(_MEDIA_TYPES)) as picture:
            _check_size(picture.size)
            kind = picture.format or ""
            media_type, name = _MEDIA_TYPES[kind]
            _read_whole(picture)
    except faults.Fault:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except Exception:  # whatever a decoder says of a picture that is none
        raise _not_a_picture() from None
    if named is not None and named != name:
        raise faults.INVALID_VALUE(path="imageType", problem=f"this is a {name} picture")
    return media_type


def _read_whole(picture: ImageFile) -> None:
    """Read all pictures of an animation, each after a look at its size."""
    for number in range(_MOST_FRAMES):
        try:
            picture.seek(number)
        except EOFError:
            return
        _check_size(picture.size)
        picture.load()
    raise faults.INVALID_VALUE(path=_PATH, problem=f"an animation has less than {_MOST_FRAMES} pictures")


def _check_size(size: tuple[int, int]) -> None:
    if max(size) > _MOST_PIXELS:
        raise _too_many_pixels()


def _too_many_pixels() -> Fault:
    return faults.INVALID_VALUE(path=_PATH, problem=f"a picture has at most {_MOST_PIXELS} by {_MOST_PIXELS} pixels")


def _not_a_picture() -> Fault:
    return faults.INVALID_VALUE(path=_PATH, problem="this is no GIF or JPEG picture, or it is damaged")
