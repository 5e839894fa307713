"""Recordings of a site for tests of services: rows of the store, since files come in by other ways."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec

from parley.domain.identifiers import new_access_id, new_rcid, new_recording_id
from parley.domain.recording import Access, Details, HostedRecording, Recording, document_of
from parley.store import Changes, recording_accesses, recordings, users
from tests.server import TestSite
from tests.store.builders import a_recording

DAY = 86_400


def details(**fields: Any) -> str:
    """The document of a recording."""
    return document_of(Details(**fields))


def new_recording(site: TestSite, host: str = "host1", **fields: Any) -> Recording:
    """A recording that is ready, made an hour ago unless `created_at` says otherwise."""
    application = site.server.application
    given: dict[str, Any] = {
        "recording_id": new_recording_id(),
        "stream_rcid": new_rcid(),
        "file_rcid": new_rcid(),
        "file_key": f"{site.site_id}/00/{secrets.token_hex(16)}.mp4",
        "created_at": application.clock.now() - 3600,
        **fields,
    }
    owner = site.server.run(users.by_web_ex_id(application.engine, site.site_id, host))
    assert owner is not None
    made = a_recording(owner, **given)
    changes = Changes()
    recordings.add(changes, made)
    site.server.run(application.engine.commit(changes))
    return made


def now(site: TestSite, recording: Recording) -> HostedRecording:
    """The recording as the store has it."""
    found = site.server.run(recordings.by_id(site.server.application.engine, site.site_id, recording.recording_id))
    assert found is not None
    return found


def change(site: TestSite, recording: Recording, **fields: Any) -> Recording:
    """Change columns of a recording."""
    changes = Changes()
    before = now(site, recording).plain()
    stored = recordings.update(changes, before, msgspec.structs.replace(before, **fields))
    site.server.run(site.server.application.engine.commit(changes))
    return stored


def share(site: TestSite, recording: Recording, name: str) -> None:
    """Let another account see a recording."""
    changes = Changes()
    recordings.share(changes, recording, site.users[name].user_id, site.server.application.clock.now())
    site.server.run(site.server.application.engine.commit(changes))


def looked_at(site: TestSite, recording: Recording, at: int, **fields: Any) -> Access:
    """An access to a recording at a time."""
    given: dict[str, Any] = {"name": "Ann", "email": "ann@guests.example", "viewed": True, **fields}
    access = Access(
        site_id=site.site_id,
        access_id=new_access_id(),
        recording_id=recording.recording_id,
        accessed_at=at,
        **given,
    )
    changes = Changes()
    recording_accesses.note(changes, access)
    site.server.run(site.server.application.engine.commit(changes))
    return access
