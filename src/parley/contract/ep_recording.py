"""Recordings: the part of the ep namespace that concerns them; the rest is in `ep`."""

from __future__ import annotations

from parley.contract import common as com
from parley.contract import schemas
from parley.contract import service as serv
from parley.protocol.declare import Record, boolean, int32, long, many, number, record, string

SCHEMA = schemas.EP

PlaybackRangeType = SCHEMA.enumeration("playbackRangeType", "FULL", "PARTIAL")


class ListControlType(Record):
    """Which page of a list of recordings is wanted."""

    start_from: int | None = long("startFrom", required=True)
    maximum_num: int | None = long("maximumNum")


class CreateTimeScopeType(Record):
    """Range of creation times to list."""

    create_time_start: str | None = string("createTimeStart", required=True)
    create_time_end: str | None = string("createTimeEnd", required=True)
    time_zone_id: int | None = int32("timeZoneID", default="-1")


class LstRecordingServiceTypes(Record, anonymous=True):
    """Services whose recordings are wanted."""

    service_type: list[str] = many(string("serviceType", com.ServiceTypeType))


class LstRecordingFormatTypes(Record, anonymous=True):
    """File formats that are wanted, all when none is named."""

    format_type: list[str] = many(string("formatType", values=("MP4", "ARF", "WRF", "WMV"), since="11.0.0"), most=3)


class LstRecordingOrder(Record, anonymous=True):
    """Sort order of the list."""

    order_by: str | None = string("orderBy")
    order_ad: str | None = string("orderAD", serv.LstOrderADType)


class LstRecording(serv.BodyContentType):
    """Request of LstRecording: lists recordings."""

    list_control: ListControlType | None = record("listControl", ListControlType)
    create_time_scope: CreateTimeScopeType | None = record("createTimeScope", CreateTimeScopeType)
    host_web_ex_id: str | None = string("hostWebExID")
    session_key: int | None = long("sessionKey")
    return_session_details: bool | None = boolean("returnSessionDetails", default="false")
    record_name: str | None = string("recordName")
    service_types: LstRecordingServiceTypes | None = record("serviceTypes", LstRecordingServiceTypes)
    return_share_to_me_recording: bool | None = boolean("returnShareToMeRecording")
    format_types: LstRecordingFormatTypes | None = record("formatTypes", LstRecordingFormatTypes, since="11.0.0")
    order: list[LstRecordingOrder] = many(record("order", LstRecordingOrder, since="11.0.0"))


class RecordingType(Record):
    """A recording in a list."""

    recording_id: int | None = int32("recordingID", required=True)
    host_web_ex_id: str | None = string("hostWebExID", required=True)
    name: str | None = string("name", required=True)
    description: str | None = string("description", required=True)
    create_time: str | None = string("createTime", required=True)
    time_zone_id: int | None = int32("timeZoneID", required=True)
    size: float | None = number("size", "xsd:float", required=True)
    stream_url: str | None = string("streamURL", required=True)
    host_stream_url: str | None = string("hostStreamURL")
    file_url: str | None = string("fileURL", required=True)
    session_key: int | None = long("sessionKey")
    tracking_code: com.TrackingType | None = record("trackingCode", com.TrackingType)
    recording_type: int | None = int32("recordingType", required=True)
    duration: int | None = long("duration", required=True)
    author: str | None = string("author")
    listing: str | None = string("listing", com.ListingType)
    format: str | None = string("format", required=True)
    service_type: str | None = string("serviceType", com.ServiceTypeType)
    password: str | None = string("password")
    password_req: bool | None = boolean("passwordReq")
    register_req: bool | None = boolean("registerReq")
    panelist: str | None = string("panelist")
    post_recording_survey: bool | None = boolean("postRecordingSurvey")
    conf_id: int | None = long("confID")
    share_to_me: bool | None = boolean("shareToMe")
    delete_time: str | None = string("deleteTime", since="10.0.0")


class LstRecordingResponse(serv.BodyContentType):
    """Answer to LstRecording."""

    matching_records: serv.MatchingRecordsType | None = record("matchingRecords", serv.MatchingRecordsType)
    recording: list[RecordingType] = many(record("recording", RecordingType))


class GetRecordingInfo(serv.BodyContentType):
    """Request of GetRecordingInfo: reads the properties of a recording."""

    recording_id: int | None = long("recordingID", required=True)
    is_service_recording: bool | None = boolean("isServiceRecording")


class RecordingBasicType(Record):
    """Topic, presenter and listing of a recording."""

    topic: str | None = string("topic")
    listing: str | None = string("listing", com.ListingType)
    presenter: str | None = string("presenter")
    email: str | None = string("email")
    agenda: str | None = string("agenda")


class RecordingPlaybackType(Record):
    """What a playback of the recording shows, and which part of it."""

    chat: bool | None = boolean("chat")
    support_q_and_a: bool | None = boolean("supportQandA")
    video: bool | None = boolean("video")
    polling: bool | None = boolean("polling")
    notes: bool | None = boolean("notes")
    file_share: bool | None = boolean("fileShare")
    attendee_list: bool | None = boolean("attendeeList")
    toc: bool | None = boolean("toc")
    range: str | None = string("range", PlaybackRangeType)
    partial_start: int | None = long("partialStart")
    partial_end: int | None = long("partialEnd")
    include_nbr_controls: bool | None = boolean("includeNBRcontrols")


