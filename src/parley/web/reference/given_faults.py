"""Which faults an operation can answer with, found in its code.

A list beside the code would not stay right. So the compiled functions are read: from the operation's function to those
of services and domain that it names, and on. A function may be named that this operation never reaches, so the list
is rather too long than too short.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final

from parley.protocol import envelope, faults
from parley.protocol.faults import Kind
from parley.services import dispatcher
from parley.services.rate_limits import RateCounters
from parley.services.registry import Operation
from parley.services.roles import Role

_KINDS: Final = {name: kind for name, kind in vars(faults).items() if isinstance(kind, Kind)}
_ROOMS: Final = ("parley.services", "parley.domain", "parley.store", "parley.protocol.faults")
_SIGNING_IN: Final = (*_ROOMS, "parley.protocol")
#: Values of a module are looked into so deep for functions and faults: tables of rules.
_DEPTH: Final = 3


@cache
def faults_of(operation: Operation) -> tuple[Kind, ...]:
    """What the operation can be refused with, by code; before that it can be with any of `faults_of_all`."""
    found = _Search(_ROOMS).run(operation.run)
    found |= {kind for role in Role if (kind := operation.row.outcome(role))}
    return _sorted(found)


@cache
def faults_of_all() -> tuple[Kind, ...]:
    """What a call of any operation can be refused with: of the document, the caller, the site."""
    found: set[Kind] = set()
    search = _Search(_SIGNING_IN)
    for start in (dispatcher.answer_document, envelope.read_message, RateCounters):
        found = search.run(start)
    found |= {faults.TOO_LARGE, faults.TOO_SLOW}  # of the HTTP endpoint, before there is a document
    return _sorted(found)


def _sorted(found: set[Kind]) -> tuple[Kind, ...]:
    return tuple(sorted(found, key=lambda kind: (kind.code, kind.reason)))


class _Search:
    """Looks for faults in functions and in what these name, below modules with one of the given names."""

    def __init__(self, rooms: tuple[str, ...]) -> None:
        self._rooms = rooms
        self._seen: set[int] = set()
        self._found: set[Kind] = set()

    def run(self, start: Callable[..., Any]) -> set[Kind]:
        """Every fault that is named in the function or further on."""
        self._look(start, 0)
        return self._found

    def _look(self, value: Any, depth: int) -> None:
        if isinstance(value, Kind):
            self._found.add(value)
            return
        if value is faults.CATALOGUE or id(value) in self._seen or depth > _DEPTH:
            return
        if isinstance(value, (FunctionType, type)):
            if not (value.__module__ or "").startswith(self._rooms):
                return
            self._seen.add(id(value))
            for inner in self._named(value) if isinstance(value, FunctionType) else _members(value):
                self._look(inner, 0)
        elif isinstance(value, (tuple, list, frozenset)):
            for inner in value:
                self._look(inner, depth + 1)
        elif isinstance(value, dict):
            for inner in value.values():
                self._look(inner, depth + 1)
        elif type(value).__module__.startswith(self._rooms):
            self._look(type(value), 0)

    def _named(self, function: FunctionType) -> Iterator[Any]:
        """What the code of a function names: functions, classes, faults and tables of modules."""
        wrapped = getattr(function, "__wrapped__", None)
        if wrapped is not None:
            yield wrapped
        for code in _codes(function.__code__):
            for name in code.co_names:
                late = name.startswith(self._rooms) and "." in name  # an import inside the function
                value = import_module(name) if late else function.__globals__.get(name)
                if value is faults:
                    yield from (_KINDS[each] for each in code.co_names if each in _KINDS)
                if isinstance(value, ModuleType):
                    if value.__name__.startswith(self._rooms):
                        yield from (vars(value)[each] for each in code.co_names if each in vars(value))
                elif value is not None:
                    yield value


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for value in code.co_consts:
        if isinstance(value, CodeType):
            yield from _codes(value)


def _members(cls: type) -> Iterator[FunctionType | Kind]:
    for value in vars(cls).values():
        inner = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
        if isinstance(inner, (FunctionType, Kind)):
            yield inner
