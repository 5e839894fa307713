"""From a document to its answer: finds the operation, proves the caller, runs the operation, encodes the result.

Whatever happens, the caller gets an answer in the API's own form: faults as they are, defects of ours as a fault with
a reference that the log has too.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from parley.contract import SCHEMAS
from parley.protocol import faults
from parley.protocol.answer import Result, write_answer
from parley.protocol.codec import Problems, answer_encoder, decoder, encoder
from parley.protocol.declare import Record
from parley.protocol.envelope import Content, read_children, read_message
from parley.protocol.faults import Fault, SubError
from parley.protocol.versions import LEVELS, Level
from parley.seeing import asked as asking
from parley.seeing import tracing
from parley.services import signin
from parley.services.application import Application
from parley.services.context import Context
from parley.services.registry import Encoded, Operation, find
from parley.services.signin import Credentials
from parley.store.errors import Conflict, Duplicate, StoreUnavailable, Unstorable

#: How often an operation is run again when somebody else changed the same rows in between.
_MAX_TRIES: Final = 12

_NO_SPAN: Final = contextlib.nullcontext()
_log = structlog.get_logger("parley.operations")


@dataclass(frozen=True, slots=True)
class FormCredentials:
    """Fields of an old form post; they count where the document's securityContext has no such value."""

    user: str | None
    password: str | None = field(repr=False)
    site_id: str | None
    partner_id: str | None


async def answer_document(
    application: Application, document: bytes, form: FormCredentials | None, scope: MutableMapping[str, Any]
) -> bytes:
    """Answer one request document.

    Args:
        document: the XML as it came.
        form: credentials of a form post, if it was one.
        scope: the ASGI scope of the request: its host name may name the site, its client address counts for the
            brake on password guessing.
    """
    try:
        message = read_message(document)
        credentials = signin.read_credentials(message.security_context, form, scope)
    except Fault as fault:
        return write_answer([_failed(None, fault)])
    except Exception:
        return write_answer([_defect(None)])
    return await answer_contents(application, message.contents, credentials)


async def answer_contents(application: Application, contents: Sequence[Content], credentials: Credentials) -> bytes:
    """Answer what a message asks for, in the name of whoever the credentials are right for.

    Args:
        contents: as `read_message` gives them.
    """
    return write_answer([await _answer_content(application, each, credentials) for each in contents])


async def _answer_content(application: Application, content: Content, credentials: Credentials) -> Result:
    operation = None
    try:
        operation = _operation_of(content)
        if (asked := asking.current()) is not None:
            asked.operation = operation.name
        with tracing.span(operation.name) if tracing.tracer else _NO_SPAN:
            return await _run(application, operation, content, credentials)
    except Fault as fault:
        return _failed(operation, fault)
    except Conflict:
        return _failed(operation, faults.BUSY())
    except StoreUnavailable as error:
        _log.warning("store unavailable", operation=operation and operation.name, error=str(error))
        return _failed(operation, faults.BUSY())
    except Unstorable:
        return _failed(operation, faults.INVALID_VALUE(path="bodyContent", problem="a value in it cannot be kept"))
    except Exception:
        return _defect(operation)


def _defect(operation: Operation | None) -> Result:
    """The result when something went wrong that should not; to be called while the exception is handled."""
    reference = secrets.token_hex(6)
    _log.exception("operation failed", operation=operation and operation.name, reference=reference)
    return _failed(operation, faults.INTERNAL(reference=reference))


def _failed(operation: Operation | None, fault: Fault) -> Result:
    if (asked := asking.current()) is not None:
        asked.code = fault.code
    return Result(operation.module if operation else None, fault=fault)


def _operation_of(content: Content) -> Operation:
    if not content.type_name.strip():
        raise faults.NO_OPERATION_NAMED()
    operation = find(content.type_name)
    if operation is None:
        shown = "".join(c for c in content.type_name.strip()[:80] if c.isprintable())
        raise faults.UNKNOWN_OPERATION(name=shown)
    return operation


