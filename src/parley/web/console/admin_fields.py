"""Forms for settings of a site, made from a declaration of each: read, checked, saved with nobody's change lost.

A form carries for each of its fields a mark of the value that it was made with. What a person did not touch is left as
it is by now; what the person changed and somebody else changed too is not saved but shown beside the field.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any, Final, NamedTuple

from msgspec import inspect

from parley.domain.site import Site, SiteSettings
from parley.services.new_site import SiteError
from parley.services.site_changes import Author, change_site, read_differences
from parley.services.site_values import with_values
from parley.store import audit, sites
from parley.web.console.fields import Field, Kind
from parley.web.console.shell import ConsoleCall
from parley.web.link_values import MAX_VALUE
from parley.web.words import said

#: Entries of the log in which somebody else's change is looked for.
_LOOKED_THROUGH: Final = 50
#: Longest text of a setting that has no bound of its own.
_LONGEST: Final = 200
#: Longest list that a form carries whole; longer ones are changed by the command line.
_LONGEST_LIST: Final = MAX_VALUE - 100
_TRIES: Final = 5
#: A site on which nobody has set anything.
_NEW_SITE: Final = Site(0, "")


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


class Invalid(Exception):
    """A text that is no value of a setting; the message is for the person who sent it."""


class Shape(NamedTuple):
    """What the type of a setting says of it."""

    kind: Kind
    optional: bool
    least: int | None
    most: int | None
    longest: int
    choices: tuple[str, ...]


class Rows(NamedTuple):
    """How a setting that is a list of groups of values is written, one in a line."""

    write: Callable[[Any], str]
    read: Callable[[str, Any, int], Any]
    """Of the lines, the present value, and the time now; raises Invalid."""


@dataclass(frozen=True)
class Option:
    """A setting, as a form shows it.

    Attributes:
        name: as `parley site show` prints it, such as `labs.offered`.
        label, hint, wrong: marked for translation; `wrong` says what is expected where the bounds do not.
        told: where GetSite tells it; empty: nowhere.
        names: of the values to choose from; those that are not named stand for themselves.
        choices: values to choose from, for settings whose type does not say them.
        least, most, longest: bounds that the type does not say.
        idle: it is kept, and nothing obeys it so far.
        server: whoever runs the server decides on it; it is only shown.
        rows: of a list of groups.
    """

    name: str
    label: str
    hint: str = ""
    told: str = ""
    wrong: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    choices: Callable[[int], Sequence[tuple[str, str]]] | None = None
    least: int | None = None
    most: int | None = None
    longest: int | None = None
    idle: bool = False
    server: bool = False
    rows: Rows | None = None

    @property
    def key(self) -> str:
        """The name of its field."""
        return self.name.upper()

    def value(self, site: Site) -> Any:
        """Its value."""
        found: Any = site.settings
        for part in self.name.split("."):
            found = getattr(found, part)
        return found

    def text(self, site: Site) -> str:
        """Its value as the field has it."""
        value = self.value(site)
        if self.rows is not None:
            return self.rows.write(value)
        if value is None or value is False:
            return ""
        if value is True:
            return "1"
        return "\n".join(value) if isinstance(value, list | tuple) else str(value)

    @property
    def shape(self) -> Shape:
        """What its type says."""
        if self.rows is not None:
            return Shape("lines", False, None, None, _LONGEST_LIST, ())
        found = _shape(self.name)
        least = found.least if self.least is None else self.least
        most = found.most if self.most is None else self.most
        longest = found.longest if self.longest is None else self.longest
        return found._replace(least=least, most=most, longest=longest, kind="list" if self.choices else found.kind)

    def field(self, text: str, now: int) -> Field:
        """Its field with this text in it."""
        shape = self.shape
        made = Field(self.key, shape.kind, self.label, text, self.hint, longest=shape.longest)
        if shape.kind == "number":
            made.least = "" if shape.least is None else str(shape.least)
            made.most = "" if shape.most is None else str(shape.most)
            made.required = not shape.optional
        if shape.kind == "list":
            made.options = self._options(text, now)
        return made

    def _options(self, text: str, now: int) -> list[tuple[str, str]]:
        found = list(self.choices(now)) if self.choices else [(each, "") for each in self.shape.choices]
        if text not in (value for value, _name in found):
            found.append((text, text))
        return [(value, said(self.names[value]) if value in self.names else name or value) for value, name in found]

    def read(self, text: str, site: Site, now: int) -> Any:
        """The value of a text.

        Raises:
            Invalid: it is none.
        """
        shape = self.shape
        if self.rows is not None:
            return self.rows.read(text, self.value(site), now)
        if shape.kind == "tick":
            return text == "1"
        if shape.kind == "number":
            return _number(text, shape)
        if shape.kind == "lines":
            return text.splitlines()
        if shape.kind == "list" and text not in (value for value, _name in self._options(self.text(site), now)):
            raise Invalid(said(_("Please choose one.")))
        if isinstance(self.value(site), int):  # a number to choose, such as that of a time zone
            return int(text)
        if len(text) > shape.longest:
            raise Invalid(said(_("At most %(most)s characters, please."), most=shape.longest))
        return text

    def shown(self, site: Site, now: int) -> str:
        """Its value for people."""
        text = self.text(site)
        if self.shape.kind == "tick":
            return said(_("on") if text else _("off"))
        if not text:
            return said(_("none"))
        if self.shape.kind == "list":
            return next(name for value, name in self._options(text, now) if value == text)
        return ", ".join(text.splitlines())


def _number(text: str, shape: Shape) -> int | None:
    if not text and shape.optional:
        return None
    least, most = 0 if shape.least is None else shape.least, 10**9 if shape.most is None else shape.most
    if text.isascii() and text.isdecimal() and len(text) <= 15 and least <= int(text) <= most:
        return int(text)
    if shape.least is None and shape.most is None:
        raise Invalid(said(_("Please give a whole number.")))
    if shape.most is None:
        raise Invalid(said(_("Please give a whole number, at least %(least)s."), least=least))
    raise Invalid(said(_("Please give a whole number from %(least)s to %(most)s."), least=least, most=most))


def _bounds(shape: Shape) -> str:
    if shape.kind != "number" or (shape.least is None and shape.most is None):
        return ""
    if shape.most is None:
        return said(_("at least %(least)s"), least=shape.least)
    return said(_("%(least)s to %(most)s"), least=shape.least or 0, most=shape.most)


@lru_cache(maxsize=256)
def _shape(name: str) -> Shape:
    """What the type of a setting says of it."""
    kind: Any = inspect.type_info(SiteSettings)
    for part in name.split("."):
        kind = next(each.type for each in kind.fields if each.name == part)
    kinds = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    optional = any(isinstance(each, inspect.NoneType) for each in kinds)
    inner = next(each for each in kinds if not isinstance(each, inspect.NoneType))
    match inner:
        case inspect.BoolType():
            return Shape("tick", optional, None, None, 1, ())
        case inspect.IntType():
            return Shape("number", optional, inner.ge, inner.le, 15, ())
        case inspect.LiteralType():
            return Shape("list", optional, None, None, _LONGEST, tuple(map(str, inner.values)))
        case inspect.ListType() | inspect.VarTupleType():
            return Shape("lines", optional, None, None, _LONGEST_LIST, ())
        case inspect.StrType():
            return Shape("text", optional, None, None, min(inner.max_length or _LONGEST, _LONGEST_LIST), ())
    raise TypeError(name)


# ---- forms ---------------------------------------------------------------------------------------------------------


def mark(text: str) -> str:
    """What a form carries of the value that a field was made with, so that changes of others are noticed."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


