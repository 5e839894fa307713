"""Compiled reading and writing of contract records.

`decoder` and `encoder` make one function for each record type and keep it. A decoder is a loop over the children with
a table from tag to the function that stores the child's value; an encoder is one generated function made of a single
f-string. Both leave out elements that are newer than the level they were made for. Because almost nothing changed
between the levels that a site can run at, most types share one function for all of them. `answer_encoder` writes what
answers must have even where nobody said it.

Reading is as lenient as the real service (facts/protocol.md "Envelope", facts/clients.md 1-9): elements are matched by
local name in any namespace, order and letter case. What is wrong with the values is collected, never raised.
"""

from __future__ import annotations

import math
import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable
from functools import cache
from typing import Any, Final, NamedTuple, TypeVar

from parley.protocol.declare import ELEMENT_NAMES, Element, Record, version_tuple
from parley.protocol.versions import FIRST, Level

R = TypeVar("R", bound=Record)
Decoder = Callable[[Any, "Problems"], R]
Encoder = Callable[[R], str]
#: Stores the value of one child: (child, values so far, problems).
Store = Callable[[Any, dict[str, Any], "Problems"], None]
#: Reads a record out of an element.
Reader = Callable[[Any, "Problems"], Any]
#: What a tag leads to: kind of the slot, name of the field, what the kind needs, and the store for the unusual.
Slot = tuple[int, str, Any, Store]

#: Problems and unknown elements of one document that are kept; more of them are dropped.
MAX_PROBLEMS: Final = 50
#: Spellings of tags (namespaces, letter case) that a type's table takes in before it is emptied again.
MAX_SPELLINGS: Final = 256
_MAX_TAG_LENGTH: Final = 200
_MAX_SHOWN: Final = 100
_MAX_COUNTED: Final = 5000

_SPACE: Final = " \t\r\n"
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,40}(?:\.0{0,40})?")
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,4})?")
_BOUNDS: Final = {"xsd:int": (-(2**31), 2**31 - 1)}
_LONG_BOUNDS: Final = (-(2**63), 2**63 - 1)
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}


class Problem(NamedTuple):
    """Something wrong with a value of a request.

    path: element names below the decoded element, such as "schedule/duration"; kind: one of "type", "enumeration",
    "length", "range", "pattern", "count"; message: what is allowed; value: the text that was sent, shortened.
    """

    path: str
    kind: str
    message: str
    value: str


class Problems:
    """What decoding found wrong: `items` are errors, `unknown` are paths of elements the type does not have."""

    __slots__ = ("items", "root", "unknown")

    def __init__(self) -> None:
        self.items: list[Problem] = []
        self.unknown: list[str] = []
        self.root: Any = None

    def add(self, element: Any, kind: str, message: str, *, name: str = "", numbered: bool = False) -> None:
        """Note a problem with the value of an element (or of its attribute `name`).

        numbered: say which of several elements of its name it is.
        """
        if len(self.items) < MAX_PROBLEMS:
            path = self._path(element, numbered=numbered or bool(name))
            value = (element.get(name) if name else element.text) or ""
            if name:
                path = f"{path}/@{name}" if path else f"@{name}"
            self.items.append(Problem(path, kind, message, _shown(value)))

    def note_unknown(self, element: Any) -> None:
        """Note an element that the type does not have."""
        if len(self.unknown) < MAX_PROBLEMS:
            self.unknown.append(self._path(element))

    def _path(self, element: Any, *, numbered: bool = False) -> str:
        names: list[str] = []
        while element is not None and element is not self.root:
            parent = element.getparent()
            place = _place(element, parent) if names or numbered else ""
            names.append(_local(element.tag)[:_MAX_SHOWN] + place)
            element = parent
        names.reverse()
        return "/".join(names)


def _place(element: Any, parent: Any) -> str:
    """Which one of several elements of the same name it is, as `[2]`; nothing for the only one, or among too many."""
    if parent is None or not 1 < len(parent) <= _MAX_COUNTED:
        return ""
    same = [child for child in parent if child.tag == element.tag]
    return f"[{same.index(element) + 1}]" if len(same) > 1 else ""


def _shown(value: str) -> str:
    return value if len(value) <= _MAX_SHOWN else value[:_MAX_SHOWN] + "..."


