"""GetUserCard and UploadPMRImage.

Sources: facts/user-site.md 4, facts/versions.md 42.2.0 (AllowUploadPRAvatar). Formats and size of pictures are not
known; what events take is chosen (GIF and JPEG under 100 KB), and PNG.
"""

from __future__ import annotations

from typing import Final

import msgspec

from parley.contract.user import (
    GetUserCard,
    GetUserCardResponse,
    GetUserCardResponseAvatar,
    GetUserCardResponsePersonalMeetingRoom,
    UploadPMRImage,
    UploadPMRImageResponse,
)
from parley.contract.user_settings import PersonalMeetingRoomType
from parley.domain.user import User
from parley.protocol import faults
from parley.protocol.versions import Level
from parley.services.accounts import write_profile
from parley.services.context import Context
from parley.services.registry import operation
from parley.services.user.document import HEADER, PHOTO, effective_profile, personal_room, picture_link
from parley.services.values import given
from parley.store import Changes, user_images, users
from parley.store.user_images import UserImage

_LARGEST: Final = 100 * 1024
_MEDIA_TYPES: Final = (
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
)
_AVATAR_SINCE: Final = Level.parse("42.2.0")


@operation("user", request=GetUserCard, answer=GetUserCardResponse, since="10.0")
async def get_user_card(context: Context, request: GetUserCard) -> GetUserCardResponse:
    """Tell anybody the picture and the personal room of a user."""
    user = await _card_owner(context, request)
    if user is None or user.status != "ACTIVATED":
        raise faults.UNKNOWN_USER()
    profile = effective_profile(user)
    kept = profile.personal_meeting_room or PersonalMeetingRoomType()
    room = personal_room(context, user, profile)
    return GetUserCardResponse(
        avatar=GetUserCardResponseAvatar(
            url=picture_link(context, user, PHOTO, kept.photo_url),
            last_modified_time=int(kept.photo_url) * 1000 if kept.photo_url else None,
            is_uploaded=bool(kept.photo_url),
        ),
        personal_meeting_room=None
        if room is None
        else GetUserCardResponsePersonalMeetingRoom(
            title=room.title,
            personal_meeting_room_url=room.personal_meeting_room_url,
            access_code=room.access_code,
        ),
    )


async def _card_owner(context: Context, request: GetUserCard) -> User | None:
    """The account by webExId, else e-mail address, else address of the personal room (whole or its last part)."""
    engine, site_id = context.engine, context.site.site.site_id
    if name := given(request.web_ex_id):
        return await users.by_web_ex_id(engine, site_id, name.strip().casefold())
    if name := given(request.email):
        return await users.by_email(engine, site_id, name.strip().casefold())
    if name := given(request.personal_url):
        key = name.strip().rstrip("/").rpartition("/")[2].casefold()
        return await users.by_personal_url(engine, site_id, key)
    raise faults.MISSING_ELEMENT(path="webExId")


@operation("user", request=UploadPMRImage, answer=UploadPMRImageResponse)
async def upload_pmr_image(context: Context, request: UploadPMRImage) -> UploadPMRImageResponse:
    """Keep a picture for the caller's personal room: the photo, or with branding the head of the page."""
    kind = request.image_for or PHOTO
    content = request.image_data
    if not content:
        raise faults.MISSING_ELEMENT(path="imageData")
    media_type = next((name for head, name in _MEDIA_TYPES if content.startswith(head)), None)
    if media_type is None:
        raise faults.INVALID_VALUE(path="imageData", problem="only GIF, JPEG and PNG pictures are allowed")
    if len(content) > _LARGEST:
        raise faults.INVALID_VALUE(path="imageData", problem=f"at most {_LARGEST} bytes are allowed")
    before = await users.by_id(context.engine, context.site.site.site_id, context.caller.user_id)
    if before is None:
        raise faults.UNKNOWN_USER()
    profile = effective_profile(before)
    room = profile.personal_meeting_room
    if room is None or personal_room(context, before, profile) is None or not _may_upload(context, kind, room):
        raise faults.ACCESS_DENIED()
    stamp = {"photo_url" if kind == PHOTO else "header_image_url": str(context.now)}
    document = write_profile(
        msgspec.structs.replace(profile, personal_meeting_room=msgspec.structs.replace(room, **stamp))
    )
    changes = Changes()
    users.update_user(changes, before, msgspec.structs.replace(before, document=document, modified_at=context.now))
    image = UserImage(before.site_id, before.user_id, kind, media_type, content, context.now)
    user_images.put(changes, image)
    await context.engine.commit(changes)
    return UploadPMRImageResponse()


def _may_upload(context: Context, kind: str, room: PersonalMeetingRoomType) -> bool:
    """Heads need headerImageBranding; photos, from 42.2 on, what the site allows users to do themselves."""
    if kind == HEADER:
        return bool(room.header_image_branding)
    settings = context.site.settings
    limited = context.site.level >= _AVATAR_SINCE and settings.customize_profile_fields and not settings.control_hub
    return context.caller.site_admin or settings.allow_upload_pr_avatar or not limited