@dataclass
class Row:
    """A setting on a page: its field, or its value where it is not changed there."""

    option: Option
    field: Field
    was: str
    shown: str
    usual: str
    """What new sites have; empty for nothing."""
    bounds: str
    """Between which numbers it is, for people."""
    fixed: str = ""
    """Why it cannot be changed on the page."""


class Form:
    """The fields of some settings, and what was sent of them."""

    def __init__(self, console: ConsoleCall, options: Iterable[Option]) -> None:
        self.console = console
        self.rows = {option.name: self._row(option) for option in options}
        self.wrong: str | None = None

    def _row(self, option: Option) -> Row:
        site, now = self.console.site, self.console.now
        text = option.text(site)
        usual = option.shown(_NEW_SITE, now) if option.text(_NEW_SITE) or option.shape.kind == "tick" else ""
        row = Row(option, option.field(text, now), mark(text), option.shown(site, now), usual, _bounds(option.shape))
        if option.server:
            row.fixed = _("Only whoever runs the server changes this.")
        elif len(text) > _LONGEST_LIST:
            row.fixed = _("This is too long for a page; the command line changes it.")
        return row

    @property
    def refused(self) -> bool:
        """Whether something that was sent cannot be saved."""
        return bool(self.wrong) or any(row.field.error for row in self.rows.values())

    async def save(self) -> list[str]:
        """Save what was sent, all of it or nothing.

        Returns:
            The names of the settings that differ now. When something was wrong none does, and it is said beside its
            field.
        """
        for _attempt in range(_TRIES):
            wanted = await self._wanted()
            if self.refused or not wanted:
                return []
            try:
                await save_values(self.console, partial(self._untouched, wanted))
            except _Meanwhile:
                site = await sites.by_id(self.console.application.engine, self.console.site.site_id)
                self.console.site = site or self.console.site
                continue
            except SiteError as error:
                self._blame(wanted, error)
                return []
            return list(wanted)
        self.wrong = _("Others are changing the same settings right now. Please try again.")
        return []

    def _untouched(self, wanted: Mapping[str, Any], site: Site) -> Mapping[str, Any]:
        for name in wanted:
            option = self.rows[name].option
            if option.text(site) != option.text(self.console.site):
                raise _Meanwhile
        return wanted

    async def _wanted(self) -> dict[str, Any]:
        """The values that are to be others than they are."""
        wanted: dict[str, Any] = {}
        for name, row in self.rows.items():
            was = self.console.text(f"WAS.{row.option.key}")
            if not was or row.fixed:
                continue
            sent, present = self._sent(row), row.option.text(self.console.site)
            row.field.value, row.was = sent, mark(present)
            if sent == present:
                continue
            if mark(sent) == was:  # others changed it, the person did not
                row.field.value = present
            elif mark(present) != was:
                row.field.error = await self._conflict(row)
            else:
                self._read(row, wanted, name)
        return wanted

    def _read(self, row: Row, wanted: dict[str, Any], name: str) -> None:
        try:
            if row.field.kind == "lines" and len(row.field.value) > _LONGEST_LIST:
                raise Invalid(said(_("At most %(most)s characters, please."), most=_LONGEST_LIST))
            value = row.option.read(row.field.value, self.console.site, self.console.now)
        except Invalid as invalid:
            row.field.error = str(invalid)
        else:
            if value != row.option.value(self.console.site):
                wanted[name] = value

    def _sent(self, row: Row) -> str:
        if row.field.kind == "lines":
            lines = self.console.values.get(row.option.key).splitlines()
            return "\n".join(text for line in lines if (text := " ".join(line.split())))
        return self.console.text(row.option.key)

    async def _conflict(self, row: Row) -> str:
        who = await changed_by(self.console, row.option.name)
        shown = row.option.shown(self.console.site, self.console.now)[:300]
        text = _("%(who)s changed this meanwhile: %(value)s. Save again to have yours instead.")
        return said(text, who=who, value=shown)

    def _blame(self, wanted: Mapping[str, Any], error: SiteError) -> None:
        """Say beside the fields that alone are wrong what is; else above all."""
        for name, value in wanted.items():
            row = self.rows[name]
            try:
                with_values(self.console.site, {name: value})
            except SiteError as alone:
                row.field.error = row.option.wrong or sentence(alone)
        if not self.refused:
            expected = (self.rows[name].option.wrong for name in wanted)
            self.wrong = next((each for each in expected if each), sentence(error))