def _local(tag: str) -> str:
    """The name without namespace, and without a prefix that was not bound."""
    return tag.rpartition("}")[2].rpartition(":")[2]


# --- which levels differ


_epochs: dict[type[Record], tuple[tuple[int, ...], ...]] = {}
_BASE_LEVEL: Final = FIRST.parts


def _epochs_of(cls: type[Record]) -> tuple[tuple[int, ...], ...]:
    """The versions after the first level at which the type or one below it gained elements, in order."""
    found = _epochs.get(cls)
    if found is None:
        versions: set[tuple[int, ...]] = set()
        seen: set[type[Record]] = set()
        waiting = [cls]
        while waiting:
            kind = waiting.pop()
            if kind in seen:
                continue
            seen.add(kind)
            for element in kind.__declaration__.elements:
                if element.since is not None and version_tuple(element.since) > _BASE_LEVEL:
                    versions.add(version_tuple(element.since))
                if element.kind == "record":
                    waiting.append(element.record)
        found = _epochs[cls] = tuple(sorted(versions))
    return found


def _epoch(cls: type[Record], level: Level) -> tuple[int, ...]:
    """The newest version that matters to the type at a level; levels of the same epoch share functions."""
    if level < FIRST:
        return level.parts
    epoch: tuple[int, ...] = _BASE_LEVEL
    for version in _epochs_of(cls):
        if version <= level.parts:
            epoch = version
    return epoch


# --- reading


_decoders: dict[tuple[type[Record], Level], Any] = {}
_readers: dict[tuple[type[Record], tuple[int, ...]], Reader] = {}
_row_readers: dict[tuple[type[Record], tuple[int, ...]], Reader] = {}

# Kinds of slots: values out of a table of texts, free strings up to a length, nested records, all others.
_CHOSEN: Final = 1
_FREE: Final = 2
_NESTED: Final = 3
_OTHER: Final = 0


def decoder(cls: type[R], level: Level) -> Decoder[R]:
    """The function that reads a record of a type from an lxml element.

    cls: the record type; level: the level of the site. The function takes the element (for an operation, its
    bodyContent) and a `Problems` that it fills. It gives the record with every value that was right; it never raises,
    whatever the document holds. Required elements are not asked for: operations do that. The parser must have bounded
    the depth of the document and removed its comments.
    """
    found = _decoders.get((cls, level))
    if found is None:
        reader = _reader(cls, level)

        def decode(element: Any, problems: Problems) -> R:
            problems.root = element
            record: R = reader(element, problems)
            return record

        found = _decoders[cls, level] = decode
    result: Decoder[R] = found
    return result


def _reader(cls: type[Record], level: Level) -> Reader:
    key = (cls, _epoch(cls, level))
    reader = _readers.get(key)
    if reader is None:
        visible = cls.__declaration__.visible(key[1])
        table = _Table(closed=cls.__declaration__.schema.closed)
        reader = _loop(cls, table)
        if any(element.place != "element" for element in visible):
            reader = _with_text(reader, visible)
        if table.closed:
            reader = _without_more(reader, visible)
        _readers[key] = reader  # before the slots are made: types may hold themselves
        elements = [e for e in visible if e.place == "element"]
        table.fill({e.name: _slot(e, level) for e in elements}, {also: e.name for e in elements for also in e.also})
    return reader


class _Table:
    """From tag to slot. `slots` begins with the plain names; other spellings enter when they are met."""

    __slots__ = ("_exact", "_folded", "closed", "slots")

    def __init__(self, *, closed: bool = False) -> None:
        self.slots: dict[Any, Slot] = {}
        self.closed = closed

    def fill(self, slots: dict[str, Slot], also: dict[str, str] | None = None) -> None:
        """Enter the plain names; `also`: names that stand for others."""
        self._exact = slots
        self._folded: dict[str, Slot] = {}
        for name, slot in slots.items():
            self._folded.setdefault(name.casefold(), slot)
        for other, name in (also or {}).items():
            self._folded.setdefault(other.casefold(), slots[name])
        self.slots.update(slots)

    def find(self, tag: Any) -> Slot:
        """The slot of a tag that is not in `slots`."""
        if not isinstance(tag, str):  # a comment or processing instruction
            return _SKIPPED
        name = _local(tag)
        slot = self._exact.get(name) or self._folded.get(name.casefold())
        if slot is None:
            return _REFUSED if self.closed else _UNKNOWN
        if len(tag) <= _MAX_TAG_LENGTH:
            if len(self.slots) >= len(self._exact) + MAX_SPELLINGS:
                self.slots.clear()
                self.slots.update(self._exact)
            self.slots[tag] = slot
        return slot


