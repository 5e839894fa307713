"""A set of writes that happen together or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from parley.store.query import Args, Insert, Query


class Step(NamedTuple):
    """One statement of a set: `args` for a `Query`; several `rows` for an `Insert`."""

    query: Query
    args: Args
    rows: list[Args] | None
    expect: int | None


class Changes:
    """Writes of one transaction.

    They run in the order of the tables (parents before children, so that two sets never wait for each
    other crosswise), within a table as added. Unless `sequential`, no statement may depend on what another
    one of the set does, and no row may be written twice: PostgreSQL gets them as one statement.
    """

    __slots__ = ("_steps", "_tallies", "sequential")

    def __init__(self, *, sequential: bool = False) -> None:
        self.sequential = sequential
        self._steps: list[Step] = []
        self._tallies: dict[tuple[Query, Args], int] = {}

    def add(self, query: Query, *args: Any, expect: int | None = None) -> None:
        """Run `query`; if the number of rows it touched is not `expect`, all is undone (Conflict)."""
        self._steps.append(Step(query, args, None, expect))

    def insert(self, query: Insert, rows: Sequence[Args]) -> None:
        """Insert the rows (tuples in the order of the table's columns); none is fine."""
        last = self._steps[-1] if self._steps else None
        if last is not None and last.query is query and last.rows is not None:
            last.rows.extend(rows)
        elif rows:
            self._steps.append(Step(query, (), list(rows), None))

    def tally(self, query: Query, *key: Any, by: int) -> None:
        """Add `by` to the counter named by `key`; `query` takes the key and the sum of all that was added.

        Counters are written last, in the order of their keys: they are the rows most waited for.
        """
        self._tallies[query, key] = self._tallies.get((query, key), 0) + by

    def steps(self) -> list[Step]:
        """The statements in the order in which they have to run."""
        steps = [_single(step) for step in sorted(self._steps, key=_rank)]
        if not self._tallies:
            return steps
        sums = [(query.rank, key, query, total) for (query, key), total in self._tallies.items() if total]
        sums.sort(key=_rank_and_key)
        return steps + [Step(query, (*key, total), None, None) for _, key, query, total in sums]

    def __bool__(self) -> bool:
        return bool(self._steps) or any(self._tallies.values())


def _single(step: Step) -> Step:
    """The step as it runs: a row by itself needs no statement for many."""
    if step.rows is None or len(step.rows) > 1 or not isinstance(step.query, Insert):
        return step
    return Step(step.query.single, step.rows[0], None, None)


def _rank(step: Step) -> int:
    return step.query.rank


def _rank_and_key(entry: tuple[int, Args, Query, int]) -> tuple[int, Args]:
    return entry[0], entry[1]
