"""What a site has that others would like to have, and people of another site who try to get it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b
from typing import Final
from urllib.parse import quote_plus, unquote, unquote_plus

from lxml import etree

from parley.services.registry import Operation
from parley.services.roles import Role
from parley.store import tables
from tests.attacks.generated.amounts import LONG, some
from tests.attacks.generated.contract import Leaf, kind_of, leaves, readers, with_text
from tests.attacks.generated.wire import Reply, Wire, document
from tests.attacks.generated.worlds import Filler, Rows, new_cast, rows_of, values, with_history, with_recordings
from tests.services.test_roles import Cast
from tests.services.test_tenant_crossing import MARK, OWNER, UNKNOWN, own_everything

#: Columns that say when, how much or of what kind, and the site's own name, which is no secret.
_NO_NAMES: Final = re.compile(
    r"(_at|_on|_local|_start|_end|micros|size|seconds|\.kind|\.service|\.state|\.role|\.status|\.listing|media_type|\.part"
    r"|\.type|Type|level|inspected_requests\..*|sites\.name|external|used)$"
)
#: Numbers that tests count up, dates, and hashes that all sites of tests share.
_MADE_UP: Final = re.compile(r"0{7}|\d\d/\d\d/\d{4}|\d{4}-\d\d-\d\d|^\$")
#: Words of an answer that may be secrets of somebody.
_WORDS: Final = re.compile(r"[\w@.+-]{8,}")
_LINK: Final = re.compile("[a-z][0-9a-f]{32}")
DIGIT: Final = re.compile(r"\d")
DIGITS: Final = re.compile(r"\d+")
#: Values that a place is tried with in the suite: one that takes a number or name of something, and any other.
_MOST: Final = 3
_FEW: Final = 1


def twin(value: str) -> str:
    """A value of the same form that nobody has; the same one each time.

    Every digit and letter is turned by the same step, so that what is said twice is said twice, which rules for
    passwords look at, and numbers stay on the same side of the limits of their types.
    """
    seed = blake2b(value.encode(), digest_size=8).digest()
    turned = [_turned(value, 1 + (seed[0] + step) % 9, seed) for step in range(9)]
    return next((each for each in turned if _as_large(each) == _as_large(value)), turned[0])


def _turned(value: str, step: int, seed: bytes) -> str:
    kept = 1 if _LINK.fullmatch(value) else value.find("://") + 3 if "://" in value else 0
    made = [value[:kept]]
    for letter in value[kept:]:
        if letter.isascii() and letter.isdigit():
            made.append(str((int(letter) + step) % 10))
        elif letter.isascii() and letter.isalpha():
            first, count = ("a", 6) if letter in "abcdef" else ("A", 26) if letter.isupper() else ("g", 20)
            made.append(chr(ord(first) + (ord(letter) - ord(first) + 1 + seed[1] % (count - 1)) % count))
        else:
            made.append(letter)
    return "".join(made)


def _as_large(value: str) -> tuple[bool, ...]:
    """Between which limits a number lies; what is no number lies nowhere."""
    return (value[0] == "0", int(value) < 2**31, int(value) < 2**63) if value.isdigit() else ()


@dataclass
class Loot:
    """What a site has that is worth a try.

    Attributes:
        names: values that name something, of places that take one.
        others: all other values.
        secrets: what no answer may have in it.
        everything: all values.
    """

    names: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    secrets: frozenset[str] = frozenset()
    everything: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, theirs: Rows, own: Rows) -> Loot:
        """The loot of a site that another one has not."""
        known = {path: set(found) for path, found in values(own).items()}
        everywhere = {value for found in known.values() for value in found}
        keys = _key_columns()
        made, secrets = cls(), set()
        for path, found in values(theirs).items():
            fresh = [each for each in found if len(each) > 3 and each not in everywhere and len(each) < 200]
            fresh = [each for each in fresh if _is_theirs(each)]
            if not fresh or _NO_NAMES.search(path):
                continue
            made.everything.update(fresh)
            is_name = path in keys or path.endswith(("_id", "_key", "uuid", "_link", "token", "rcid", "codes"))
            (made.names if is_name else made.others).extend(
                each for each in (fresh[0], fresh[-1]) if each not in made.names
            )
            secrets |= {each.casefold() for each in fresh if len(each) > 7 and len(DIGIT.findall(each)) > 3}
        made.secrets = frozenset(secrets)
        return made

    @cached_property
    def numbers(self) -> list[str]:
        """The names that are numbers."""
        return [each for each in self.names if each.isdigit()]


def _is_theirs(value: str) -> bool:
    """Whether a value is of this site and no other: it has the word of full sites in it, or was drawn by chance."""
    drawn = len(DIGIT.findall(value)) > 3 and not _MADE_UP.search(value)
    return drawn or MARK.casefold() in value.casefold() or OWNER in value.casefold()


def _key_columns() -> set[str]:
    """Columns by which rows are found: of keys, of what is unique, of indexes."""
    found = set()
    for table in tables.metadata.tables.values():
        parts = [*table.constraints, *table.indexes]
        found |= {f"{table.name}.{column.name}" for part in parts for column in getattr(part, "columns", ())}
    return found


@dataclass
class Scene:
    """Somebody who attacks, and what he is after."""

    wire: Wire
    cast: Cast
    loot: Loot
    there: int
    theirs: Cast
    sent: int = 0
    kept: set[str] = field(default_factory=set)
    holes: list[tuple[str, ...]] = field(default_factory=list)

    def anew(self) -> Scene:
        """The same with people of a site on which nobody did anything yet."""
        return replace(self, cast=new_cast(self.wire), sent=0, kept=set(), holes=[])

    def tries(self, operation: Operation, role: Role) -> Iterable[tuple[Leaf, str]]:
        """What is put where."""
        for leaf in leaves(operation.request):
            if leaf.element.kind == "integer":
                found: Sequence[str] = self.loot.numbers
            elif leaf.free:
                found = self.loot.names
            else:
                continue
            salt = f"{operation.name}/{leaf.name}/{role}"
            takes = leaf.element.name in UNKNOWN or leaf.element.name.lower().endswith(("id", "key", "name", "email"))
            for value in some(found, _MOST if takes else _FEW, salt):
                yield leaf, value
            if leaf.free and (LONG or takes):
                for value in some(self.loot.others, _FEW, salt):
                    yield leaf, value

    def call(self, operation: Operation, role: Role, sample: etree._Element, leaf: Leaf, value: str) -> Reply:
        """One call with a value in a place."""
        self.sent += 1
        if operation not in readers():
            self.keep(value)
        body = with_text(sample, leaf, value)
        reply = self.wire.documents([document(self.cast.client(role), kind_of(operation), body)])[0]
        assert not reply.raised, (operation.name, leaf.name, value, reply.raised)
        assert (reply.status, reply.result in ("SUCCESS", "FAILURE")) == (200, True), reply.text
        assert reply.code != "000029", (operation.name, leaf.name, value, reply.text)
        return reply

    def keep(self, value: str) -> None:
        """Remember that the caller's own site may have a value now, since he sent it."""
        self.kept |= _words(value)

    def told(self, reply: Reply, sent: str) -> set[str]:
        """What an answer tells that is not the caller's, but for what he sent himself."""
        words = _words(unquote(reply.text))
        forms = (sent, unquote_plus(sent), quote_plus(sent))
        known = self.kept.union(*map(_words, forms))
        return {word for word in words - known if word in self.loot.secrets or MARK.casefold() in word}


def _words(text: str) -> set[str]:
    """The words of a text that may be secrets, without the dots of sentences."""
    return {word.strip(".") for word in _WORDS.findall(text.casefold())}


def marked(_leaf: Leaf) -> tuple[str, ...]:
    """The word that stands in every text of a full site, in the forms that places take."""
    return (MARK, f"{MARK}@people.example", f"https://{MARK}.example/")


def full_site(wire: Wire, probe: Cast) -> Cast:
    """A site with one of everything, and a word in every text of it."""
    cast = new_cast(wire, OWNER)
    Filler(wire, probe).fill(cast, marked)
    with_recordings(cast, MARK)
    with_history(cast, MARK)
    own_everything(cast.site)
    return cast


def people_after(wire: Wire) -> Scene:
    """People of a site, who are after what belongs to another."""
    cast = new_cast(wire)
    there = full_site(wire, new_cast(wire))
    loot = Loot.of(rows_of(wire, there.site.site_id), rows_of(wire, cast.site.site_id))
    return Scene(wire, cast, loot, there.site.site_id, there)