def _skip(child: Any, values: dict[str, Any], problems: Problems) -> None:
    """Take no notice of a child."""


def _note_unknown(child: Any, values: dict[str, Any], problems: Problems) -> None:
    problems.note_unknown(child)


def _refuse(child: Any, values: dict[str, Any], problems: Problems) -> None:
    problems.add(child, "unknown", "the element is not known here")


_SKIPPED: Final[Slot] = (_OTHER, "", None, _skip)
_REFUSED: Final[Slot] = (_OTHER, "", None, _refuse)
_UNKNOWN: Final[Slot] = (_OTHER, "", None, _note_unknown)


def _loop(cls: type[Record], table: _Table) -> Reader:
    """The reader of a type: the usual values are taken right here, everything else is left to the slot's store."""
    slots, find = table.slots, table.find

    def read(element: Any, problems: Problems) -> Any:
        values: dict[str, Any] = {}
        for child in element:
            try:
                kind, key, helper, store = slots[child.tag]
            except KeyError:
                kind, key, helper, store = find(child.tag)
            if kind == _CHOSEN:
                value = helper.get(child.text)
                if value is not None and key not in values:
                    values[key] = value
                    continue
            elif kind == _FREE:
                text = child.text
                # strip gives back the string itself when there is nothing to strip: cheaper than a look at both ends
                if (
                    text is not None
                    and len(text) <= helper
                    and text.strip() is text
                    and key not in values
                    and not len(child)
                ):
                    values[key] = text
                    continue
            elif kind == _NESTED and key not in values:
                values[key] = helper(child, problems)
                continue
            store(child, values, problems)
        return cls(**values)

    return read


def _slot(element: Element, level: Level) -> Slot:
    store = _store(element, level)
    if element.is_list:
        return (_OTHER, element.attribute, None, store)
    if element.kind == "record":
        return (_NESTED, element.attribute, _reader(element.record, level), store)
    if element.kind == "boolean" or element.values:
        return (_CHOSEN, element.attribute, _usual_texts(element), store)
    if element.kind == "string" and element.pattern is None:
        return (_FREE, element.attribute, _longest(element), store)
    return (_OTHER, element.attribute, None, store)


def _longest(element: Element) -> int:
    return element.max_length if element.max_length is not None else 2**63


def _with_text(children: Reader, visible: tuple[Element, ...]) -> Reader:
    """A reader for the few types that have attributes or text of their own."""
    attributes = [(e.name, _attribute_store(e)) for e in visible if e.place == "attribute"]
    text = next((e for e in visible if e.place in ("content", "mixed")), None)

    def read(element: Any, problems: Problems) -> Any:
        values: dict[str, Any] = {}
        for name, store in attributes:
            value = element.get(name)
            if value is not None:
                store(element, value, values, problems)
        if text is not None:
            parts = [element.text, *(child.tail for child in element)] if text.place == "mixed" else [element.text]
            found = "".join(part for part in parts if part)
            stripped = found.strip(_SPACE)
            whole = text.exact and (stripped or text.place == "content")
            values[text.attribute] = (found if whole else stripped) or None
        record = children(element, problems)
        for key, value in values.items():
            setattr(record, key, value)
        return record

    return read


def _without_more(read_known: Reader, visible: tuple[Element, ...]) -> Reader:
    """A reader for types of a closed schema: attributes and texts that the type does not have are problems too."""
    attributes = {e.name for e in visible if e.place == "attribute"}
    has_text = any(e.place in ("content", "mixed") for e in visible)

    def read(element: Any, problems: Problems) -> Any:
        for name in element.keys():  # noqa: SIM118 - an element of lxml, no mapping
            if name not in attributes and not name.startswith("{") and ":" not in name:
                problems.add(element, "unknown", "the attribute is not known here", name=name)
        if not has_text:
            texts = (element.text, *(child.tail for child in element))
            if any(part and part.strip(_SPACE) for part in texts):
                problems.add(element, "unknown", "text is not known here", numbered=True)
        return read_known(element, problems)

    return read


