"""A site's own mail templates as the console keeps them: which files there are, checking, keeping and resetting them.

The files lie in the data folder (see `parley.mail.rendering`). Whoever may write there directly may use all that the
sandbox lets run. What comes over the console is checked first: only names of built-in files, only a part of Jinja that
cannot keep a process busy and cannot put what people wrote into HTML as it is, and every mail that uses the file is
filled with an example in every language that mails are written in.
"""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from jinja2 import Environment, TemplateSyntaxError, UndefinedError, meta, nodes
from jinja2.exceptions import SecurityError, TemplateNotFound
from lxml import html as lxml_html

from parley.domain.site import Site
from parley.mail.composing import to_fill
from parley.mail.languages import CATALOGUES, Language
from parley.mail.previews import TOLD_AT, example, named_language, names
from parley.mail.rendering import (
    TEMPLATES,
    CarriedOut,
    EmptySubject,
    Rendered,
    TooMuchWork,
    Tried,
    carries_out,
    render_tried,
    site_folder,
)
from parley.services.links import Links

#: Characters that a file may have.
MOST: Final = 16_000
#: So many problems are told at once.
_MOST_PROBLEMS: Final = 20
_FRAMES: Final = frozenset({"layout.html", "layout.txt", "layout.subject", "parts.html", "parts.txt"})
#: What rendering gives to every template beside the values of a mail.
_ALWAYS: Final = frozenset(
    {"_", "layout", "parts_of_form", "form", "language", "subject", "self", "super", "caller", "loop"}
)
#: Filters that make no text much longer, and escape what has to be.
_FILTERS: Final = frozenset(
    {
        "apart",
        "tight",
        "e",
        "escape",
        "upper",
        "lower",
        "capitalize",
        "title",
        "trim",
        "default",
        "d",
        "length",
        "count",
    }
)
#: So many filters stand in a row at most, and so many texts are put together in one place.
_MOST_IN_A_ROW: Final = 10
#: What may follow a percent sign in a text with values: a name, so many times at most; widths would make texts of any
#: length.
_FILLED: Final = re.compile(r"%(?:\([A-Za-z_]\w{0,99}\)s|%)")
_MOST_PLACES: Final = 20
#: Seconds of a core after which trying a text is given up.
_MOST_SECONDS: Final = 10.0
#: The one list among the values of mails.
_LISTS: Final = frozenset({"phones"})
_NODES: Final = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Extends,
    nodes.Block,
    nodes.Scope,
    nodes.If,
    nodes.For,
    nodes.Import,
    nodes.FromImport,
    nodes.Macro,
    nodes.CallBlock,
    nodes.Name,
    nodes.Const,
    nodes.Tuple,
    nodes.List,
    nodes.Keyword,
    nodes.CondExpr,
    nodes.Filter,
    nodes.Test,
    nodes.Call,
    nodes.Getattr,
    nodes.Concat,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
)
#: How tags are called that are not taken.
_TAGS: Final[dict[type[nodes.Node], str]] = {
    nodes.Include: "include",
    nodes.Assign: "set",
    nodes.AssignBlock: "set",
    nodes.With: "with",
    nodes.FilterBlock: "filter",
    nodes.ScopedEvalContextModifier: "autoescape",
    nodes.EvalContextModifier: "autoescape",
}
#: The end of a text within a tag, where a value would follow that is not in quotes.
_BARE: Final = re.compile(r"""<[a-zA-Z](?:[^<>"']|"[^"]{0,500}"|'[^']{0,500}')*=\s*$""")
#: Put in place of what people write, to see what becomes of it in HTML.
_PROBE: Final = "\"'><probe-x>& probe-x=1"


class Problem(NamedTuple):
    """What is wrong with a text.

    Attributes:
        kind: long, empty, letters, syntax, undefined, unknown_name, tag, expression, filter, call, loop, extends, raw,
            bare, secret, subject, work, parent, secure, failed.
        line: in the file, from 1; None where it is not known.
        what: the name or the message that goes with it.
        mail: the mail that shows it; empty: any.
    """

    kind: str
    line: int | None = None
    what: str = ""
    mail: str = ""