class RecordingFileAccessType(Record):
    """Who may see and download the recording."""

    registration: bool | None = boolean("registration")
    attendee_view: bool | None = boolean("attendeeView")
    attendee_download: bool | None = boolean("attendeeDownload")
    end_play_url: str | None = string("endPlayURL")


class GetRecordingInfoResponseBasic(RecordingBasicType, anonymous=True):
    """Topic, presenter, listing and description."""

    description: str | None = string("description")


class GetRecordingInfoResponseFileAccess(RecordingFileAccessType, anonymous=True):
    """Who may see and download the recording, and its password."""

    password: str | None = string("password")


class GetRecordingInfoResponse(serv.BodyContentType):
    """Answer to GetRecordingInfo."""

    basic: GetRecordingInfoResponseBasic | None = record("basic", GetRecordingInfoResponseBasic)
    playback: RecordingPlaybackType | None = record("playback", RecordingPlaybackType)
    file_access: GetRecordingInfoResponseFileAccess | None = record("fileAccess", GetRecordingInfoResponseFileAccess)


class SetRecordingInfoRecording(Record, anonymous=True):
    """The recording and its new description and password."""

    recording_id: int | None = int32("recordingID", required=True)
    description: str | None = string("description")
    password: str | None = string("password")


class SetRecordingInfo(serv.BodyContentType):
    """Request of SetRecordingInfo: changes the properties of a recording."""

    recording: SetRecordingInfoRecording | None = record("recording", SetRecordingInfoRecording, required=True)
    is_service_recording: bool | None = boolean("isServiceRecording")
    basic: RecordingBasicType | None = record("basic", RecordingBasicType)
    playback: RecordingPlaybackType | None = record("playback", RecordingPlaybackType)
    file_access: RecordingFileAccessType | None = record("fileAccess", RecordingFileAccessType)


class SetRecordingInfoResponse(serv.BodyContentType):
    """Answer to SetRecordingInfo."""

    recording_id: int | None = int32("recordingID", required=True)


class DelRecording(serv.BodyContentType):
    """Request of DelRecording: moves a recording to the trash or deletes it."""

    recording_id: int | None = int32("recordingID", required=True)
    is_service_recording: bool | None = boolean("isServiceRecording")
    delete_permanently: bool | None = boolean("deletePermanently")


class DelRecordingResponse(serv.BodyContentType):
    """Answer to DelRecording."""

    recording_id: int | None = int32("recordingID", required=True)


class RecoverRecordingFromRecycleBin(serv.BodyContentType):
    """Request of RecoverRecordingFromRecycleBin: takes recordings out of the trash."""

    recording_id: list[int] = many(long("recordingID", since="10.0.0"), least=1, most=20)


class RecoverRecordingFromRecycleBinResponseSuccessfulRecoverRecordings(Record, anonymous=True):
    """The recordings that were restored."""

    recording_id: list[int] = many(long("recordingID"))


class RecoverRecordingFromRecycleBinResponse(serv.BodyContentType):
    """Answer to RecoverRecordingFromRecycleBin."""

    successful_recover_recordings: RecoverRecordingFromRecycleBinResponseSuccessfulRecoverRecordings | None = record(
        "successfulRecoverRecordings", RecoverRecordingFromRecycleBinResponseSuccessfulRecoverRecordings, since="10.0.0"
    )


class DelRecordingFromRecycleBin(serv.BodyContentType):
    """Request of DelRecordingFromRecycleBin: deletes recordings in the trash for good."""

    recording_id: list[int] = many(long("recordingID", since="10.0.0"), most=20)
    delete_all: bool | None = boolean("deleteAll", since="10.0.0")


class DelRecordingFromRecycleBinResponseFailedRecordings(Record, anonymous=True):
    """A recording that could not be deleted, and why."""

    recording_id: int | None = long("recordingID")
    reason_for_failure: str | None = string("reasonForFailure")


class DelRecordingFromRecycleBinResponse(serv.BodyContentType):
    """Answer to DelRecordingFromRecycleBin."""

    successful_recordings_count: int | None = int32("successfulRecordingsCount", since="10.0.0")
    failed_recordings: list[DelRecordingFromRecycleBinResponseFailedRecordings] = many(
        record("failedRecordings", DelRecordingFromRecycleBinResponseFailedRecordings, since="10.0.0")
    )


class LstRecordingInRecycleBin(serv.BodyContentType):
    """Request of LstRecordingInRecycleBin: lists the caller's recordings in the trash."""

    list_control: ListControlType | None = record("listControl", ListControlType, since="10.0.0")
    create_time_scope: CreateTimeScopeType | None = record("createTimeScope", CreateTimeScopeType, since="10.0.0")
    session_key: int | None = long("sessionKey", since="10.0.0")
    record_name: str | None = string("recordName", since="10.0.0")


class LstRecordingInRecycleBinResponse(serv.BodyContentType):
    """Answer to LstRecordingInRecycleBin."""

    matching_records: serv.MatchingRecordsType | None = record(
        "matchingRecords", serv.MatchingRecordsType, since="10.0.0"
    )
    recording: list[RecordingType] = many(record("recording", RecordingType, since="10.0.0"))
