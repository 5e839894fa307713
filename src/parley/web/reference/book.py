"""All pages of the reference by their path, the same for the server and for files.

Paths are relative: `42.6.0/index.html`, `42.6.0/meeting/CreateMeeting.html`, `42.6.0/types/meet.repeatType.html`,
`42.6.0/elements/a.html`, `42.6.0/faults.html`, `42.6.0/search.json`, and `index.html` with all levels. Links between
them are relative too, so they hold wherever the pages stand.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple

from parley import contract
from parley.protocol.declare import Record, SimpleType
from parley.protocol.faults import Kind, Mark
from parley.protocol.versions import CHANGES, LEVELS, Level
from parley.services import catalogue as _catalogue  # noqa: F401  # enters all operations into the register
from parley.services.registry import Operation, operations
from parley.services.roles import Role
from parley.web.operation_names import CALLERS, ROLES, by_service
from parley.web.reference import outline
from parley.web.reference.given_faults import faults_of, faults_of_all
from parley.web.reference.samples import answer_sample, request_sample
from parley.web.render import rendered

Type = type[Record] | SimpleType

_MARKS: Final = {
    Mark.SEEN: "known",
    Mark.TEXT_CHOSEN: "code known, wording chosen",
    Mark.CHOSEN: "chosen",
}


class Outside(NamedTuple):
    """Where the pages stand.

    Attributes:
        assets: the folder of style sheets and scripts, as seen from the folder above all levels.
        home, schemas: the start page and the schema files; None: there are none.
        explorer: what the addresses begin with at which operations can be tried; None: nowhere.
    """

    assets: str
    home: str | None = None
    schemas: str | None = None
    explorer: str | None = None

    def seen_from(self, up: str) -> dict[str, str | None]:
        """The addresses for a page that is so far below the folder above all levels."""
        found: dict[str, str | None] = self._asdict()
        return {n: a if a is None or a.startswith("/") else up + a for n, a in found.items()}


class Book:
    """The reference of one level; `shown` are the levels that have pages."""

    def __init__(self, level: Level, outside: Outside, shown: Sequence[Level] = LEVELS) -> None:
        self.level = level
        self._shown = shown
        self._outside = outside
        contract.modules()
        self._pages: dict[str, Callable[[], str]] = {
            "index.html": self._index,
            "types.html": self._types,
            "faults.html": self._faults,
            "search.json": self._search,
            "elements/index.html": self._letters,
        }
        for operation in operations():
            place = _place_of(operation)
            self._pages[place] = lambda operation=operation: self._operation(operation)  # type: ignore[misc]
            for name, write in (("request", request_sample), ("answer", answer_sample)):
                self._pages[place.replace(".html", f".{name}.xml")] = (
                    lambda operation=operation, write=write: write(operation, level, full=True)  # type: ignore[misc]
                )
        for kind in self._named:
            self._pages.setdefault(self._place(kind), lambda kind=kind: self._type(kind))  # type: ignore[misc]
        for letter in sorted({name[0].lower() for name in self._elements}):
            self._pages[f"elements/{letter}.html"] = lambda letter=letter: self._letter(letter)  # type: ignore[misc]

    def paths(self) -> Iterator[str]:
        """The paths of all pages, below the folder of the level."""
        return iter(self._pages)

    def page(self, path: str) -> str | None:
        """The text of a page, None when there is none."""
        write = self._pages.get(path)
        return None if write is None else write()

    # ---- what there is -------------------------------------------------------------------------------------------

    @cached_property
    def _named(self) -> list[Type]:
        return [kind for schema in contract.SCHEMAS for kind in schema.types.values()]

    @cached_property
    def _operation_of(self) -> dict[Type, Operation]:
        """The operations by their request and answer types, whose elements are on their pages."""
        return {kind: each for each in operations() for kind in (each.request, each.answer)}

    @cached_property
    def _users(self) -> dict[Type, list[Type]]:
        """By type, the types that hold elements of it."""
        found: dict[Type, list[Type]] = defaultdict(list)
        for kind in self._named:
            if not isinstance(kind, SimpleType):
                for target in outline.targets(kind, self.level):
                    found[target].append(kind)
        return found

    @cached_property
    def _elements(self) -> dict[str, list[type[Record]]]:
        """The types by the names of their elements."""
        found: dict[str, list[type[Record]]] = defaultdict(list)
        for kind in self._named:
            if not isinstance(kind, SimpleType):
                for name in dict.fromkeys(outline.names(kind, self.level)):
                    found[name].append(kind)
        return dict(sorted(found.items(), key=lambda item: (item[0].lower(), item[0])))

    def _place(self, kind: Type) -> str:
        """The path of the page that has a type."""
        operation = self._operation_of.get(kind)
        if operation is not None:
            return _place_of(operation)
        return f"types/{outline.type_label(kind).replace(':', '.')}.html"

    # ---- pages ---------------------------------------------------------------------------------------------------

    def _render(self, template: str, path: str, **values: Any) -> str:
        up = "../" * path.count("/")
        return rendered(
            f"reference/{template}",
            **self._outside.seen_from(f"{up}../"),
            **values,
            level=self.level.text,
            levels=[(each.text, f"{up}../{each.text}/{path}") for each in reversed(self._shown)],
            up=up,
            link=lambda kind: up + self._place(kind),
            label=outline.type_label,
        )

    def _index(self) -> str:
        changes = [change for change in CHANGES if change.level == self.level]
        return self._render(
            "index.html", "index.html", services=by_service(), callers=CALLERS, place=_place_of, changes_of=changes
        )

    def _types(self) -> str:
        schemas = [
            (schema, [kind for kind in schema.types.values() if kind not in self._operation_of])
            for schema in contract.SCHEMAS
        ]
        return self._render("types.html", "types.html", groups=[each for each in schemas if each[1]])

    def _letters(self) -> str:
        counts: dict[str, int] = defaultdict(int)
        for name in self._elements:
            counts[name[0].lower()] += 1
        return self._render("letters.html", "elements/index.html", counts=sorted(counts.items()))

    def _letter(self, letter: str) -> str:
        found = {name: kinds for name, kinds in self._elements.items() if name[0].lower() == letter}
        return self._render("letter.html", f"elements/{letter}.html", letter=letter, found=found)

    def _faults(self) -> str:
        everywhere = set(faults_of_all())
        givers: dict[Kind, list[Operation]] = defaultdict(list)
        for operation in operations():
            for kind in faults_of(operation):
                if kind not in everywhere:
                    givers[kind].append(operation)
        common = faults_of_all()
        own = sorted(givers, key=lambda kind: (kind.code, kind.reason))
        anchors: dict[str, Kind] = {}  # where links to a code lead
        for kind in (*common, *own):
            anchors.setdefault(kind.code, kind)
        return self._render(
            "faults.html",
            "faults.html",
            common=common,
            own=own,
            givers=givers,
            marks=_MARKS,
            place=_place_of,
            anchors=set(anchors.values()),
        )

    def _operation(self, operation: Operation) -> str:
        changes = [c for c in CHANGES if operation.name in c.operations and c.level <= self.level]
        parts = [
            ("request", outline.rows(operation.request, self.level), request_sample(operation, self.level)),
            ("answer", outline.rows(operation.answer, self.level), answer_sample(operation, self.level)),
        ]
        return self._render(
            "operation.html",
            _place_of(operation),
            operation=operation,
            meaning=outline.meaning(operation.request),
            parts=parts,
            changes_of=changes,
            outcomes=[(ROLES[role], operation.row.outcome(role)) for role in Role],
            own=faults_of(operation),
            marks=_MARKS,
        )

    def _type(self, kind: Type) -> str:
        record = None if isinstance(kind, SimpleType) else kind
        return self._render(
            "type.html",
            self._place(kind),
            kind=kind,
            schema=kind.schema if isinstance(kind, SimpleType) else kind.xml_schema,
            meaning=outline.meaning(record) if record else "",
            base=record.__declaration__.base if record else None,
            values=kind.values if isinstance(kind, SimpleType) else (),
            record=record,
            rows=outline.rows(record, self.level) if record else [],
            users=sorted(self._users[kind], key=outline.type_label) if kind in self._users else [],
        )

    def _search(self) -> str:
        """The index of the search: operations, types, and the types that have each element, by their numbers."""
        numbers = {kind: number for number, kind in enumerate(self._named)}
        index = {
            "operations": [[f"{o.module}.{o.name}", o.summary, _place_of(o)] for o in operations()],
            "types": [[outline.type_label(kind), self._place(kind)] for kind in self._named],
            "elements": {name: [numbers[kind] for kind in kinds] for name, kinds in self._elements.items()},
        }
        return json.dumps(index, ensure_ascii=False, separators=(",", ":"))


def levels_page(outside: Outside, shown: Sequence[Level] = LEVELS) -> str:
    """The page above all levels; the arguments are those of `Book`."""
    levels = [(level.text, [c for c in CHANGES if c.level == level]) for level in reversed(shown)]
    return rendered("reference/levels.html", **outside.seen_from(""), levels=levels)


def _place_of(operation: Operation) -> str:
    return f"{operation.module}/{operation.name}.html"
