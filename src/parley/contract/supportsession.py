"""Support sessions (namespace .../service/supportsession)."""

from __future__ import annotations

from parley.contract import common as com
from parley.contract import schemas
from parley.contract import service as serv
from parley.protocol.declare import Record, integer, long, record

SCHEMA = schemas.SUPPORTSESSION


class MetaDataType(Record):
    """Kind of the support session."""

    session_type: int | None = integer("sessionType", default="-1")


class SupportType(serv.BodyContentType):
    """A support session as it is started."""

    meta_data: MetaDataType | None = record("metaData", MetaDataType)
    tracking: com.TrackingType | None = record("tracking", com.TrackingType)


class SupportInstanceType(SupportType):
    """A support session with its key."""

    session_key: int | None = long("sessionKey", required=True)


class CreateSupportSession(SupportType):
    """Request of CreateSupportSession: starts a support session."""


class CreateSupportSessionResponse(serv.BodyContentType):
    """Answer to CreateSupportSession."""

    session_key: int | None = long("sessionKey")
