"""The schema namespaces of the API: one `Schema` each, dependencies first.

Prefixes are those of real answers (facts/clients.md 17: clients look them up as strings, and the site module answers
with ns1); file paths are those of the published schema sets (facts/versions.md, section 1).
"""

from __future__ import annotations

from typing import Final

from parley.protocol.declare import Schema

_NAMESPACE = "http://www.webex.com/schemas/2002/06"
_PATH = "com/webex/schemas/2002/06"


def _schema(module: str, prefix: str, namespace: str, path: str, *, closed: bool = False) -> Schema:
    return Schema(
        module=module, prefix=prefix, namespace=f"{_NAMESPACE}/{namespace}", path=f"{_PATH}/{path}", closed=closed
    )


COMMON: Final = _schema("common", "com", "common", "common/common.xsd")
SERVICE: Final = _schema("service", "serv", "service", "service/service.xsd")
SESSION: Final = _schema("session", "sess", "service/session", "service/session/session.xsd")
ATTENDEE: Final = _schema("attendee", "att", "service/attendee", "service/attendee/attendee.xsd")
MEETING: Final = _schema("meeting", "meet", "service/meeting", "service/meeting/meeting.xsd")
TELECONFERENCE: Final = _schema(
    "teleconference", "auo", "service/meeting/auo", "service/meeting/teleconferenceonly.xsd"
)
MEETINGTYPE: Final = _schema("meetingtype", "mtgtype", "service/meetingtype", "service/meetingtype/meetingtype.xsd")
EP: Final = _schema("ep", "ep", "service/ep", "service/ep/ep.xsd")
EVENT: Final = _schema("event", "event", "service/event", "service/event/event.xsd")
SITE: Final = _schema("site", "ns1", "service/site", "service/site/site.xsd")
USER: Final = _schema("user", "use", "service/user", "service/user/user.xsd")
QTIASI: Final = _schema(
    "qtiasi", "qtiasi", "service/trainingsessionqtiasi", "service/training/training_ims_qtiasiv1p2.xsd", closed=True
)
QTIRES: Final = _schema("qtires", "qti", "service/trainingsessionqti", "service/training/training_ims_qtiresv1p2.xsd")
TRAINING: Final = _schema("training", "train", "service/trainingsession", "service/training/trainingsession.xsd")
SUPPORTSESSION: Final = _schema(
    "supportsession", "supp", "service/supportsession", "service/supportsession/supportsession.xsd"
)
SALES: Final = _schema("sales", "sales", "service/sales", "service/sales/sales.xsd")
HISTORY: Final = _schema("history", "history", "service/history", "service/history/history.xsd")

ALL: Final[tuple[Schema, ...]] = (
    COMMON,
    SERVICE,
    SESSION,
    ATTENDEE,
    MEETING,
    TELECONFERENCE,
    MEETINGTYPE,
    EP,
    EVENT,
    SITE,
    USER,
    QTIASI,
    QTIRES,
    TRAINING,
    SUPPORTSESSION,
    SALES,
    HISTORY,
)
