"""The three services: their operations with parameters and answers, said once for reading, answering and the WSDL.

Source: facts/general-session.md 10 "Operations".
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

#: Namespace of the operations; older programs send the bare name of the service instead.
NAMESPACE: Final = "http://wbxservice.nbr.webservice.webex.com"


class Kind(StrEnum):
    """What a parameter or an answer is."""

    LONG = "long"
    INT = "int"
    STRING = "string"
    BOOLEAN = "boolean"
    MOMENT = "dateTime"
    DOCUMENT = "Document"
    """XML inside of the answer."""
    FILE = "DataHandler"
    """An attachment of the request."""
    FILES = "ArrayOf_DataHandler"
    """Attachments of the answer."""


class Parameter(NamedTuple):
    """One parameter, by its name in the WSDL."""

    name: str
    kind: Kind = Kind.STRING


class Operation(NamedTuple):
    """One operation.

    Attributes:
        answer: what its Return is.
        short: so many parameters has an older form of it, with the same name.
        alias: another name that programs call it by.
    """

    name: str
    parameters: tuple[Parameter, ...]
    answer: Kind = Kind.STRING
    short: int | None = None
    alias: str | None = None


_SITE: Final = Parameter("siteId", Kind.LONG)
_CONF: Final = Parameter("confId", Kind.LONG)
_RECORD: Final = Parameter("recordId", Kind.LONG)
_TICKET: Final = Parameter("ticket")
_PASSWORD: Final = Parameter("password")
_HASH: Final = Parameter("hashKey")
_APP: Final = Parameter("appToken")
_OF_MEETING: Final = (_SITE, _CONF, _TICKET)

SERVICES: Final[dict[str, tuple[Operation, ...]]] = {
    "NBRStorageService": (
        Operation("getStorageAccessTicket", (_SITE, Parameter("username"), _PASSWORD)),
        Operation("downloadNBRStorageFile", (_SITE, _RECORD, _TICKET), Kind.FILES),
        Operation(
            "getNBRStorageFile",
            (*_OF_MEETING, Parameter("fileType"), Parameter("fromDate", Kind.MOMENT), Parameter("toDate", Kind.MOMENT)),
            Kind.DOCUMENT,
            short=3,
        ),
        Operation("deleteNBRStorageFile", (_SITE, _CONF, _RECORD, _TICKET)),
        # the letters are as the known WSDL has them; its text has them in the right order
        Operation("downloadWAVFlie", _OF_MEETING, Kind.FILES, alias="downloadWAVFile"),
    ),
    "nbrXmlService": (
        Operation("getMeetingTicket", (_SITE, Parameter("username"), _PASSWORD, Parameter("service"))),
        Operation("getNBRConfIdList", (_SITE, _TICKET), Kind.DOCUMENT),
        Operation("getMeetingXml", _OF_MEETING, Kind.DOCUMENT),
        Operation("deleteMeetingXml", _OF_MEETING),
        Operation("getNBRRecordIdList", (_SITE, Parameter("userName"), _PASSWORD), Kind.DOCUMENT),
        Operation("getSCXml", _OF_MEETING, Kind.DOCUMENT),
        Operation("getSCXmlReport", (_SITE, _CONF, _HASH), Kind.DOCUMENT),
        Operation("getNBRXmlForReport", (_SITE, _CONF, _HASH), Kind.DOCUMENT),
    ),
    "NBRFileOpenService": (
        Operation(
            "downloadFile",
            (_SITE, Parameter("serviceName"), Parameter("userName"), _PASSWORD, _RECORD),
            Kind.FILES,
        ),
        Operation(
            "uploadRecording",
            (
                Parameter("dh", Kind.FILE),
                _SITE,
                Parameter("userId"),
                Parameter("recordName"),
                Parameter("fileType"),
                Parameter("filesize", Kind.LONG),
                Parameter("duration", Kind.LONG),
                Parameter("serviceType", Kind.INT),
                _APP,
            ),
            Kind.LONG,
        ),
        # the letters of the last parameter are as the known WSDL has them
        Operation(
            "deleteUploadedRecording",
            (_SITE, _RECORD, _APP, Parameter("deleteRomoteFile", Kind.BOOLEAN)),
            Kind.BOOLEAN,
        ),
    ),
}

_SERVICES: Final = {name.casefold(): name for name in SERVICES}
_OPERATIONS: Final = {
    name.casefold(): each
    for operations in SERVICES.values()
    for each in operations
    for name in (each.name, each.alias)
    if name is not None
}


def find_service(name: str) -> str | None:
    """The service of this name, whatever its letter case."""
    return _SERVICES.get(name.casefold())


def find_operation(name: str) -> Operation | None:
    """The operation of this name, whatever its letter case; names are the same in no two services."""
    return _OPERATIONS.get(name.strip().casefold())
