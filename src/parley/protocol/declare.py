"""The field language in which the contract modules declare the XML types of the API.

A contract module makes one `Schema` and then declares its types as classes derived from `Record`:

    SCHEMA = Schema(module="meeting", prefix="meet", namespace="...", path="com/webex/.../meeting.xsd")
    RepeatKind = SCHEMA.enumeration("repeatTypeType", "WEEKLY", "DAILY")

    class AccessControlType(Record):
        list_to_public: bool | None = boolean("listToPublic")
        meeting_password: str | None = string("meetingPassword", max_length=16)

Records are msgspec structs: every field is optional and keyword-only, absent is None (an empty list for repeated
elements), and their JSON form uses the XML names. Decoder, encoder and schema files are all made from these
declarations, so a name is written once only.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Final, Literal, TypeAlias, cast, dataclass_transform

from msgspec import Struct, StructMeta, field

UNBOUNDED: int | None = None

Kind: TypeAlias = Literal["boolean", "string", "integer", "number", "binary", "record"]
Place: TypeAlias = Literal["element", "attribute", "content", "mixed"]


class SimpleType:
    """A named simple type: a string, either free or out of a list of values.

    `values` is empty for a free string. `schema` is the schema that declares it.
    """

    __slots__ = ("name", "schema", "values")

    def __init__(self, schema: Schema, name: str, values: tuple[str, ...] = ()) -> None:
        self.schema = schema
        self.name = name
        self.values = values

    def __repr__(self) -> str:
        return f"<SimpleType {self.schema.prefix}:{self.name}>"


class Schema:
    """One schema namespace of the API and the types declared in it, in the order of declaration.

    module: name of the API module; prefix: the prefix answers use; namespace: the target namespace;
    path: where the schema file lies in the published tree (facts/versions.md, section 1); closed: documents of it are
    kept whole, so what the types do not have is a problem instead of being passed over.
    """

    __slots__ = ("closed", "elements", "module", "namespace", "path", "prefix", "types")

    def __init__(self, *, module: str, prefix: str, namespace: str, path: str, closed: bool = False) -> None:
        self.module = module
        self.closed = closed
        self.prefix = prefix
        self.namespace = namespace
        self.path = path
        self.types: dict[str, SimpleType | type[Record]] = {}
        self.elements: dict[str, type[Record]] = {}

    def enumeration(self, name: str, *values: str) -> SimpleType:
        """Declare a simple type that allows the given values only."""
        return self._add(SimpleType(self, name, values))

    def simple(self, name: str) -> SimpleType:
        """Declare a simple type that is a free string."""
        return self._add(SimpleType(self, name))

    def element(self, name: str, cls: type[Record]) -> None:
        """Declare a global element, a possible root of a document."""
        self.elements[name] = cls

    def records(self) -> Iterator[type[Record]]:
        """The named record types, in the order of declaration."""
        return (kind for kind in self.types.values() if not isinstance(kind, SimpleType))

    def add_record(self, name: str, cls: type[Record]) -> None:
        """Enter a named record type (done by the metaclass of `Record`). Raises TypeError for a name used before."""
        self._claim(name)
        self.types[name] = cls

    def _add(self, simple: SimpleType) -> SimpleType:
        self._claim(simple.name)
        self.types[simple.name] = simple
        return simple

    def _claim(self, name: str) -> None:
        if name in self.types:
            raise TypeError(f"{self.prefix}:{name} is declared twice")

    def __repr__(self) -> str:
        return f"<Schema {self.module}>"


class Element:
    """What is known of one element (or attribute, or text content) of a record type.

    name: XML name; attribute: Python name; schema: the schema that qualifies it on the wire;
    kind and xsd: how it is read and its built-in XSD type; simple: its named simple type, if any;
    values: the allowed values (empty: any); minimum and maximum: occurrence (maximum None: unbounded);
    default: the documented default as XML text; since: API version it came with, None when it was there in 5.9
    or when the version is not known. The other bounds are XSD facets. also: names under which it is read too.
    """

    __slots__ = (
        "_target",
        "also",
        "attribute",
        "choice",
        "default",
        "exact",
        "high",
        "kind",
        "low",
        "max_length",
        "maximum",
        "minimum",
        "name",
        "nillable",
        "owner",
        "pattern",
        "place",
        "rows",
        "schema",
        "simple",
        "since",
        "values",
        "xsd",
    )

    def __init__(
        self,
        name: str,
        kind: Kind,
        xsd: str,
        *,
        required: bool = False,
        default: str | None = None,
        since: str | None = None,
        choice: bool = False,
        nillable: bool = False,
        simple: SimpleType | None = None,
        values: tuple[str, ...] = (),
        max_length: int | None = None,
        low: int | None = None,
        high: int | None = None,
        pattern: str | None = None,
        target: type[Record] | str | None = None,
    ) -> None:
        self.name = name
        self.also: tuple[str, ...] = ()
        self.kind: Kind = kind
        self.xsd = xsd
        self.minimum = 1 if required else 0
        self.maximum: int | None = 1
        self.default = default
        self.since = since
        self.choice = choice
        self.nillable = nillable
        self.simple = simple
        self.values = values
        self.max_length = max_length
        self.low = low
        self.high = high
        self.pattern = pattern
        self.place: Place = "element"
        self.rows = False
        self.exact = False
        self._target = target

    # filled in when the class statement that holds the element is carried out
    attribute: str
    schema: Schema
    owner: str

    @property
    def is_list(self) -> bool:
        """Whether the Python value is a list."""
        return self.rows or self.maximum is None or self.maximum > 1

    @property
    def record(self) -> type[Record]:
        """The record type of a `record` element. Raises TypeError for other kinds."""
        target = self._target
        if target is None:
            raise TypeError(f"{self.name} holds no record")
        if isinstance(target, str):
            target = cast("type[Record]", getattr(sys.modules[self.owner], target))
            self._target = target
        return target

    def __repr__(self) -> str:
        return f"<Element {self.name}>"


class Declaration:
    """The declaration of one record type.

    name: XML type name (for an anonymous type the name of the class, for messages only); schema: where it belongs;
    anonymous: it is written in place in the schema files; base: the record type it extends, if any;
    own: its own elements; elements: those of the base types first, then its own.
    """

    __slots__ = ("anonymous", "base", "cls", "elements", "name", "own", "schema")

    def __init__(
        self, name: str, schema: Schema, anonymous: bool, base: type[Record] | None, own: tuple[Element, ...]
    ) -> None:
        self.name = name
        self.schema = schema
        self.anonymous = anonymous
        self.base = base
        self.own = own
        self.elements: tuple[Element, ...] = (*base.__declaration__.elements, *own) if base else own

    cls: type[Record]

    def visible(self, level: str | tuple[int, ...]) -> tuple[Element, ...]:
        """The elements a site at the given level knows, in the order of the schema."""
        version = version_tuple(level) if isinstance(level, str) else level
        return tuple(e for e in self.elements if e.since is None or version_tuple(e.since) <= version)


def version_tuple(version: str) -> tuple[int, ...]:
    """Turn "42.6.0" into (42, 6, 0). Raises ValueError when a part is no number."""
    return tuple(int(part) for part in version.split("."))


#: Names of the elements of all records that were made so far.
ELEMENT_NAMES: Final[set[str]] = set()


@dataclass_transform(kw_only_default=True)
class RecordMeta(StructMeta):
    """Turns a class body of element declarations into a msgspec struct and keeps the declarations beside it."""

    def __new__(
        mcls: type[RecordMeta],
        cls_name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        /,
        *,
        name: str | None = None,
        anonymous: bool = False,
        **config: Any,
    ) -> RecordMeta:
        """Make the class. name: XML type name; anonymous: the type is written in place, without a name."""
        module = sys.modules[namespace["__module__"]]
        if not any(isinstance(base, RecordMeta) for base in bases):  # the base class itself
            namespace["__declaration__"] = None
            return StructMeta.__new__(mcls, cls_name, bases, namespace, **config)
        schema: Schema | None = getattr(module, "SCHEMA", None)
        if schema is None:
            raise TypeError(f"{module.__name__} declares {cls_name} but has no SCHEMA")
        own = []
        for key, element in namespace.items():
            if type(element) is Element:
                element.attribute = key
                element.schema = schema
                element.owner = module.__name__
                ELEMENT_NAMES.add(element.name)
                own.append(element)
        for element in own:
            namespace[element.attribute] = (
                field(default_factory=list, name=element.name)
                if element.is_list
                else field(default=None, name=element.name)
            )
        base = next((b for b in bases if getattr(b, "__declaration__", None) is not None), None)
        xml_name = name or cls_name[0].lower() + cls_name[1:]
        declaration = Declaration(xml_name, schema, anonymous, cast("type[Record] | None", base), tuple(own))
        namespace["__declaration__"] = declaration
        namespace["xml_name"] = xml_name
        namespace["xml_schema"] = schema
        made = StructMeta.__new__(
            mcls, cls_name, bases, namespace, kw_only=True, omit_defaults=True, gc=False, **config
        )
        cls = cast("type[Record]", made)
        declaration.cls = cls
        if not anonymous:
            schema.add_record(xml_name, cls)
        return made


class Record(Struct, metaclass=RecordMeta):
    """Base of all record types. Fields are given by keyword; a field that is not given is absent from the XML.

    A class is anonymous when the schema writes the type in place (`class X(Record, anonymous=True)`); its XML type
    name is the class name with a small first letter unless `name=` says otherwise.
    """

    __declaration__: ClassVar[Declaration]
    #: Name of the type in the schema files, such as `createMeeting`.
    xml_name: ClassVar[str]
    #: The schema that declares the type.
    xml_schema: ClassVar[Schema]


def boolean(
    name: str,
    *,
    required: bool = False,
    default: str | None = None,
    since: str | None = None,
    choice: bool = False,
) -> Any:
    """Declare an xsd:boolean element."""
    return Element(name, "boolean", "xsd:boolean", required=required, default=default, since=since, choice=choice)


def string(
    name: str,
    simple: SimpleType | None = None,
    *,
    required: bool = False,
    default: str | None = None,
    since: str | None = None,
    max_length: int | None = None,
    pattern: str | None = None,
    values: tuple[str, ...] = (),
    choice: bool = False,
    token: bool = False,
) -> Any:
    """Declare a string element: free, of a named simple type, or (values) one of a list written in place.

    pattern is an XSD pattern; token says that a list written in place has the base xsd:NMTOKEN.
    """
    return Element(
        name,
        "string",
        "xsd:NMTOKEN" if token else "xsd:string",
        simple=simple,
        required=required,
        default=default,
        since=since,
        max_length=max_length,
        pattern=pattern,
        values=simple.values if simple is not None else values,
        choice=choice,
    )


def _whole(xsd: str) -> Callable[..., Any]:
    def declare(
        name: str,
        *,
        required: bool = False,
        default: str | None = None,
        since: str | None = None,
        low: int | None = None,
        high: int | None = None,
        choice: bool = False,
    ) -> Any:
        return Element(
            name, "integer", xsd, required=required, default=default, since=since, low=low, high=high, choice=choice
        )

    declare.__doc__ = f"Declare a whole number, {xsd}; low and high are the smallest and largest value allowed."
    return declare


integer = _whole("xsd:integer")
long = _whole("xsd:long")
int32 = _whole("xsd:int")


def number(
    name: str,
    xsd: str = "xsd:double",
    *,
    required: bool = False,
    default: str | None = None,
    since: str | None = None,
) -> Any:
    """Declare a floating point number, xsd:double or xsd:float."""
    return Element(name, "number", xsd, required=required, default=default, since=since)


def binary(name: str, *, required: bool = False, since: str | None = None) -> Any:
    """Declare an xsd:base64Binary element; its Python value is bytes."""
    return Element(name, "binary", "xsd:base64Binary", required=required, since=since)


def record(
    name: str,
    target: type[Record] | str,
    *,
    required: bool = False,
    since: str | None = None,
    choice: bool = False,
    nillable: bool = False,
) -> Any:
    """Declare an element that holds a record. A type declared further down is given by the name of its class."""
    return Element(name, "record", "", target=target, required=required, since=since, choice=choice, nillable=nillable)


def misspelled(element: Any, *names: str) -> Any:
    """Let requests call an element by other names too: those it was given by mistake in what clients were made from."""
    element.also = names
    return element


def many(element: Any, *, least: int = 0, most: int | None = UNBOUNDED) -> Any:
    """Make an element repeatable; its Python value is a list. least and most bound how often it may occur."""
    element.minimum = least
    element.maximum = most
    return element


def rows(element: Any) -> Any:
    """Say that the element occurs once but its inner sequence repeats; its Python value is a list of records.

    Of a record with alternatives (`choice`) each row is one of them, in the order of the document.
    """
    element.rows = True
    return element


def attribute(element: Any) -> Any:
    """Make an attribute of what was declared as an element."""
    element.place = "attribute"
    return element


def content(*, mixed: bool = False, exact: bool = False) -> Any:
    """Declare the text directly inside the element; mixed when elements may stand beside it.

    exact: blanks at its ends belong to it.
    """
    element = Element("text", "string", "xsd:string")
    element.place = "mixed" if mixed else "content"
    element.exact = exact
    return element