class Kept(NamedTuple):
    """A file as a site has it.

    Attributes:
        own: the site's own text; None: it has the built-in one.
        unreadable: there is an own one that is no text.
    """

    name: str
    built_in: str
    own: str | None
    unreadable: bool = False

    @property
    def text(self) -> str:
        """The text that counts."""
        return self.built_in if self.own is None else self.own

    @property
    def mark(self) -> str:
        """Tells whether somebody changed the file meanwhile."""
        return hashlib.sha256(b"" if self.own is None else f"={self.own}".encode()).hexdigest()


class CannotKeep(Exception):
    """The file cannot be written; the message says why, in one line."""


@lru_cache(maxsize=1)
def file_names() -> tuple[str, ...]:
    """The names of all files: the frames first, then what mails have in common, then the mails."""
    found = sorted(path.name for path in TEMPLATES.iterdir() if path.is_file())
    return tuple(sorted(found, key=lambda name: (name not in _FRAMES, not name.startswith("_"), name)))


def kept(data: Path, site: str, name: str) -> Kept:
    """A file as a site has it.

    Args:
        name: one of `file_names`.

    Raises:
        LookupError: there is no such file.
    """
    folder = _folder(data, site, name)
    built_in = _built_in(name)
    try:
        own = (folder / name).read_text(encoding="utf-8") if folder is not None else None
    except FileNotFoundError:
        own = None
    except (OSError, UnicodeDecodeError):
        return Kept(name, built_in, "", unreadable=True)
    return Kept(name, built_in, own)


def own_names(data: Path, site: str) -> frozenset[str]:
    """The files that a site has its own text of."""
    folder = site_folder(data, site)
    if folder is None:
        return frozenset()
    try:
        found = {path.name for path in folder.iterdir()}
    except OSError:
        return frozenset()
    return frozenset(found & set(file_names()))


