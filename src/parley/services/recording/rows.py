"""A recording as lists tell it.

Source: facts/general-session.md 9 (order of the elements, links, units).
"""

from __future__ import annotations

from parley.contract.common import TrackingType
from parley.contract.ep_recording import RecordingType
from parley.domain import timezones
from parley.domain.recording import Details, HostedRecording, Kind, megabytes
from parley.services.context import Context
from parley.services.recording.finding import sees_passwords

#: What recordingType says; the numbers are chosen.
_TYPES = {Kind.SERVICE: 0, Kind.UPLOADED: 1}


def told(
    context: Context,
    recording: HostedRecording,
    *,
    session_details: bool = False,
    shared: bool | None = None,
    in_trash: bool = False,
) -> RecordingType:
    """One row; times are in the recording's own zone, which the row names.

    Args:
        session_details: with the session's key and tracking codes.
        shared: what is said of shareToMe; None: nothing.
        in_trash: with the time at which it came into the trash.
    """
    details = recording.details
    own = sees_passwords(context, recording)
    site, links, zone = context.site.site.name, context.application.links, recording.time_zone_id
    return RecordingType(
        recording_id=recording.recording_id,
        host_web_ex_id=recording.host_web_ex_id,
        name=recording.name,
        description=details.description or "",
        create_time=timezones.api_date(recording.created_at, zone),
        time_zone_id=zone,
        size=megabytes(recording.size),
        stream_url=links.recording(site, recording.stream_rcid),
        host_stream_url=links.recording_of_host(site, recording.stream_rcid),
        file_url=links.recording_file(site, recording.file_rcid),
        session_key=recording.session_key if session_details else None,
        tracking_code=_tracking(details) if session_details else None,
        recording_type=_TYPES[recording.kind],
        duration=recording.duration,
        author=details.author,
        listing=recording.listing,
        format=recording.format,
        service_type=recording.service,
        password=(recording.password or "") if own else "",
        password_req=recording.password is not None,
        register_req=details.registration,
        panelist=details.panelists,
        conf_id=recording.conf_id,
        share_to_me=shared,
        delete_time=_deleted(recording, zone) if in_trash else None,
    )


def _tracking(details: Details) -> TrackingType | None:
    codes = {f"tracking_code_{number}": code or None for number, code in enumerate(details.tracking_codes, 1)}
    return TrackingType(**codes) if any(codes.values()) else None


def _deleted(recording: HostedRecording, zone: int) -> str | None:
    return None if recording.trashed_at is None else timezones.api_date(recording.trashed_at, zone)
