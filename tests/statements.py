"""Whether a statement stays within one site: what a database that is spread over machines by site can route.

`faults_of` reads the text that is sent to the driver, with a parser that knows nothing of this program. Every test of
the suite is watched (`Watch`, in tests/conftest.py): each statement that the program made for it is checked once.

What is asked of a statement on tables that are spread (parley.store.spread):

- SELECT, UPDATE and DELETE bind `site_id` of every such table, in subqueries too: to a value, or by equality to a
  `site_id` that is bound, be it of a table beside it, of the query around it or of a subquery that it joins;
- INSERT gives `site_id`, and ON CONFLICT names it;
- no UPDATE changes it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final

import sqlglot
from sqlglot import exp

from parley.store import query, tables
from parley.store.spread import COLUMN, REPLICATED

_SPREAD: Final = frozenset(tables.metadata.tables) - frozenset(REPLICATED)
_VALUES: Final = (exp.Placeholder, exp.Parameter, exp.Literal)
_SCOPES: Final = (exp.Select, exp.Update, exp.Delete)


def faults_of(text: str, dialect: str) -> list[str]:
    """What keeps a statement from being routed by its site; empty when nothing does.

    Args:
        text: as it is sent.
        dialect: "sqlite" or "postgres".
    """
    return list(_faults(text, dialect))


@cache
def _faults(text: str, dialect: str) -> tuple[str, ...]:
    tree = sqlglot.parse_one(text, read=dialect)
    found = [fault for insert in tree.find_all(exp.Insert) for fault in _of_insert(insert)]
    for scope in tree.find_all(*_SCOPES):
        found += _of_scope(scope)
    return tuple(found)


def _of_insert(insert: exp.Insert) -> Iterator[str]:
    into = insert.this
    table = into.this if isinstance(into, exp.Schema) else into
    if table.name not in _SPREAD:
        return
    names = [column.name for column in into.expressions] if isinstance(into, exp.Schema) else []
    if COLUMN not in names:
        yield f"INSERT into {table.name} without {COLUMN}"
    conflict = insert.args.get("conflict")
    keys = conflict.args.get("conflict_keys") if conflict is not None else None
    if conflict is not None and COLUMN not in [column.name for key in keys or () for column in _columns(key)]:
        yield f"ON CONFLICT of {table.name} without {COLUMN}"


def _columns(key: exp.Expr) -> list[exp.Identifier]:
    return list(key.find_all(exp.Identifier))


def _of_scope(scope: exp.Expr) -> Iterator[str]:
    sources = dict(_sources(scope))
    classes = _Classes(sources)
    for condition in _conditions(scope):
        classes.take(condition)
    for name, table in sources.items():
        if table in _SPREAD and not classes.is_bound(name):
            kind = type(scope).__name__.upper()
            yield f"{kind} on {table}{'' if name == table else f' as {name}'} does not bind {COLUMN}"
    if isinstance(scope, exp.Update):
        changed = [each.this.name for each in scope.expressions if isinstance(each, exp.EQ)]
        if COLUMN in changed:
            yield f"UPDATE of {scope.this.name} changes {COLUMN}"


def _sources(scope: exp.Expr) -> Iterator[tuple[str, str | None]]:
    """What a statement reads, by the name it has there; a subquery or a WITH member has no table."""
    joined = [join.this for join in scope.args.get("joins") or ()]
    begin = scope.args.get("from_") or scope.args.get("from")
    first = [begin.this] if begin is not None else []
    own = [scope.this] if isinstance(scope, (exp.Update, exp.Delete)) else []
    for source in (*own, *first, *joined):
        if isinstance(source, exp.Table):
            known = source.name in tables.metadata.tables
            yield source.alias_or_name, source.name if known else None
            joined_to_it = [join.this for join in source.args.get("joins") or ()]
            assert not joined_to_it, "joins in brackets are not read here"
        else:
            yield source.alias_or_name, None


def _conditions(scope: exp.Expr) -> Iterator[exp.Expr]:
    """What has to hold of every row, each part that AND joins."""
    where = scope.args.get("where")
    parts = [where.this] if where is not None else []
    parts += [on for join in scope.args.get("joins") or () if (on := join.args.get("on")) is not None]
    while parts:
        part = parts.pop()
        if isinstance(part, exp.And):
            parts += [part.left, part.right]
        elif isinstance(part, exp.Paren):
            parts.append(part.this)
        else:
            yield part


class _Classes:
    """Which sources of a statement have the same site, and whether it is known."""

    def __init__(self, sources: dict[str, str | None]) -> None:
        self._sources = sources
        self._of = {name: {name} for name in sources}
        # The rows of a subquery are of the site that it binds itself.
        self._bound = {name for name, table in sources.items() if table is None}

    def take(self, condition: exp.Expr) -> None:
        """Read an equality; all else tells nothing."""
        if not isinstance(condition, exp.EQ):
            return
        sides = [self._side(side) for side in (condition.left, condition.right)]
        if None in sides:
            return
        (one, known_one), (other, known_other) = sides  # type: ignore[misc]
        if one is not None and other is not None:
            both = self._of[one] | self._of[other]
            for name in both:
                self._of[name] = both
        elif one is not None and known_other:
            self._bound.add(one)
        elif other is not None and known_one:
            self._bound.add(other)

    def _side(self, side: exp.Expr) -> tuple[str | None, bool] | None:
        """The source whose site stands there, or that a known value does; None for anything else."""
        while isinstance(side, (exp.Cast, exp.Paren)):
            side = side.this
        if isinstance(side, _VALUES):
            return None, True
        if not isinstance(side, exp.Column) or side.name != COLUMN:
            return None
        if side.table in self._sources:
            return side.table, False
        if side.table:
            return None, True  # of a query around this one, which is checked by itself
        return (next(iter(self._sources)), False) if len(self._sources) == 1 else None

    def is_bound(self, name: str) -> bool:
        """Whether the site of a source is known."""
        return bool(self._of[name] & self._bound)


class Watch:
    """Keeps the texts of statements that the program makes, from `begin` on.

    Args:
        others: the beginning of the names of modules whose statements are not looked at.
    """

    def __init__(self, others: str = "tests.") -> None:
        self._others = others
        self._new: list[tuple[str, str]] = []
        self._seen: set[tuple[str, str]] = set()
        self._left_out: dict[int, object] = {}

    def begin(self) -> Callable[[], None]:
        """Look at every statement that is compiled in this process; what comes back ends it."""
        compile_it, make = query._compile, query.Query.__init__

        def compiled(statement: Any, names: tuple[str, ...], dialect: Any) -> query.Compiled:
            done = compile_it(statement, names, dialect)
            if id(statement) not in self._left_out:
                self._note(done[0], "sqlite" if dialect.name == "sqlite" else "postgres")
            return done

        def made(self_: query.Query, statement: Any, *names: str, table: Any = None) -> None:
            if _caller().startswith(self._others):
                self._left_out[id(statement)] = statement
            make(self_, statement, *names, table=table)

        def end() -> None:
            query._compile, query.Query.__init__ = compile_it, make  # type: ignore[method-assign]

        query._compile, query.Query.__init__ = compiled, made  # type: ignore[method-assign, assignment]
        return end

    def _note(self, text: str, dialect: str) -> None:
        if (text, dialect) not in self._seen:
            self._seen.add((text, dialect))
            self._new.append((text, dialect))

    def faults(self) -> list[str]:
        """What is wrong with statements that nobody looked at yet."""
        some, self._new = self._new, []
        return [f"{fault}: {text}" for text, dialect in some for fault in faults_of(text, dialect)]

    def seen(self) -> frozenset[tuple[str, str]]:
        """All texts so far, each with its dialect."""
        return frozenset(self._seen)


def _caller() -> str:
    """The module that makes a query, whatever helps it to."""
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_globals.get("__name__") in (query.__name__, __name__):
        frame = frame.f_back
    return str(frame.f_globals.get("__name__", ""))


WATCH: Final = Watch()
