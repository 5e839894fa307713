"""The register of operations: name, request and answer types, who may call it. Services enter theirs by decorator.

Every service module has the same shape: functions of a context and a decoded request record that give back the
answer's record, each marked with `operation`. Who may call it stands in `roles`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from parley.protocol.declare import Record
from parley.services.rate_limits import Group, group_of
from parley.services.roles import Access, Rights, Row, row_of

if TYPE_CHECKING:
    from parley.services.context import Context


class Encoded(str):
    """An answer that is encoded already: the children of bodyContent, from a cache of encoded answers."""

    __slots__ = ()


Handler = Callable[["Context", Any], Awaitable["Record | Encoded"]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API.

    Attributes:
        module: the API's module, such as `meeting`.
        name: as the reference spells it, such as `CreateMeeting`.
        request, answer: the record types of contract/.
        row: who may call it on what.
        rights: what of the row is decided before the operation runs.
        group: the group of operations whose calls are limited together, None when they are not.
        since: version of the XML API that brought it.
        run: the function that does it.
        key_of: for operations on one session: reads the session key or UUID from the request, so that the session
            comes in the same read as the caller.
        with_account: so does all of the caller's account, for operations that mostly need it.
        subject_of: for operations that read an account: its casefolded webExID from the request, to the same end.
        summary: first line of the function's docstring.
    """

    module: str
    name: str
    request: type[Record]
    answer: type[Record]
    row: Row
    rights: Rights
    group: Group | None
    since: str
    run: Handler
    key_of: Callable[[Any], int | str | None] | None
    with_account: bool
    subject_of: Callable[[Any], str | None] | None
    summary: str

    @property
    def access(self) -> Access:
        """Who may call it, in one word."""
        return self.row.access


class DuplicateOperation(Exception):
    """Two functions claim the same operation: a defect found at import."""


__all__ = ["Access", "DuplicateOperation", "Encoded", "Handler", "Operation", "find", "operation", "operations"]

_OPERATIONS: Final[dict[str, Operation]] = {}
#: xsi:type texts met so far, so that the usual ones cost one look-up; bounded, since anybody can send any text.
_RESOLVED: Final[dict[str, Operation]] = {}
_MAX_RESOLVED: Final = 2000


def operation(
    module: str,
    *,
    request: type[Record],
    answer: type[Record],
    since: str = "5.9",
    key_of: Callable[[Any], int | str | None] | None = None,
    with_account: bool = False,
    subject_of: Callable[[Any], str | None] | None = None,
) -> Callable[[Handler], Handler]:
    """Enter a function as the operation of the request's type name (`CreateMeeting` for `createMeeting`).

    Raises:
        DuplicateOperation: the operation is there already.
        NoRow: `roles` does not say who may call it.
    """

    def enter(run: Handler) -> Handler:
        type_name = request.__declaration__.name
        name = type_name[0].upper() + type_name[1:]
        if name.lower() in _OPERATIONS:
            raise DuplicateOperation(name)
        row = row_of(name)
        summary = (run.__doc__ or "").strip().split("\n")[0]
        _OPERATIONS[name.lower()] = Operation(
            module=module,
            name=name,
            request=request,
            answer=answer,
            row=row,
            rights=Rights(row),
            group=group_of(name),
            since=since,
            run=run,
            key_of=key_of,
            with_account=with_account,
            subject_of=subject_of,
            summary=summary,
        )
        return run

    return enter


def find(type_name: str) -> Operation | None:
    """The operation that an xsi:type names, in any of the forms that clients send.

    `java:com.webex.service.binding.meeting.GetMeeting`, `meeting.GetMeeting` and `meet:getMeeting` are the same; the
    name after the last dot or colon decides, without letter case (facts/clients.md 5, facts/protocol.md "Envelope").
    """
    known = _RESOLVED.get(type_name)
    if known is not None:
        return known
    compact = "".join(type_name.split())
    name = compact.replace(":", ".").rsplit(".", 1)[-1].lower()
    found = _OPERATIONS.get(name)
    if found is not None and len(_RESOLVED) < _MAX_RESOLVED:
        _RESOLVED[type_name] = found
    return found


def operations() -> list[Operation]:
    """Every operation that is served, by module and name."""
    return sorted(_OPERATIONS.values(), key=lambda entry: (entry.module, entry.name))