async def _run(application: Application, operation: Operation, content: Content, credentials: Credentials) -> Result:
    level, answer = await _answered(application, operation, content.element, credentials)
    return Result(operation.module, _type_name(operation), _encode(answer, operation, level))


async def answer_record(application: Application, request: Record, credentials: Credentials) -> Record:
    """Run the operation of a request that did not come as a document; all that holds for documents holds for it.

    Args:
        request: the record of the request; its values are checked as those of a document are.

    Raises:
        Fault: what a document would be answered with.
        Conflict: others were always quicker.
    """
    operation = find(request.__declaration__.name)
    if operation is None:
        raise faults.UNKNOWN_OPERATION(name=request.__declaration__.name)
    element = read_children(encoder(type(request), LEVELS[-1])(request), SCHEMAS)
    level, answer = await _answered(application, operation, element, credentials)
    if isinstance(answer, Encoded):
        return decoder(operation.answer, level)(read_children(answer, SCHEMAS), Problems())
    return answer


async def _answered(
    application: Application, operation: Operation, element: Any, credentials: Credentials
) -> tuple[Level, Record | Encoded]:
    """The answer of an operation to the content of a request, and the level of the site."""
    counted = operation.group is None
    staged: Fault | None = None
    for attempt in range(_MAX_TRIES):
        site = await signin.find_site(application, credentials)
        if (asked := asking.current()) is not None:
            asked.site = site.site.name
        if application.stage is not None and not attempt:
            staged = await application.stage.enter(operation.name, site.site.site_id, credentials)
        problems = Problems()
        request = decoder(operation.request, site.level)(element, problems)
        key = operation.key_of(request) if operation.key_of else None
        context = await signin.identify(
            application,
            site,
            credentials,
            key,
            operation.rights,
            with_account=operation.with_account,
            subject_key=operation.subject_of(request) if operation.subject_of else None,
        )
        if context is None:  # the site changed since it was read
            continue
        if asked is not None and not context.is_anonymous:
            asked.caller = context.caller.web_ex_id
        if not counted:
            counted = True
            await _count(context, operation, credentials)
        _refuse_problems(request, problems, strict=site.settings.strict_requests)
        try:
            answer = await operation.run(context, request)
        except (Conflict, Duplicate):  # of random keys one may be taken already; the next try draws others
            continue
        if staged is not None:
            raise staged
        return site.level, answer
    raise Conflict


async def _count(context: Context, operation: Operation, credentials: Credentials) -> None:
    """Count a call where the site wants that.

    Raises:
        Fault: 000045, one call too many.
    """
    limits = context.site.settings.rate_limits
    if limits.mode != "off" and operation.group is not None:
        caller = credentials.address if context.is_anonymous else context.caller.user_id
        site_id = context.site.site.site_id
        await context.application.rates.count(limits, site_id, caller, operation.group, context.now)


def _encode(answer: Record | Encoded, operation: Operation, level: Level) -> str:
    return answer if isinstance(answer, Encoded) else answer_encoder(operation.answer, level)(answer)


def _type_name(operation: Operation) -> str:
    return f"{operation.answer.__declaration__.schema.prefix}:{operation.answer.__declaration__.name}"


def _refuse_problems(request: Record, problems: Problems, *, strict: bool) -> None:
    """Raise the first problem of a request, or with validateFormat all of them together."""
    if not problems.items and not (strict and problems.unknown):
        return
    found = [faults.INVALID_VALUE(path=p.path, problem=p.message) for p in problems.items]
    if strict:
        found += [faults.UNKNOWN_ELEMENT(path=path) for path in problems.unknown]
    if len(found) == 1 or not getattr(request, "validate_format", None):
        raise found[0]
    subs = tuple(SubError(fault.code, fault.reason) for fault in found)
    summary = faults.FORMAT_PROBLEMS(count=len(found))
    raise Fault(summary.code, summary.reason, sub_errors=subs)