def _attribute_store(element: Element) -> Callable[[Any, str, dict[str, Any], Problems], None]:
    convert = _converter(element)

    def store(owner: Any, text: str, values: dict[str, Any], problems: Problems) -> None:
        value = convert(text)
        if type(value) is _Wrong:
            problems.add(owner, value.kind, value.message, name=element.name)
        elif value is not None:
            values[element.attribute] = value

    return store


def _store(element: Element, level: Level) -> Store:
    if element.kind == "record":
        if element.rows:
            return _store_rows(element, level)
        return _store_records(element, level) if element.is_list else _store_second(element)
    if element.is_list:
        return _store_list(element)
    return _store_value(element)


def _repeated(element: Element) -> str:
    return "may occur once only" if element.maximum == 1 else f"may occur {element.maximum} times at most"


def _trimmed(text: str) -> str:
    """A string without blanks around it, if it is blank or its ends have line breaks; else as it is."""
    stripped = text.strip(_SPACE)
    if not stripped:
        return ""
    start = text.index(stripped[0])
    ends = text[:start] + text[start + len(stripped) :]
    return stripped if "\n" in ends or "\r" in ends else text


class _Wrong(NamedTuple):
    kind: str
    message: str


_MARKUP: Final = "markup inside of a text must be escaped"


def _has_markup(value: Any) -> bool:
    """Whether a text has elements in it that belong to it, such as `An<b>n</b>`.

    Some programs put another element of the API inside of a value by mistake; that one is passed over.
    """
    return any(
        (child.tail and not child.tail.isspace()) or _local(child.tag) not in ELEMENT_NAMES
        for child in value
        if isinstance(child.tag, str)
    )


def _never(value: Any) -> bool:
    return False


def _store_value(element: Element) -> Store:
    key = element.attribute
    twice = _repeated(element)
    convert = _converter(element)

    markup = _has_markup if element.kind == "string" else _never

    def store(child: Any, values: dict[str, Any], problems: Problems) -> None:
        value = convert(child.text or "")
        if key in values:
            problems.add(child, "count", twice)
        elif len(child) and markup(child):
            problems.add(child, "type", _MARKUP)
        elif type(value) is _Wrong:
            problems.add(child, value.kind, value.message)
        elif value is not None:
            values[key] = value

    return store


def _store_list(element: Element) -> Store:
    key = element.attribute
    most = element.maximum if element.maximum is not None else 2**63
    too_many = _repeated(element)
    convert = _converter(element)

    markup = _has_markup if element.kind == "string" else _never

    def store(child: Any, values: dict[str, Any], problems: Problems) -> None:
        value = convert(child.text or "")
        if type(value) is _Wrong:
            problems.add(child, value.kind, value.message)
        elif len(child) and markup(child):
            problems.add(child, "type", _MARKUP)
        elif value is not None and value != "":
            found = values.setdefault(key, [])
            if len(found) < most:
                found.append(value)
            else:
                problems.add(child, "count", too_many)

    return store


def _store_second(element: Element) -> Store:
    """For a single record the loop stores the first one itself, so that only further ones come here."""
    twice = _repeated(element)

    def store(child: Any, values: dict[str, Any], problems: Problems) -> None:
        problems.add(child, "count", twice)

    return store


def _store_records(element: Element, level: Level) -> Store:
    key = element.attribute
    most = element.maximum if element.maximum is not None else 2**63
    too_many = _repeated(element)
    read = _reader(element.record, level)

    def store(child: Any, values: dict[str, Any], problems: Problems) -> None:
        found = values.setdefault(key, [])
        if len(found) < most:
            found.append(read(child, problems))
        else:
            problems.add(child, "count", too_many)

    return store


def _store_rows(element: Element, level: Level) -> Store:
    """An element whose inner sequence repeats: a new row begins where an element comes again."""
    key = element.attribute
    twice = _repeated(element)
    read_rows = _rows_reader(element.record, level)

    def store(child: Any, values: dict[str, Any], problems: Problems) -> None:
        if key in values:
            problems.add(child, "count", twice)
        else:
            values[key] = read_rows(child, problems)

    return store


