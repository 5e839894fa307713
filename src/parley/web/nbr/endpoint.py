"""The addresses of the services: `/nbr/services/` and the services below it, whatever their letter case.

A POST holds an envelope, whatever its content type says; a GET names the operation and its parameters in its query, or
asks for the WSDL. The host name may name the site, where the request does not.
Source: facts/general-session.md 10.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import parse_qsl

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from parley.domain.recording import Kind
from parley.protocol import faults as catalogue
from parley.protocol.credentials import Overloaded
from parley.protocol.faults import Fault
from parley.recordings.storage import FileMissing, StorageError
from parley.store.errors import Conflict, StoreUnavailable, Unstorable
from parley.web.nbr import faults, files, meetings, soap, uploading
from parley.web.nbr.declared import NAMESPACE, SERVICES, Operation, find_operation, find_service
from parley.web.nbr.door import Door, Proven
from parley.web.nbr.faults import NbrFault
from parley.web.nbr.multipart import Content, Message, new_names
from parley.web.nbr.reading import Attachments, Gone, read_body
from parley.web.nbr.soap import Call, Document
from parley.web.nbr.sounds import sound_of
from parley.web.nbr.tickets import Tickets
from parley.web.nbr.wsdl import wsdl
from parley.web.render import PRIVATE

if TYPE_CHECKING:
    from parley.services.application import Application

_XML: Final = "text/xml; charset=utf-8"
_HEADERS: Final = {**PRIVATE, "X-Content-Type-Options": "nosniff"}
_LABEL: Final = re.compile("[a-z0-9-]{1,63}")
_MOST_VALUES: Final = 64
_DONE: Final = "true"
#: Words for yes in a parameter.
_YES: Final = frozenset({"true", "1", "yes"})

_log = structlog.get_logger("parley.nbr")


class Asked(NamedTuple):
    """One request.

    Attributes:
        values: the parameters by their names in the WSDL; what was not sent is empty.
        parts: what follows the document.
    """

    request: Request
    values: dict[str, str]
    parts: Attachments | None


Returned = str | Document | list[Content]


class NbrServices:
    """The services.

    Args:
        secret: 32 bytes that all processes share, for tickets.
    """

    def __init__(self, application: Application, secret: bytes) -> None:
        self._application = application
        self._door = Door(application, Tickets(secret))
        self._operations: dict[str, Callable[[Asked], Awaitable[Returned]]] = {
            "getStorageAccessTicket": self._storage_ticket,
            "downloadNBRStorageFile": self._download,
            "getNBRStorageFile": self._files_of_meeting,
            "deleteNBRStorageFile": self._delete,
            "downloadWAVFlie": self._sound,
            "getMeetingTicket": self._meeting_ticket,
            "getNBRConfIdList": self._conferences,
            "getMeetingXml": self._meeting,
            "deleteMeetingXml": self._delete_meeting,
            "getNBRRecordIdList": self._recordings,
            "getSCXml": self._support_meeting,
            "getSCXmlReport": self._report,
            "getNBRXmlForReport": self._report,
            "downloadFile": self._download_by_password,
            "uploadRecording": self._upload,
            "deleteUploadedRecording": self._delete_uploaded,
        }

    def routes(self) -> list[BaseRoute]:
        """The routes."""
        ways = ["GET", "POST"]
        return [
            Route("/nbr/services", self._answer, methods=ways),
            Route("/nbr/services/", self._answer, methods=ways),
            Route("/nbr/services/{service}", self._answer, methods=ways),
            Route("/nbr/services/{service}/", self._answer, methods=ways),
        ]

    # ---- from a request to its answer ------------------------------------------------------------------------------

    async def _answer(self, request: Request) -> Response:
        name = request.path_params.get("service", "")
        service = find_service(name) if name else None
        if name and service is None:
            return _plain(f"There is no such service. These are here:\n{_listed()}", 404)
        try:
            return await self._answered(request, service)
        except Gone:
            return _plain("The request broke off.\n", 408, {"Connection": "close"})
        except NbrFault as fault:
            return _fault(fault, request)
        except Fault as fault:
            return _fault(faults.of(fault), request)
        except FileMissing:
            return _fault(faults.no_recording(), request)
        except (Conflict, Overloaded, StoreUnavailable, StorageError) as error:
            _log.warning("nbr_not_answered", reason=str(error))
            return _fault(faults.of(catalogue.BUSY()), request)
        except Unstorable:
            return _fault(faults.not_understood("a value in it cannot be kept"), request)
        except Exception:
            reference = secrets.token_hex(6)
            _log.exception("nbr_failed", reference=reference)
            return _fault(faults.of(catalogue.INTERNAL(reference=reference)), request)

    async def _answered(self, request: Request, service: str | None) -> Response:
        parts: Attachments | None = None
        if request.method == "GET":
            query = _query(request)
            method = next((value for key, value in query if key.strip().lower() == "method"), "")
            if not method:
                return self._about(request, service)
            call = Call(method, NAMESPACE, [each for each in query if each[0].strip().lower() != "method"])
        else:
            config = self._application.config
            document, parts = await read_body(request, config.max_request_bytes, config.max_body_seconds)
            call = soap.read_call(document)
        operation = find_operation(call.name)
        if operation is None:
            raise faults.no_operation(call.name)
        values = soap.arguments(operation, call.sent)
        returned = await self._operations[operation.name](Asked(request, values, parts))
        return _written(call, operation, returned)

    def _about(self, request: Request, service: str | None) -> Response:
        """The WSDL of a service, or what there is."""
        if service is None:
            return _plain(f"Web services of recordings:\n{_listed()}")
        if any(key.strip().lower() == "wsdl" for key, _ in _query(request)):
            return Response(wsdl(service, self._address(request, service)), headers={**_HEADERS, "Content-Type": _XML})
        return _plain(f"{service}: POST a SOAP envelope to this address, or ask for {service}?wsdl\n")

    def _address(self, request: Request, service: str) -> str:
        """Where a service is called: on the server's public address."""
        label = request.headers.get("host", "").partition(".")[0].partition(":")[0].lower()
        base = self._application.config.base_url
        return f"{base.replace('{site}', label if _LABEL.fullmatch(label) else 'www')}/nbr/services/{service}"

    async def _by_ticket(self, asked: Asked, name: str = "ticket") -> Proven:
        return await self._door.by_ticket(asked.request, asked.values["siteId"], asked.values[name])

    async def _by_password(self, asked: Asked, user: str) -> Proven:
        values = asked.values
        return await self._door.by_password(asked.request, values["siteId"], values[user], values["password"])

    # ---- NBRStorageService -----------------------------------------------------------------------------------------

    async def _storage_ticket(self, asked: Asked) -> str:
        return self._door.ticket(await self._by_password(asked, "username"))

    async def _download(self, asked: Asked) -> list[Content]:
        return await self._file(await self._by_ticket(asked), asked.values["recordId"])

    async def _file(self, proven: Proven, record_id: str) -> list[Content]:
        row = await files.found(proven.context, record_id)
        return await files.attachments(self._application, proven.context, row)

    async def _files_of_meeting(self, asked: Asked) -> Document:
        """The recordings of a meeting; without one those of a time."""
        proven, values = await self._by_ticket(asked), asked.values
        wanted = files.Narrowed.of(values["fileType"], values["fromDate"], values["toDate"])
        if files.number_of(values["confId"]) is not None:
            rows = await files.of_meeting(proven.context, values["confId"])
        elif wanted.bounded and values["confId"] in ("", "0"):
            rows = [row async for row in files.every(proven.context)]
        else:
            raise faults.no_meeting()
        return files.numbers([row for row in rows if wanted.has(row)])

    async def _delete(self, asked: Asked) -> str:
        proven, values = await self._by_ticket(asked), asked.values
        row = await files.found(proven.context, values["recordId"])
        if values["confId"] not in ("", "0") and files.number_of(values["confId"]) != row.conf_id:
            raise faults.no_recording()
        await files.delete(self._application, proven, row)
        return _DONE

    async def _sound(self, asked: Asked) -> list[Content]:
        """The sound of every recording of a meeting, each after its text."""
        proven = await self._by_ticket(asked)
        contents: list[Content] = []
        try:
            for row in await files.of_meeting(proven.context, asked.values["confId"]):
                sound = await sound_of(self._application, row)
                contents += [files.about(f"{files.stem(row)}.wav", sound.size), sound]
                await files.count(self._application, proven.context, row)
        except BaseException:
            for each in contents:
                each.close()
            raise
        return contents

    # ---- nbrXmlService ---------------------------------------------------------------------------------------------

    async def _meeting_ticket(self, asked: Asked) -> str:
        """A ticket; what goes wrong is a normal answer too."""
        sent = asked.values["service"].upper()
        if sent and sent not in meetings.SERVICES:
            return faults.as_ticket(catalogue.INVALID_VALUE(path="service", problem="MC, TC, EC, SC or SaC"))
        try:
            proven = await self._by_password(asked, "username")
        except Fault as fault:
            return faults.as_ticket(fault)
        return self._door.ticket(proven, meetings.SERVICES.get(sent, ""))

    async def _conferences(self, asked: Asked) -> Document:
        proven = await self._by_ticket(asked)
        return await meetings.conferences(proven.context, proven.service)

    async def _meeting(self, asked: Asked) -> Document:
        proven = await self._by_ticket(asked)
        return await meetings.document(proven.context, asked.values["confId"])

    async def _support_meeting(self, asked: Asked) -> Document:
        proven = await self._by_ticket(asked)
        return await meetings.document(proven.context, asked.values["confId"], meetings.SERVICES["SC"])

    async def _delete_meeting(self, asked: Asked) -> str:
        await meetings.delete((await self._by_ticket(asked)).context, asked.values["confId"])
        return _DONE

    async def _recordings(self, asked: Asked) -> Document:
        proven = await self._by_password(asked, "userName")
        return files.numbers([row async for row in files.every(proven.context)])

    async def _report(self, asked: Asked) -> Document:
        """Nothing here hands out the key that opens a report."""
        raise faults.no_report()

    # ---- NBRFileOpenService ----------------------------------------------------------------------------------------

    async def _download_by_password(self, asked: Asked) -> list[Content]:
        return await self._file(await self._by_password(asked, "userName"), asked.values["recordId"])

    async def _upload(self, asked: Asked) -> str:
        if asked.request.method != "POST":
            raise faults.parameter("dh", "a file comes with a POST")
        proven = await self._by_ticket(asked, "appToken")
        return str(await uploading.upload(self._application, proven.context, asked.values, asked.parts))

    async def _delete_uploaded(self, asked: Asked) -> str:
        """Throw an uploaded recording away, for good where the file is to go too."""
        proven = await self._by_ticket(asked, "appToken")
        row = await files.found(proven.context, asked.values["recordId"])
        if row.kind is not Kind.UPLOADED:
            raise faults.no_recording()
        for_good = asked.values["deleteRomoteFile"].lower() in _YES
        await files.delete(self._application, proven, row, for_good=for_good)
        return _DONE


def _written(call: Call, operation: Operation, returned: Returned) -> Response:
    if isinstance(returned, list):
        names = new_names(len(returned))
        return Message(soap.write_answer(call, operation, names), names, returned)
    return Response(soap.write_answer(call, operation, returned), headers={**_HEADERS, "Content-Type": _XML})


def _fault(fault: NbrFault, request: Request) -> Response:
    """A fault; what else the sender has to say is not waited for."""
    more = {"Connection": "close"} if request.method == "POST" else {}
    return Response(soap.write_fault(fault), 500, headers={**_HEADERS, **more, "Content-Type": _XML})


def _query(request: Request) -> list[tuple[str, str]]:
    try:
        return parse_qsl(request.url.query, keep_blank_values=True, errors="replace", max_num_fields=_MOST_VALUES)
    except ValueError:
        raise faults.not_understood("it has too many parameters") from None


def _listed() -> str:
    return "".join(f"  /nbr/services/{service}?wsdl\n" for service in SERVICES)


def _plain(text: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return PlainTextResponse(text, status, {**_HEADERS, **(headers or {})})
