"""The schema files of the API, written from the declarations in contract/ for any version level.

The files lie in the same tree as the published ones (facts/versions.md, section 1) with relative imports; `all.xsd`
at the root imports every schema, so that a validator that loads it can check any document by its xsi:type.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from parley import contract
from parley.protocol.declare import Declaration, Element, Record, Schema, SimpleType, version_tuple
from parley.protocol.versions import Level

#: The file that imports all others.
ALL: Final = "all.xsd"

_XSD: Final = "http://www.w3.org/2001/XMLSchema"
#: Entries of an archive carry this time, so that the same level always gives the same bytes.
_ARCHIVE_TIME: Final = (2022, 6, 1, 0, 0, 0)


@lru_cache(maxsize=16)
def schema_files(level: Level) -> dict[str, str]:
    """The schema files of a level: path in the tree -> text. Elements newer than the level are left out."""
    contract.modules()
    files = {schema.path: _Writer(schema, level).text() for schema in contract.SCHEMAS}
    files[ALL] = _all_file()
    return files


def write_tree(level: Level, folder: Path) -> list[Path]:
    """Write the schema files of a level below a folder and give their paths. Raises OSError when that fails."""
    written = []
    for path, text in schema_files(level).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        written.append(target)
    return written


def zip_bytes(level: Level) -> bytes:
    """The schema files of a level as a ZIP archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in schema_files(level).items():
            archive.writestr(zipfile.ZipInfo(path, _ARCHIVE_TIME), text, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _all_file() -> str:
    imports = "".join(
        f"  <xsd:import namespace={quoteattr(schema.namespace)} schemaLocation={quoteattr(schema.path)}/>\n"
        for schema in contract.SCHEMAS
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<xsd:schema xmlns:xsd="{_XSD}">\n{imports}</xsd:schema>\n'


def _attributes(**values: str | None) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in values.items() if value is not None)


class _Writer:
    """Writes one schema file."""

    def __init__(self, schema: Schema, level: Level) -> None:
        self.schema = schema
        self.level = level
        self.used: set[Schema] = {schema}
        own = [element for cls in schema.records() for element in cls.__declaration__.own]
        self._repeating = {element.record for element in own if element.rows}
        self.lines: list[str] = []

    def text(self) -> str:
        for name, kind in self.schema.types.items():
            if isinstance(kind, SimpleType):
                self._simple_type(1, kind.values, name=name)
            else:
                self._complex_type(1, kind.__declaration__, name=name, rows=kind in self._repeating)
        for name, cls in self.schema.elements.items():
            self._line(1, f"<xsd:element{_attributes(name=name, type=self._reference(cls))}/>")
        return "\n".join([*self._head(), *self.lines, "</xsd:schema>", ""])

    def _head(self) -> Iterable[str]:
        schema = self.schema
        yield '<?xml version="1.0" encoding="UTF-8"?>'
        used = [other for other in contract.SCHEMAS if other in self.used]
        prefixes = "".join(f' xmlns:{other.prefix}="{other.namespace}"' for other in used)
        yield (
            f'<xsd:schema xmlns:xsd="{_XSD}"{prefixes} targetNamespace="{schema.namespace}"'
            f' elementFormDefault="qualified" attributeFormDefault="unqualified" version="{self.level}">'
        )
        for other in used:
            if other is not schema:
                location = posixpath.relpath(other.path, posixpath.dirname(schema.path))
                yield f'  <xsd:import namespace="{other.namespace}" schemaLocation="{location}"/>'

    def _line(self, depth: int, text: str) -> None:
        self.lines.append("  " * depth + text)

    def _reference(self, kind: SimpleType | type[Record]) -> str:
        """The qualified name of a named type; its schema gets imported."""
        schema = kind.schema if isinstance(kind, SimpleType) else kind.xml_schema
        self.used.add(schema)
        return f"{schema.prefix}:{kind.name if isinstance(kind, SimpleType) else kind.xml_name}"

    def _simple_type(
        self, depth: int, values: Iterable[str], *, name: str | None = None, base: str = "xsd:string", facets: str = ""
    ) -> None:
        self._line(depth, f"<xsd:simpleType{_attributes(name=name)}>")
        inner = "".join(f"<xsd:enumeration value={quoteattr(value)}/>" for value in values) + facets
        if not inner:
            self._line(depth + 1, f'<xsd:restriction base="{base}"/>')
        else:
            self._line(depth + 1, f'<xsd:restriction base="{base}">')
            for facet in inner.replace("/><", "/>\n<").split("\n"):
                self._line(depth + 2, facet)
            self._line(depth + 1, "</xsd:restriction>")
        self._line(depth, "</xsd:simpleType>")

    def _complex_type(
        self, depth: int, declaration: Declaration, *, name: str | None = None, rows: bool = False
    ) -> None:
        version = self.level.parts
        own = [e for e in declaration.own if e.since is None or version_tuple(e.since) <= version]
        mixed = any(e.place == "mixed" for e in own)
        self._line(depth, f"<xsd:complexType{_attributes(name=name, mixed='true' if mixed else None)}>")
        if name is not None and declaration.cls.__doc__:
            self._documentation(depth + 1, declaration.cls.__doc__)
        if any(e.place == "content" for e in own):
            self._line(depth + 1, "<xsd:simpleContent>")
            self._line(depth + 2, '<xsd:extension base="xsd:string">')
            self._particles(depth + 3, own)
            self._line(depth + 2, "</xsd:extension>")
            self._line(depth + 1, "</xsd:simpleContent>")
        elif declaration.base is not None:
            self._line(depth + 1, "<xsd:complexContent>")
            self._line(depth + 2, f'<xsd:extension base="{self._reference(declaration.base)}">')
            self._particles(depth + 3, own)
            self._line(depth + 2, "</xsd:extension>")
            self._line(depth + 1, "</xsd:complexContent>")
        else:
            self._particles(depth + 1, own, rows=rows)
        self._line(depth, "</xsd:complexType>")

    def _documentation(self, depth: int, text: str) -> None:
        words = escape(" ".join(text.split()))
        self._line(depth, f"<xsd:annotation><xsd:documentation>{words}</xsd:documentation></xsd:annotation>")

    def _particles(self, depth: int, own: list[Element], *, rows: bool = False) -> None:
        """The elements of a type, alternatives next to each other in a choice; then its attributes."""
        elements = [e for e in own if e.place == "element"]
        if elements:
            repeats = ' minOccurs="0" maxOccurs="unbounded"' if rows else ""
            self._line(depth, f"<xsd:sequence{repeats}>")
            in_choice = False
            for element in elements:
                if element.choice != in_choice:
                    self._line(depth + 1, "<xsd:choice>" if element.choice else "</xsd:choice>")
                    in_choice = element.choice
                self._element(depth + 2 if in_choice else depth + 1, element)
            if in_choice:
                self._line(depth + 1, "</xsd:choice>")
            self._line(depth, "</xsd:sequence>")
        for element in own:
            if element.place == "attribute":
                self._attribute(depth, element)

    def _element(self, depth: int, element: Element) -> None:
        bounds = _attributes(
            minOccurs=None if element.minimum == 1 else str(element.minimum),
            maxOccurs=None if element.maximum == 1 else str(element.maximum or "unbounded"),
            default=element.default,
            nillable="true" if element.nillable else None,
        )
        if element.kind == "record" and element.record.__declaration__.anonymous:
            self._line(depth, f'<xsd:element name="{element.name}"{bounds}>')
            self._complex_type(depth + 1, element.record.__declaration__, rows=element.rows)
            self._line(depth, "</xsd:element>")
        elif element.kind == "record":
            self._line(depth, f'<xsd:element name="{element.name}" type="{self._reference(element.record)}"{bounds}/>')
        else:
            self._typed(depth, "element", element, bounds)

    def _attribute(self, depth: int, element: Element) -> None:
        use = "required" if element.minimum else None
        self._typed(depth, "attribute", element, _attributes(use=use, default=element.default))

    def _typed(self, depth: int, tag: str, element: Element, rest: str) -> None:
        """An element or attribute with a simple type: by name, or written in place when it has bounds of its own."""
        base = element.xsd if element.simple is None else self._reference(element.simple)
        facets = _facets(element)
        values = element.values if element.simple is None else ()
        if not facets and not values:
            self._line(depth, f'<xsd:{tag} name="{element.name}" type="{base}"{rest}/>')
            return
        self._line(depth, f'<xsd:{tag} name="{element.name}"{rest}>')
        self._simple_type(depth + 1, values, base=base, facets=facets)
        self._line(depth, f"</xsd:{tag}>")


def _facets(element: Element) -> str:
    known = (
        ("maxLength", element.max_length),
        ("minInclusive", element.low),
        ("maxInclusive", element.high),
        ("pattern", element.pattern),
    )
    return "".join(f"<xsd:{name} value={quoteattr(str(value))}/>" for name, value in known if value is not None)