def _rows_reader(cls: type[Record], level: Level) -> Reader:
    """The reader of the rows inside an element; of alternatives each one is a row."""
    key = (cls, _epoch(cls, level))
    found = _row_readers.get(key)
    if found is not None:
        return found
    visible = cls.__declaration__.visible(key[1])
    table = _Table(closed=cls.__declaration__.schema.closed)
    alternatives = {e.attribute for e in visible if e.choice}

    def read(element: Any, problems: Problems) -> Any:
        row: dict[str, Any] = {}
        names: set[str] = set()
        made: list[dict[str, Any]] = []
        for part in element:
            slot = table.slots.get(part.tag) or table.find(part.tag)
            if slot[1] in names or (names and slot[1] in alternatives):
                made.append(row)
                row, names = {}, set()
            if slot[1]:
                names.add(slot[1])
            slot[3](part, row, problems)
        if names:
            made.append(row)
        return [cls(**found) for found in made]

    reader = _without_more(read, visible) if table.closed else read
    _row_readers[key] = reader  # before the slots are made: rows may hold themselves
    table.fill({e.name: (_OTHER, e.attribute, None, _store_in_row(e, level)) for e in visible})
    return reader


def _store_in_row(element: Element, level: Level) -> Store:
    if element.kind != "record" or element.is_list:
        return _store(element, level)
    key, read = element.attribute, _reader(element.record, level)

    def store(child: Any, values: dict[str, Any], problems: Problems) -> None:
        values[key] = read(child, problems)

    return store


def _usual_texts(element: Element) -> dict[str, Any]:
    """Texts that need no look at all: each stands for its value."""
    if element.kind == "boolean":
        return {spelling: value for text, value in _BOOLEANS.items() for spelling in (text, text.upper())}
    return {value: value for value in element.values}


def _converter(element: Element) -> Callable[[str], Any]:
    """The function from text to value: None for a blank text, a `_Wrong` for one that is not allowed."""
    if element.kind == "boolean":
        return _to_boolean
    if element.kind == "integer":
        return _integer_converter(element)
    if element.kind == "number":
        return _to_number
    if element.kind == "binary":
        return _to_bytes
    if element.values:
        return _enumeration_converter(element.values)
    return _string_converter(element)


def _to_boolean(text: str) -> Any:
    text = text.strip(_SPACE)
    if not text:
        return None
    value = _BOOLEANS.get(text.lower())
    return _Wrong("type", "must be true or false") if value is None else value


def _integer_converter(element: Element) -> Callable[[str], Any]:
    low, high = _BOUNDS.get(element.xsd, _LONG_BOUNDS)
    low = low if element.low is None else element.low
    high = high if element.high is None else element.high
    out_of_range = _Wrong("range", f"must be between {low} and {high}")
    no_number = _Wrong("type", "must be a whole number")

    def convert(text: str) -> Any:
        if not (text.isdecimal() and text.isascii() and len(text) < 19):
            text = text.strip(_SPACE)
            if not text:
                return None
            if not _WHOLE.fullmatch(text):
                return out_of_range if text.isdecimal() and text.isascii() else no_number
            text = text.partition(".")[0]
        value = int(text)
        return value if low <= value <= high else out_of_range

    return convert


def _to_number(text: str) -> Any:
    text = text.strip(_SPACE)
    if not text:
        return None
    value = float(text) if _DECIMAL.fullmatch(text) else math.inf
    return value if math.isfinite(value) else _Wrong("type", "must be a number")


def _to_bytes(text: str) -> Any:
    try:
        return b64decode("".join(text.split()).encode("ascii"), validate=True) or None
    except (Base64Error, UnicodeEncodeError):
        return _Wrong("type", "must be Base64 text")


def _enumeration_converter(allowed: tuple[str, ...]) -> Callable[[str], Any]:
    folded = {value.casefold(): value for value in reversed(allowed)}
    listed = ", ".join(allowed[:12]) + (", ..." if len(allowed) > 12 else "")
    wrong = _Wrong("enumeration", f"must be one of {listed}")

    def convert(text: str) -> Any:
        text = text.strip(_SPACE)
        if not text:
            return None
        value = folded.get(text.casefold())
        return wrong if value is None else value

    return convert


def _string_converter(element: Element) -> Callable[[str], Any]:
    longest = _longest(element)
    pattern = re.compile(element.pattern) if element.pattern is not None else None
    too_long = _Wrong("length", f"may be {longest} characters long at most")
    mismatch = _Wrong("pattern", f"must match {element.pattern}")

    def convert(text: str) -> Any:
        text = _trimmed(text) if text and (text[0] <= " " or text[-1] <= " ") else text
        if len(text) > longest:
            return too_long
        if pattern is not None and not pattern.fullmatch(text):
            return mismatch if text else None
        return text

    return convert