class _Meanwhile(Exception):
    """What is to be changed is not any more as it was."""


async def save_values(console: ConsoleCall, wanted: Callable[[Site], Mapping[str, Any]]) -> None:
    """Give the site other values in the name of the visitor, as `parley site set` does; the log has it.

    Args:
        wanted: the values for the site as it is by now; raises when it has become another one than the visitor saw.

    Raises:
        SiteError: a value does not fit.
        Conflict: others were always faster.
    """

    def change(site: Site) -> Site:
        return with_values(site, wanted(site))

    await change_site(console.application.engine, console.site.site_id, change, author_of(console), console.now)


def author_of(console: ConsoleCall) -> Author:
    """The visitor, as the log names him."""
    return Author(console.user.web_ex_id, "CONSOLE")


async def changed_by(console: ConsoleCall, name: str) -> str:
    """Who changed a value of the site last, as the log has it."""
    for entry in await audit.latest(console.application.engine, console.site.site_id, _LOOKED_THROUGH):
        if any(each.name == name or each.name.startswith(f"{name}.") for each in read_differences(entry)):
            return entry.author
    return said(_("Somebody else"))


def sentence(error: Exception) -> str:
    """What an error says, as a sentence: without the place in the settings where msgspec found it."""
    text = str(error).removeprefix("a value does not fit: ").partition(" - at `$")[0]
    text = text[:1].upper() + text[1:]
    return text if text.endswith(".") else f"{text}."
