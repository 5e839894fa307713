"""The form of an operation, made from the contract: its fields, what was sent with it, and the document it makes.

Fields have the paths of their elements as names: `accessControl.meetingPassword`; of a list each entry has its number:
`attendees.attendee.0.person.email`. Attributes begin with @, a text directly inside of an element is #. Deep types
would make a form of thousands of fields, or of endless many, so that the elements of a group are on the page only when
there is room for them, or somebody wants them; names of groups that are there come back with the form.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from lxml import etree

from parley.contract import SCHEMAS
from parley.protocol.codec import encoder
from parley.protocol.declare import Element, Record
from parley.protocol.envelope import local_name, read_children
from parley.protocol.versions import Level
from parley.web.reference.outline import Row, row_of
from parley.web.reference.samples import hint_of, sample

#: So many fields are on the page by themselves, and so many when somebody wants more of them.
_ROOM: Final = 110
MOST_FIELDS: Final = 190
#: Dots of a path, and its characters: nobody fills in deeper than that by hand.
_DEEPEST: Final = 16
_LONGEST_PATH: Final = 400
#: Entries of one list, and values of a document that come into a form.
_MOST_ENTRIES: Final = 50
_MOST_VALUES: Final = 600
#: Texts that may be longer than this have a field of several lines.
_ONE_LINE: Final = 300
#: Lists of values that are longer are offered beside a free field, once for all fields that have them.
MOST_OPTIONS: Final = 12


@dataclass(slots=True)
class Field:
    """A field for one element that holds no others; of a list, one value on each line."""

    path: str
    id: str
    element: Element
    value: str
    about: Row
    kind: str
    example: str

    @property
    def options(self) -> tuple[str, ...]:
        """What there is to choose from."""
        return ("true", "false") if self.element.kind == "boolean" else self.element.values


@dataclass(slots=True)
class Group:
    """An element that holds others, or an entry of a list of such.

    Attributes:
        number: of an entry, from 1; None: no entry.
        repeats: it is a list; its entries are the nodes.
        shown: its elements are on the page; otherwise `nodes` is empty.
        opened: they are not folded away.
    """

    path: str
    id: str
    about: Row
    number: int | None = None
    repeats: bool = False
    shown: bool = False
    opened: bool = False
    nodes: list[Field | Group] = field(default_factory=list)


class Form:
    """The form of a record type at a level.

    Args:
        values: what is in its fields, by their paths in upper case.
        shown: the paths, in upper case, of groups whose elements are on the page; None: nobody said.
    """

    def __init__(
        self,
        cls: type[Record],
        level: Level,
        values: Mapping[str, str] | None = None,
        shown: Iterable[str] | None = None,
    ) -> None:
        self.cls = cls
        self.level = level
        self.values = {path: value for path, value in (values or {}).items() if value.strip() and _is_path(path)}
        self._filled = {above for path in self.values for above in _above(path)}
        self.shown = {path for path in shown if _is_path(path)} if shown is not None else self._at_first()
        self.shown |= self._filled
        self._wanted: set[str] = set()
        self._entries: dict[str, list[int]] = {}
        self._count_entries()

    # ---- what is shown ---------------------------------------------------------------------------------------------

    def _at_first(self) -> set[str]:
        """The groups for which there is room: the outer ones first; of lists that need entries one."""
        found: set[str] = set()
        waiting: deque[tuple[type[Record], str, tuple[type[Record], ...]]] = deque([(self.cls, "", (self.cls,))])
        room = _ROOM - len(self._visible(self.cls))
        while waiting:
            cls, path, inside = waiting.popleft()
            for element in self._visible(cls):
                if element.kind != "record" or element.record in inside:
                    continue
                below = _joined(path, element.name).upper()
                if element.is_list:
                    if not element.minimum:
                        continue
                    below += ".0"
                cost = len(self._visible(element.record))
                if cost <= room:
                    room -= cost
                    found.add(below)
                    waiting.append((element.record, below, (*inside, element.record)))
        return found

    def show(self, path: str) -> bool:
        """Have the elements of a group on the page, or a further entry of a list; False: there is no room for them."""
        below = path.upper()
        element = self._element(below)
        if element is None or element.kind != "record" or below.count(".") >= _DEEPEST:
            return False
        if element.is_list and not below.rpartition(".")[2].isdecimal():
            numbers = self._entries.get(below, [])
            if len(numbers) >= _MOST_ENTRIES:
                return False
            below = f"{below}.{max(numbers, default=-1) + 1}"
        wanted = {below, *_above(below)}
        if self._size_of(self.shown | wanted) > MOST_FIELDS:  # what is empty makes room, but for entries of lists
            entries = {each for each in self.shown if any(part.isdecimal() for part in each.split("."))}
            kept = self._filled | entries | {above for each in entries for above in _above(each)}
            if self._size_of(kept | wanted) > MOST_FIELDS:
                return False
            self.shown = kept
        self.shown |= wanted
        self._wanted |= wanted
        self._count_entries()
        return True

    def remove(self, path: str) -> None:
        """Take an entry of a list off the page, with what is in it."""
        gone = path.upper()
        self.shown = {each for each in self.shown if each != gone and not each.startswith(f"{gone}.")}
        self.values = {name: value for name, value in self.values.items() if not name.startswith(f"{gone}.")}
        self._filled = {above for name in self.values for above in _above(name)}
        self._count_entries()

    @property
    def size(self) -> int:
        """How many fields and groups are on the page."""
        return self._size_of(self.shown)

    def _size_of(self, shown: set[str]) -> int:
        count = len(self._visible(self.cls))
        for path in shown:
            element = self._element(path)
            if element is not None and element.kind == "record":
                count += len(self._visible(element.record)) + 1
        return count

    def _element(self, path: str) -> Element | None:
        """The element that a path leads to; None: there is none."""
        cls, found = self.cls, None
        for name in path.split("."):
            if found is not None and found.is_list and name.isdecimal():
                continue
            if found is not None:
                if found.kind != "record":
                    return None
                cls = found.record
            found = next((each for each in self._visible(cls) if _name(each).upper() == name), None)
            if found is None:
                return None
        return found

    def _visible(self, cls: type[Record]) -> tuple[Element, ...]:
        return cls.__declaration__.visible(self.level.parts)

    def _count_entries(self) -> None:
        """Note which entries the lists have."""
        self._entries = {}
        for path in self.shown:
            above, _, number = path.rpartition(".")
            if number.isdecimal() and len(number) < 4:
                self._entries.setdefault(above, []).append(int(number))
        for numbers in self._entries.values():
            numbers.sort()

    # ---- fields ----------------------------------------------------------------------------------------------------

    @cached_property
    def nodes(self) -> list[Field | Group]:
        """The fields and groups, in the order of the schema."""
        return list(self._nodes(self.cls, ""))

    def _nodes(self, cls: type[Record], path: str) -> Iterator[Field | Group]:
        for element in self._visible(cls):
            below = _joined(path, _name(element))
            if element.kind == "record":
                yield self._group(element, below)
            else:
                yield self._field(element, below)

    def _field(self, element: Element, path: str) -> Field:
        value = self.values.get(path.upper(), "")
        longest = element.max_length or 0
        if element.is_list or element.kind == "binary" or longest > _ONE_LINE or "\n" in value:
            kind = "lines"
        elif element.kind == "boolean" or 0 < len(element.values) <= MOST_OPTIONS:
            kind = "choice"
        else:
            kind = "text"
        return Field(path, _id(path), element, value, row_of(element), kind, hint_of(element))

    def _group(self, element: Element, path: str) -> Group:
        about, key = row_of(element), path.upper()
        if not element.is_list:
            return self._shown_group(element, Group(path, _id(path), about))
        numbers = self._entries.get(key, [])
        entries: list[Field | Group] = [
            self._shown_group(element, Group(f"{path}.{each}", _id(f"{path}.{each}"), about, number=place))
            for place, each in enumerate(numbers, 1)
        ]
        return Group(path, _id(path), about, repeats=True, shown=True, opened=True, nodes=entries)

    def _shown_group(self, element: Element, group: Group) -> Group:
        key = group.path.upper()
        group.opened = key in self._filled or key in self._wanted or bool(element.minimum) or group.number is not None
        group.shown = key in self.shown
        if group.shown:
            group.nodes = list(self._nodes(element.record, group.path))
        return group

    @cached_property
    def long_lists(self) -> dict[str, tuple[str, ...]]:
        """The lists of values that are offered beside free fields, by the types that have them."""
        found: dict[str, tuple[str, ...]] = {}
        waiting = list(self.nodes)
        while waiting:
            node = waiting.pop()
            if isinstance(node, Group):
                waiting += node.nodes
            elif node.kind == "text" and node.element.values:
                found[node.about.type_name] = node.element.values
        return dict(sorted(found.items()))

    # ---- the document ----------------------------------------------------------------------------------------------

    def body(self) -> str:
        """The element bodyContent with what has a value, and required groups; prefixes are those of the schemas."""
        root = etree.Element("bodyContent", nsmap={each.prefix: each.namespace for each in SCHEMAS})
        self._write(root, self.cls, "")
        text = etree.tostring(root, encoding="unicode")
        inner = text[text.index(">") + 1 : text.rindex("<")] if len(root) else ""  # the declarations are the message's
        return f'<serv:bodyContent xsi:type="{self.type_name}">{inner}</serv:bodyContent>'

    @property
    def type_name(self) -> str:
        """The type of the request, with the prefix of its schema."""
        return f"{self.cls.xml_schema.prefix}:{self.cls.xml_name}"

    def _write(self, parent: Any, cls: type[Record], path: str) -> None:
        for element in self._visible(cls):
            below = _joined(path, _name(element)).upper()
            if element.kind != "record":
                self._write_value(parent, element, self.values.get(below, ""))
            elif below in self._filled or (element.minimum and not element.is_list and not element.choice):
                self._write_group(parent, element, below)

    def _write_value(self, parent: Any, element: Element, value: str) -> None:
        if not value:
            return
        if element.place == "attribute":
            parent.set(element.name, value)
        elif element.place != "element":
            parent.text = value
        else:
            for line in value.splitlines() if element.is_list else [value]:
                if line.strip() or not element.is_list:
                    etree.SubElement(parent, _tag(element)).text = line.strip() if element.is_list else line

    def _write_group(self, parent: Any, element: Element, path: str) -> None:
        if not element.is_list:
            self._write(etree.SubElement(parent, _tag(element)), element.record, path)
            return
        around = etree.SubElement(parent, _tag(element)) if element.rows else None
        for number in self._entries.get(path, []):
            if f"{path}.{number}" in self._filled:
                inside = around if around is not None else etree.SubElement(parent, _tag(element))
                self._write(inside, element.record, f"{path}.{number}")


def sample_values(cls: type[Record], level: Level, *, full: bool) -> dict[str, str]:
    """Sample values for a form, as the reference has them; `full` as for `samples.sample`."""
    record = sample(cls, level, full=full)
    return values_in(cls, level, read_children(encoder(cls, level)(record), SCHEMAS))[0]


def values_in(cls: type[Record], level: Level, content: Any) -> tuple[dict[str, str], bool]:
    """What a document has for the fields of a form, read as leniently as requests are.

    Args:
        content: the element bodyContent.

    Returns:
        The values, and whether there is more in the document than the form can hold.
    """
    reading = _Reading(level)
    reading.read(content, cls, "")
    return reading.values, reading.more


class _Reading:
    """Collects the values of a document."""

    def __init__(self, level: Level) -> None:
        self.values: dict[str, str] = {}
        self.more = False
        self._level = level

    def read(self, parent: Any, cls: type[Record], path: str) -> None:
        """Read the attributes, the text and the children of an element."""
        visible = cls.__declaration__.visible(self._level.parts)
        for element in visible:
            if element.place == "attribute":
                self._put(_joined(path, _name(element)), parent.get(element.name) or "")
            elif element.place != "element":
                self._put(_joined(path, _name(element)), (parent.text or "").strip())
        self._children(parent, visible, path)

    def _children(self, parent: Any, visible: tuple[Element, ...], path: str) -> None:
        known = {name.casefold(): e for e in visible if e.place == "element" for name in (e.name, *e.also)}
        counts: dict[str, int] = {}
        for child in parent:
            element = known.get(local_name(child.tag).casefold()) if isinstance(child.tag, str) else None
            if element is None:
                self.more = self.more or isinstance(child.tag, str)
                continue
            number = counts.get(element.name, 0)
            counts[element.name] = number + 1
            self._child(child, element, _joined(path, element.name), number)

    def _child(self, child: Any, element: Element, path: str, number: int) -> None:
        if element.kind != "record":
            text = (child.text or "").strip()
            if element.is_list:
                before = self.values.get(path.upper())
                self._put(path, text if before is None else f"{before}\n{text}")
            elif number:
                self.more = True
            else:
                self._put(path, text)
        elif path.count(".") >= _DEEPEST or (number and not element.is_list) or number >= _MOST_ENTRIES:
            self.more = True
        elif element.rows:
            self._rows(child, element, path)
        else:
            self.read(child, element.record, f"{path}.{number}" if element.is_list else path)

    def _rows(self, child: Any, element: Element, path: str) -> None:
        """Rows inside of one element: of alternatives each is one, otherwise a new one begins where a name returns."""
        names: set[str] = set()
        number = 0
        visible = element.record.__declaration__.visible(self._level.parts)
        alternatives = {each.name.casefold() for each in visible if each.choice}
        for part in child:
            name = local_name(part.tag).casefold() if isinstance(part.tag, str) else ""
            if name in names or (names and name in alternatives):
                number, names = number + 1, set()
            names.add(name)
            if number < _MOST_ENTRIES:
                around = etree.Element("row")
                around.append(part.__copy__())
                self.read(around, element.record, f"{path}.{number}")
            else:
                self.more = True

    def _put(self, path: str, value: str) -> None:
        if not value:
            return
        if len(self.values) >= _MOST_VALUES:
            self.more = True
        else:
            self.values[path.upper()] = value


def _is_path(path: str) -> bool:
    return len(path) <= _LONGEST_PATH and path.count(".") <= _DEEPEST


def _name(element: Element) -> str:
    """The last part of a path."""
    if element.place == "attribute":
        return f"@{element.name}"
    return element.name if element.place == "element" else "#"


def _tag(element: Element) -> str:
    return f"{{{element.schema.namespace}}}{element.name}"


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _above(path: str) -> Iterator[str]:
    """The paths of the groups, and entries, around a path."""
    while "." in path:
        path = path.rpartition(".")[0]
        yield path


def _id(path: str) -> str:
    return path.replace(".", "-").replace("@", "_").replace("#", "text_")