# --- writing


_encoders: dict[tuple[type[Record], Level], Any] = {}
_answer_encoders: dict[tuple[type[Record], Level], Any] = {}
#: Generated functions by name; they call each other through it.
_scope: dict[str, Any] = {}
_names: dict[tuple[type[Record], tuple[int, ...], bool], str] = {}


def encoder(cls: type[R], level: Level) -> Encoder[R]:
    """The function that writes a record of a type: it takes the record and gives its children as XML text.

    The text has the prefixes of the schemas; declaring them is up to the caller. Elements that are None or empty
    lists are left out, a record without content is an empty tag, an empty string a pair of tags. Characters that XML
    forbids become U+FFFD.
    """
    found = _encoders.get((cls, level))
    if found is None:
        found = _encoders[cls, level] = _scope[_writer(cls, level, complete=False)]
    result: Encoder[R] = found
    return result


def answer_encoder(cls: type[R], level: Level) -> Encoder[R]:
    """As `encoder`, for answers: what the schema requires is written even where the record does not say it.

    Requests are taken without what the schema requires, answers are not given without it: a text is empty then, a
    number zero, a boolean false. An enumeration has no such value, so it is up to the operation. A nested record of
    which nothing was said at all is left out instead, when its type requires something.
    """
    found = _answer_encoders.get((cls, level))
    if found is None:
        found = _answer_encoders[cls, level] = _scope[_writer(cls, level, complete=True)]
    result: Encoder[R] = found
    return result


_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escape(text: str) -> str:
    """Escape text for element content: & < > and carriage returns; forbidden characters become U+FFFD."""
    # Nearly every text has nothing to escape, and a look is cheaper than a call.
    if text.isprintable():
        if "&" not in text and "<" not in text and ">" not in text:
            return text
        return _escape_markup(text)
    text = _escape_markup(_FORBIDDEN.sub("\ufffd", text))
    return text.replace("\r", "&#13;") if "\r" in text else text