def difference(before: str, after: str) -> list[str]:
    """Lines that tell two texts apart, as `diff -u` writes them, without its heading."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
    return list(lines)[2:]


def write_part(data: Path, site: str, name: str, text: str) -> Path:
    """Write a text that was checked beside the place of its file; `put_in_place` makes it count.

    Raises:
        CannotKeep: the data folder cannot be written to, or the site's name cannot be one of a folder.
        LookupError: there is no such file.
    """
    folder = _folder(data, site, name)
    if folder is None:
        raise CannotKeep("the name of the site cannot be one of a folder")
    part = folder / f".{name}.{secrets.token_hex(6)}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise _cannot(error) from None
    return part


def put_in_place(part: Path, name: str) -> None:
    """Let a text count that `write_part` wrote; whoever reads the file sees the old text or the new one.

    Raises:
        CannotKeep: the data folder cannot be written to.
    """
    try:
        part.replace(part.parent / name)
    except OSError as error:
        raise _cannot(error) from None


def _cannot(error: OSError) -> CannotKeep:
    return CannotKeep(f"cannot write to the data folder: {error.strerror}")


def reset(data: Path, site: str, name: str) -> None:
    """Take a site's own text of a file away.

    Raises:
        CannotKeep: the data folder cannot be written to.
        LookupError: there is no such file.
    """
    folder = _folder(data, site, name)
    try:
        if folder is not None:
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise _cannot(error) from None


def _folder(data: Path, site: str, name: str) -> Path | None:
    if name not in file_names():
        raise LookupError(name)
    return site_folder(data, site)


@lru_cache(maxsize=64)
def _built_in(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def cleaned(text: str) -> str:
    """A text as it is kept: lines end alike, the last one too."""
    return f"{text.replace(chr(13) + chr(10), chr(10)).replace(chr(13), chr(10)).rstrip()}\n"


# ---- which mails use a file ----------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def mails_of(name: str) -> tuple[str, ...]:
    """The mails that are made with a file.

    Args:
        name: one of `file_names`.
    """
    return tuple(names()) if name in _FRAMES else tuple(each for each in names() if name in files_of(each))


@lru_cache(maxsize=64)
def files_of(mail: str) -> tuple[str, ...]:
    """The files with words that a mail is made of, its own first; those of the frame come on top."""
    found = [f"{mail}.mail"]
    for each in found:
        references = meta.find_referenced_templates(Environment(autoescape=True).parse(_built_in(each)))
        found += [name for name in references if name is not None and name not in found]
    return tuple(found)


# ---- checking ------------------------------------------------------------------------------------------------


def languages() -> list[Language]:
    """The languages that mails are written in, English first."""
    return [named_language(tag) for tag in ("en", *sorted(path.stem for path in CATALOGUES.glob("*.po")))]


def tried(site: Site, links: Links, folder: Path | None, name: str, text: str, mail: str, words: Language) -> Rendered:
    """A mail filled with an example, with a text in the place of a file.

    Raises:
        Exception: whatever is wrong with the text.
    """
    template, values = _filled_with(mail, site, links, words)
    return render_tried(template, words, values, _known(folder), Tried(name, text))


def _known(folder: Path | None) -> Path | None:
    return folder if folder is not None and folder.is_dir() else None


def check(site: Site, links: Links, data: Path, name: str, text: str) -> list[Problem]:
    """What is wrong with a text for a file of a site; nothing: it can be kept. Takes up to a second.

    Raises:
        LookupError: there is no such file.
    """
    folder = _folder(data, site.name, name)
    if len(text) > MOST:
        return [Problem("long", what=str(MOST))]
    if not text.strip():
        return [Problem("empty")]
    if "\0" in text or not _storable(text):
        return [Problem("letters")]
    try:
        tree = Environment(autoescape=True).parse(text)
    except TemplateSyntaxError as error:
        return [Problem("syntax", error.lineno, error.message or "")]
    except RecursionError:
        return [Problem("work")]
    except ValueError as error:  # a number of thousands of digits
        return [Problem("syntax", what=str(error)[:100])]
    try:
        problems = _read(tree, name, _names_known(site, links, name))
    except RecursionError:
        return [Problem("work")]
    return problems or _fill(site, links, _known(folder), name, text)


def _storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _names_known(site: Site, links: Links, name: str) -> frozenset[str]:
    found = set(_ALWAYS)
    for mail in mails_of(name):
        found |= _filled_with(mail, site, links, languages()[0])[1].keys()
    return frozenset(found)


def _filled_with(mail: str, site: Site, links: Links, words: Language) -> tuple[str, dict[str, Any]]:
    """The template of a mail, and what it is filled with as an example."""
    return to_fill(example(mail, site, links, words), TOLD_AT)


def _read(tree: nodes.Template, name: str, known: frozenset[str]) -> list[Problem]:
    """What reading a template alone tells."""
    reader = _Reader(tree, known)
    if name.endswith(".mail") and tree.find(nodes.Extends) is None:
        reader.problems.append(Problem("extends", 1))
    reader.look(tree)
    return sorted(set(reader.problems), key=lambda each: (each.line or 0, each))[:_MOST_PROBLEMS]


class _Reader:
    """Goes through a template and notes what is not taken."""

    def __init__(self, tree: nodes.Template, known: frozenset[str]) -> None:
        self.problems: list[Problem] = []
        self._modules = {"self", *(each.target for each in tree.find_all(nodes.Import))}
        self._macros = {"_", "super", "caller", *(each.name for each in tree.find_all(nodes.Macro))}
        for each in tree.find_all(nodes.FromImport):
            self._macros |= {one if isinstance(one, str) else one[1] for one in each.names}
        made = {each.name for each in tree.find_all(nodes.Name) if each.ctx in ("store", "param")}
        self._known = known | self._modules | self._macros | made
        for shadowed in sorted((made | self._modules | self._macros) & _LISTS):
            self._note("loop", tree, shadowed)
        # What may be called is known by its name, so no other value may take such a name.
        for shadowed in sorted((made & (self._modules | self._macros)) | (self._macros & self._modules)):
            self._note("call", tree, shadowed)

    def look(self, node: nodes.Node) -> None:
        """Look at a node and all below it."""
        check = self._CHECKS.get(type(node))
        if isinstance(node, nodes.Expr) and not isinstance(node, _NODES):
            self._note("expression", node)
        elif not isinstance(node, _NODES):
            self._note("tag", node, _TAGS.get(type(node), type(node).__name__.lower()))
        elif check is not None:
            check(self, node)
        for child in node.iter_child_nodes():
            self.look(child)

    def _note(self, kind: str, node: nodes.Node, what: str = "") -> None:
        self.problems.append(Problem(kind, node.lineno, what[:100]))

    def _name(self, node: nodes.Name) -> None:
        if node.ctx == "load" and node.name not in self._known:
            self._note("unknown_name", node, node.name)

    def _filter(self, node: nodes.Filter) -> None:
        if node.name == "safe":
            self._note("raw", node)
        elif node.name not in _FILTERS:
            self._note("filter", node, node.name)
        if _in_a_row(node) > _MOST_IN_A_ROW:
            self._note("work", node)

    def _concat(self, node: nodes.Concat) -> None:
        if len(node.nodes) > _MOST_IN_A_ROW or any(isinstance(each, nodes.Concat) for each in node.nodes):
            self._note("work", node)

    def _const(self, node: nodes.Const) -> None:
        """Texts can hold, as escapes, letters that no mail can."""
        if isinstance(node.value, str) and ("\0" in node.value or not _storable(node.value)):
            self._note("letters", node)

    def _call(self, node: nodes.Call) -> None:
        called = node.node
        if isinstance(called, nodes.Name) and called.name in self._macros:
            if called.name == "_" and not (node.args and _is_fillable(node.args[0])):
                self._note("call", node, "_")
            return
        if (
            isinstance(called, nodes.Getattr)
            and isinstance(called.node, nodes.Name)
            and called.node.name in self._modules
        ):
            return
        self._note("call", node, getattr(called, "name", None) or getattr(called, "attr", None) or "")

    def _for(self, node: nodes.For) -> None:
        within = next((each for part in (*node.body, *node.else_) for each in _loops(part)), None)
        if within is not None:  # each loop within another one multiplies the work
            self._note("loop", within)
        if not (isinstance(node.iter, nodes.Name) and node.iter.name in _LISTS) or node.recursive:
            self._note("loop", node)

    def _place(self, node: nodes.Extends | nodes.Import | nodes.FromImport) -> None:
        template = node.template
        named = template.value if isinstance(template, nodes.Const) else None
        if isinstance(template, nodes.Name) and template.name in ("layout", "parts_of_form"):
            return
        if named not in file_names():
            self._note("parent", node, str(named or ""))

    def _import(self, node: nodes.Import | nodes.FromImport) -> None:
        if node.with_context:  # it would be filled anew each time
            self._note("tag", node, "import … with context")
        self._place(node)

    def _output(self, node: nodes.Output) -> None:
        """Values in tags stand in quotes; else what people wrote could become attributes."""
        for before, after in zip(node.nodes, node.nodes[1:], strict=False):
            if isinstance(before, nodes.TemplateData) and _BARE.search(before.data):
                self._note("bare", after)

    _CHECKS: Final[dict[type[nodes.Node], Callable[[_Reader, Any], None]]] = {
        nodes.Name: _name,
        nodes.Filter: _filter,
        nodes.Concat: _concat,
        nodes.Const: _const,
        nodes.Call: _call,
        nodes.For: _for,
        nodes.Extends: _place,
        nodes.Import: _import,
        nodes.FromImport: _import,
        nodes.Output: _output,
    }


def _in_a_row(node: nodes.Expr | None) -> int:
    """How many filters stand in a row up to this one."""
    count = 0
    while isinstance(node, nodes.Filter) and count <= _MOST_IN_A_ROW:
        node, count = node.node, count + 1
    return count


def _is_fillable(node: nodes.Expr) -> bool:
    """Whether it is a text whose places are filled with texts as they are."""
    if not isinstance(node, nodes.Const) or not isinstance(node.value, str):
        return False
    rest, places = _FILLED.subn("", node.value)
    return "%" not in rest and places <= _MOST_PLACES


def _loops(node: nodes.Node) -> Iterator[nodes.Node]:
    """The loops in a node, itself too."""
    if isinstance(node, nodes.For):
        yield node
    yield from node.find_all(nodes.For)


def _fill(site: Site, links: Links, folder: Path | None, name: str, text: str) -> list[Problem]:
    """What filling the mails that use a file with examples tells."""
    candidate = Tried(name, text)
    problems: list[Problem] = []
    begun = time.thread_time()
    for mail in mails_of(name):
        if time.thread_time() - begun > _MOST_SECONDS:
            problems.append(Problem("work", None, "", mail))
            break
        for words in languages():
            template, values = _filled_with(mail, site, links, words)
            try:
                found = render_tried(template, words, values, folder, candidate)
                if carries_out(found.html, values):
                    raise CarriedOut
            except Exception as error:  # a template can fail in any way
                problems.append(_failed(error, name, mail))
                break
        else:
            problems += _leaks(site, links, folder, candidate, mail)
        if len(problems) >= _MOST_PROBLEMS:
            break
    return _once(problems)


def _once(problems: Sequence[Problem]) -> list[Problem]:
    """Each problem once, with the first mail that shows it."""
    found: dict[tuple[str, int | None, str], Problem] = {}
    for each in problems:
        found.setdefault((each.kind, each.line, each.what), each)
    return list(found.values())


def _failed(error: Exception, name: str, mail: str) -> Problem:
    if isinstance(error, TemplateSyntaxError):
        return Problem("syntax", error.lineno, error.message or "", mail)
    line, what = _line_of(error, name), " ".join(str(error).split())[:200]
    if isinstance(error, CarriedOut):
        return Problem("secret", None, "", mail)
    if isinstance(error, EmptySubject):
        return Problem("subject", None, "", mail)
    if isinstance(error, TooMuchWork | RecursionError):
        return Problem("work", None if isinstance(error, RecursionError) else line, "", mail)
    kinds: dict[type[Exception], str] = {
        UndefinedError: "undefined",
        TemplateNotFound: "parent",
        SecurityError: "secure",
    }
    kind = next((kinds[each] for each in type(error).__mro__ if each in kinds), "failed")
    return Problem(kind, line, what, mail)


def _line_of(error: Exception, name: str) -> int | None:
    """The last line of a file that was being filled when something went wrong."""
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == name:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _leaks(site: Site, links: Links, folder: Path | None, candidate: Tried, mail: str) -> list[Problem]:
    """Whether what people wrote can become tags or attributes in HTML."""
    words = languages()[0]
    template, values = _filled_with(mail, site, links, words)
    values = {name: _PROBE if _is_free(name, value) else value for name, value in values.items()}
    try:
        page = lxml_html.document_fromstring(render_tried(template, words, values, folder, candidate).html)
    except Exception as error:  # it fails with other values than those of the example
        return [_failed(error, candidate.name, mail)]
    for each in page.iter():
        if not isinstance(each.tag, str):
            continue
        inside = each.tag in ("script", "style") and "probe-x" in (each.text or "")
        if each.tag == "probe-x" or "probe-x" in each.attrib or inside:
            return [Problem("raw", None, "", mail)]
    return []


def _is_free(name: str, value: object) -> bool:
    """Whether a value is a text that people write."""
    return type(value) is str and not name.endswith(("link", "url", "link_for")) and name != "what"