def _escape_markup(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _escape_attribute(text: str) -> str:
    text = escape(text).replace('"', "&quot;")
    return text.replace("\n", "&#10;").replace("\t", "&#9;")


def _float_text(value: float) -> str:
    if math.isfinite(value):
        return repr(value)
    return "NaN" if math.isnan(value) else "INF" if value > 0 else "-INF"


def _base64_text(value: bytes) -> str:
    return b64encode(value).decode("ascii")


class _Chosen(dict[str, str]):
    """Elements of an enumeration by value, whole: one look-up writes one."""

    def __init__(self, tag: str, values: tuple[str, ...]) -> None:
        self._tag = tag
        super().__init__({value: self._written(value) for value in values})

    def _written(self, value: str) -> str:
        return f"<{self._tag}>{escape(value)}</{self._tag}>"

    def __missing__(self, value: str) -> str:
        """A value that the enumeration does not have is written all the same."""
        return self._written(value)


_scope.update(escape=escape, quote=_escape_attribute, float_text=_float_text, base64_text=_base64_text)

# What stands between the tags for a value `v` that is there; see `_expression`.
_TEXTS: Final = {
    "string": "{v if v.isalnum() else escape(v)}",
    "integer": "{v}",
    "number": "{float_text(v)}",
    "binary": "{base64_text(v)}",
}


#: What stands for a required value that nobody said.
_NOTHING: Final = {"string": "", "boolean": "false", "integer": "0", "number": "0.0", "binary": ""}


def _nothing(element: Element, complete: bool) -> str | None:
    """The text that is written when an element has no value, None for none at all."""
    if complete and element.minimum and not element.is_list and element.kind != "record" and not element.values:
        return _NOTHING[element.kind]
    return None


def _requires(cls: type[Record]) -> bool:
    """Whether a type itself requires something."""
    return any(element.minimum for element in cls.__declaration__.elements)


@cache
def _can_lack(cls: type[Record], inside: tuple[type[Record], ...] = ()) -> bool:
    """Whether a type, or one below it, requires something; a type inside of itself is taken to."""
    below = (e.record for e in cls.__declaration__.elements if e.kind == "record")
    return cls in inside or _requires(cls) or any(_can_lack(each, (*inside, cls)) for each in below)


def _writer(cls: type[Record], level: Level, *, complete: bool) -> str:
    """Make the functions of a type and of the types below it; give the name of the one that writes its children.

    Args:
        complete: write what is required and missing, as answers need it.
    """
    complete = complete and _can_lack(cls)
    key = (cls, _epoch(cls, level), complete)
    name = _names.get(key)
    if name is None:
        declaration = cls.__declaration__
        name = _names[key] = f"{declaration.schema.prefix}_{cls.__name__}_{len(_names)}"
        visible = declaration.visible(key[1])
        parts = [_expression(e, level, complete) for e in visible if e.place != "attribute"]
        attributes = [_attribute_expression(e, complete) for e in visible if e.place == "attribute"]
        _compile(name, parts)
        if attributes:
            _compile(f"{name}_attributes", attributes)
        if complete and _requires(cls):
            _compile_test(name, declaration.elements)
    return name


def _compile(name: str, parts: list[str]) -> None:
    """Define `name(r)` in the scope as one f-string. The source holds names out of declarations only."""
    source = f"def {name}(r):\n    return f'''{''.join(parts)}'''\n"
    exec(compile(source, f"<encoder {name}>", "exec"), _scope)  # noqa: S102


def _compile_test(name: str, elements: tuple[Element, ...]) -> None:
    """Define `name_says(r)`: whether a record says anything."""
    tests = [f"r.{e.attribute}" if e.is_list else f"r.{e.attribute} is not None" for e in elements]
    source = f"def {name}_says(r):\n    return {' or '.join(tests)}\n"
    exec(compile(source, f"<encoder {name}_says>", "exec"), _scope)  # noqa: S102


def _expression(element: Element, level: Level, complete: bool) -> str:
    """The piece of the f-string for an element. It uses double quotes only: the whole is in single ones."""
    value = f"(v := r.{element.attribute})"
    if element.place in ("content", "mixed"):
        return f'{{"" if {value} is None else escape(v)}}'
    tag = f"{element.schema.prefix}:{element.name}"
    if element.kind == "record":
        return _record_expression(element, tag, value, level, complete)
    if element.kind == "boolean":
        filled = f'"<{tag}>true</{tag}>" if v else "<{tag}>false</{tag}>"'
    elif element.values:
        table = f"chosen_{len(_scope)}"
        _scope[table] = _Chosen(tag, element.values)
        filled = f"{table}[v]"
    else:
        filled = f'f"<{tag}>{_TEXTS[element.kind]}</{tag}>"'
    if element.is_list:
        return f'{{"".join([{filled} for v in r.{element.attribute}])}}'
    nothing = _nothing(element, complete)
    missing = "" if nothing is None else f"<{tag}>{nothing}</{tag}>"
    return f'{{"{missing}" if {value} is None else {filled}}}'


def _record_expression(element: Element, tag: str, value: str, level: Level, complete: bool) -> str:
    writer = _writer(element.record, level, complete=complete)
    has_attributes = any(e.place == "attribute" for e in element.record.__declaration__.elements)
    start = f"<{tag}{{{writer}_attributes(v)}}" if has_attributes else f"<{tag}"
    empty = f'f"{start}/>"' if has_attributes else f'"{start}/>"'
    one = f'(f"{start}>{{w}}</{tag}>" if (w := {writer}(v)) else {empty})'
    if element.rows:
        return f'{{"" if not {value} else f"<{tag}>{{str().join(map({writer}, v))}}</{tag}>"}}'
    if element.is_list:
        return f'{{"".join([{one} for v in r.{element.attribute}]) if r.{element.attribute} else ""}}'
    left_out = f"{value} is None"
    if complete and _requires(element.record):
        left_out += f" or not {writer}_says(v)"
    return f'{{"" if {left_out} else {one}}}'


def _attribute_expression(element: Element, complete: bool) -> str:
    """As `_expression`, for an attribute; all attributes of the contract are strings or whole numbers."""
    text = "{v}" if element.kind == "integer" else "{quote(v)}"
    nothing = _nothing(element, complete)
    missing = '""' if nothing is None else f"""' {element.name}="{nothing}"'"""
    return f"""{{{missing} if (v := r.{element.attribute}) is None else f' {element.name}="{text}"'}}"""
