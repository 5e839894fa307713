"""Writes the parts of docs/ that say what the code says: operations, faults, settings of the server, migrations, and
the chosen faults in fidelity.md.

    .venv/bin/python scripts/write_docs.py            rewrites what is not as the code says
    .venv/bin/python scripts/write_docs.py --check    only tells; exit code 1 when something would be rewritten

tests/docs runs the check, so the pages cannot drift.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
import typer

from parley.cli.serve import serve
from parley.config import Config
from parley.contract import declared_operations
from parley.protocol import faults
from parley.protocol.faults import Kind, Mark
from parley.services import registry
from parley.services.registry import Operation
from parley.services.roles import Role
from parley.store import spread

ROOT: Final = Path(__file__).resolve().parent.parent
DOCS: Final = ROOT / "docs"
_SOURCE: Final = ROOT / "src" / "parley"
_NOTE: Final = "<!-- Written by scripts/write_docs.py from the code; change it there. -->"
_BEGIN: Final = "<!-- chosen faults: begin (scripts/write_docs.py) -->"
_END: Final = "<!-- chosen faults: end -->"
_MIGRATIONS: Final = "<!-- migrations: begin (scripts/write_docs.py) -->", "<!-- migrations: end -->"

#: Modules of the API in the order of the page, as people call them.
_SERVICES: Final = {
    "user": "Users",
    "site": "Site",
    "meetingtype": "Meeting types",
    "meeting": "Meetings",
    "teleconference": "Teleconferences",
    "attendee": "Attendees",
    "event": "Events",
    "training": "Trainings",
    "supportsession": "Support sessions",
    "sales": "Sales sessions",
    "ep": "General sessions and recordings",
    "history": "History",
}


def pages() -> dict[Path, str]:
    """Every page that is written here, or in part, with the text that it should have."""
    fidelity, upgrading = DOCS / "fidelity.md", DOCS / "upgrading.md"
    return {
        DOCS / "operations.md": operations_page(),
        DOCS / "faults.md": faults_page(),
        DOCS / "configuration.md": configuration_page(),
        ROOT / "deploy" / "citus.sql": spread.script(),
        fidelity: with_chosen(fidelity.read_text("utf-8")),
        upgrading: with_migrations(upgrading.read_text("utf-8")),
    }


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


# ---- operations ---------------------------------------------------------------------------------------------------


def operations_page() -> str:
    """docs/operations.md."""
    importlib.import_module("parley.services.catalogue")  # enters them
    found = registry.operations()
    served = {each.name for each in found}
    missing = [name for _, name in declared_operations() if name not in served]
    if missing:
        raise SystemExit(f"in the contract, but not served: {', '.join(missing)}")
    lines = [
        "# Operations",
        "",
        _NOTE,
        "",
        f"All {len(found)} operations that the contract has are answered. A running server shows the same list at",
        "`/operations`, and `parley operations --json` prints it for programs. *Since* is the version of the XML API",
        "that brought the operation; 5.9 is the oldest whose contract is known, so it may be older. Any other",
        "operation is answered with 000000 (see [Faults](faults.md)).",
        "",
        "Who may call:",
        "",
        *(f"- *{_access(access)}*: {access.value}" for access in registry.Access),
        "",
        "What an operation may be called *on* (whose meeting, whose account) is in the table [at the",
        "end](#who-may-call-what).",
    ]
    for module in sorted({each.module for each in found}, key=_place):
        lines += ["", f"## {_SERVICES.get(module, module)}", "", f"Module `{module}` of the API.", ""]
        lines += _table(("Operation", "Since", "Who", "What it does"), _rows(found, module))
    lines += [
        "",
        "## Who may call what",
        "",
        "*Own* is the session that somebody holds or scheduled, or his own account; the other columns are about",
        "sessions and accounts of others. An administrator who is a host counts as one for his own sessions. What is",
        "refused shows its code (see [Faults](faults.md)).",
        "",
        *_table(
            (
                *("Operation", "Nobody", "Attendee-only", "Host, own", "Host, another's", "Delegate"),
                *("Read-only admin", "Admin", "Admin of another site"),
            ),
            _roles(found),
        ),
    ]
    return "\n".join(lines) + "\n"


def _place(module: str) -> tuple[int, str]:
    order = list(_SERVICES)
    return (order.index(module) if module in order else len(order), module)


def _rows(found: list[Operation], module: str) -> Iterator[Sequence[str]]:
    for each in found:
        if each.module == module:
            yield f"`{each.name}`", each.since, _access(each.access), each.summary


def _roles(found: list[Operation]) -> Iterator[Sequence[str]]:
    for each in sorted(found, key=lambda entry: (_place(entry.module), entry.name)):
        outcomes = (each.row.outcome(role) for role in Role)
        yield (f"`{each.name}`", *("yes" if outcome is None else outcome.code for outcome in outcomes))


def _access(access: registry.Access) -> str:
    return access.name.lower()


# ---- faults -------------------------------------------------------------------------------------------------------

_MARKS: Final = {
    Mark.SEEN: ("Known", "Code and reason were read in answers or documentation of the real service."),
    Mark.TEXT_CHOSEN: ("Code known, wording chosen", "The real service has the code; its wording is not known."),
    Mark.CHOSEN: (
        "Chosen",
        "What the real service answers, or with which code, is not known: code, reason or both are our choice.",
    ),
}


def faults_page() -> str:
    """docs/faults.md."""
    lines = [
        "# Faults",
        "",
        _NOTE,
        "",
        "Every FAILURE that this release knows: `exceptionID`, `reason`, and when it is answered. Words in braces",
        "stand for what the request had or what is allowed. How faults are delivered, and how several come together,",
        "is told in [For developers](developers.md#faults). Send the same request again after 000035 only.",
    ]
    unused = _unused()
    for mark, (title, text) in _MARKS.items():
        kinds = sorted((each for each in faults.CATALOGUE if each.mark is mark), key=lambda each: each.code)
        lines += ["", f"## {title}", "", text, "", *_fault_table(kinds, unused)]
    return "\n".join(lines) + "\n"


def _fault_table(kinds: Iterable[Kind], unused: set[int]) -> Iterator[str]:
    return _table(
        ("Code", "Reason", "When"),
        (
            (each.code, f"`{each.reason}`", each.when + (" (not answered yet)" if id(each) in unused else ""))
            for each in kinds
        ),
    )


def _unused() -> set[int]:
    """The faults, by identity, that no code of this release answers with."""
    catalogue = Path(faults.__file__)
    source = "\n".join(path.read_text("utf-8") for path in _SOURCE.rglob("*.py") if path != catalogue)
    inside = catalogue.read_text("utf-8")
    return {
        id(kind)
        for name, kind in vars(faults).items()
        if isinstance(kind, Kind) and not re.search(rf"\b{name}\b", source) and not re.search(rf"\b{name}\(", inside)
    }


def with_chosen(page: str) -> str:
    """docs/fidelity.md with the present list of chosen faults between its marks.

    Raises:
        ValueError: the page lacks the marks.
    """
    chosen = [each for each in faults.CATALOGUE if each.mark is Mark.CHOSEN]
    return _between(page, (_BEGIN, _END), [f"- {each.code} `{each.reason}`: {each.when}." for each in chosen])


def _between(page: str, marks: tuple[str, str], lines: Iterable[str]) -> str:
    """A page with these lines between its marks."""
    before, begin, rest = page.partition(marks[0])
    _, end, after = rest.partition(marks[1])
    if not begin or not end:
        raise ValueError(f"the page lacks the marks {marks[0]} and {marks[1]}")
    return "\n".join([f"{before}{begin}", "", *lines, "", f"{end}{after}"])


# ---- migrations ---------------------------------------------------------------------------------------------------

#: What a migration may do to tables that servers of the release before use meanwhile.
_ADDS: Final = frozenset({"create_table", "create_index", "add_column"})


def with_migrations(page: str) -> str:
    """docs/upgrading.md with the present list of migrations between its marks.

    Raises:
        ValueError: the page lacks the marks.
    """
    folder = _SOURCE / "store" / "migrations" / "versions"
    modules = [ast.parse(path.read_text("utf-8")) for path in sorted(folder.glob("r[0-9]*.py"))]
    rows = ((_revision(each), (ast.get_docstring(each) or "").partition("\n")[0], _beside(each)) for each in modules)
    return _between(page, _MIGRATIONS, _table(("Revision", "What it brings", "Beside older servers"), rows))


def _revision(module: ast.Module) -> str:
    (value,) = (
        node.value
        for node in module.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "revision"
    )
    return str(ast.literal_eval(value))


def _beside(module: ast.Module) -> str:
    """Whether servers of the release before go on while and after it runs: it only adds what they need not know."""
    steps = [
        (node.func.attr, node)
        for node in _calls(module, "upgrade")
        if isinstance(node.func, ast.Attribute) and _is_step(node.func)
    ]
    only_adds = {name for name, _ in steps} <= _ADDS
    added = (node for name, node in steps if name == "add_column")
    return "yes" if steps and only_adds and all(_may_be_missing(each) for each in added) else "no"


def _calls(module: ast.Module, name: str) -> Iterator[ast.Call]:
    """All calls in a function of a module, and in the functions of the module that it calls."""
    functions = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    wanted, seen = [name], set[str]()
    while wanted:
        seen.add(name := wanted.pop())
        for node in ast.walk(functions[name]):
            if isinstance(node, ast.Call):
                yield node
                if isinstance(node.func, ast.Name) and node.func.id in functions.keys() - seen:
                    wanted.append(node.func.id)


def _is_step(function: ast.Attribute) -> bool:
    """Whether a method is one that changes the database: one of Alembic's, or a statement."""
    return ast.unparse(function.value) in ("op", "batch") or function.attr == "execute"


def _may_be_missing(call: ast.Call) -> bool:
    """Whether rows can be written without the column that a call adds."""
    inner = (node for node in ast.walk(call) if isinstance(node, ast.Call))
    said = {each.arg: ast.unparse(each.value) for node in inner for each in node.keywords}
    return said.get("nullable") == "True" or "server_default" in said


# ---- settings of the server ---------------------------------------------------------------------------------------

#: Headings, and how the names of the settings below them begin; what fits none stands below the first.
_GROUPS: Final = {
    "Server": (),
    "Mails": ("smtp", "mail_"),
    "Rooms": ("ice_", "turn_", "room_", "presence_"),
    "Janus": ("janus",),
    "Recordings": ("recording", "max_recording"),
}
#: Where more is told of a setting.
_MORE: Final = {
    "database": "[Database](administrators.md#database)",
    "errand_seconds": "[Notices](administrators.md#notices)",
    "ice_servers": "[TURN](deploying.md#turn-for-rooms)",
    "inspector": "[The inspector](developers.md#the-inspector)",
    "janus": "[Janus](administrators.md#janus)",
    "public_url": "[Addresses](integrations.md#public_url)",
    "recordings": "[Files of recordings](administrators.md#files-of-recordings)",
    "room_address": "[Many processes](rooms.md#many-processes)",
    "smtp": "[Mails](administrators.md#mails)",
    "trust_proxy": "[Behind a proxy](administrators.md#behind-a-proxy)",
}
#: What numbers count, by the words in a setting's name.
_UNITS: Final = ("seconds", "minutes", "hours", "days", "bytes", "megabytes")


def configuration_page() -> str:
    """docs/configuration.md.

    Raises:
        ValueError: a setting is not described in the docstring of Config.
    """
    described = _described(inspect.getdoc(Config) or "")
    if missing := [name for name in Config.__struct_fields__ if name not in described]:
        raise ValueError(f"not described in the docstring of Config: {', '.join(missing)}")
    lines = [
        "# Configuration",
        "",
        _NOTE,
        "",
        "Every setting of a server. The first of these that has it decides:",
        "",
        "1. the option of `parley serve`, where there is one",
        "2. the environment variable `PARLEY_<NAME>`, in capitals, as `PARLEY_PUBLIC_URL`; an empty one counts as none",
        "3. the file that the variable `PARLEY_<NAME>_FILE` names: its text is the value, without the line break at",
        "   the end. So secrets come to containers and services: `PARLEY_DATABASE_FILE=/run/secrets/database`",
        "4. the TOML file that `--config` or `PARLEY_CONFIG` names, else `parley.toml` in the data folder",
        "5. the default",
        "",
        "A name that does not exist in the file, or a value that is not understood, ends the program with one line",
        "that says so. Settings of a site are other ones: [Settings of a site](administrators.md#settings-of-a-site).",
    ]
    for title in _GROUPS:
        names = [name for name in Config.__struct_fields__ if _group(name) == title]
        rows = (_setting(name, described[name]) for name in names)
        lines += ["", f"## {title}", "", *_table(("Setting", "Option", "Default", "Values", "What it is"), rows)]
    return "\n".join(lines) + "\n"


def _described(docstring: str) -> dict[str, str]:
    """The entries below "Attributes:", by name; an entry may be of several names."""
    entries = re.split(r"^    (?=\w)", docstring.partition("\nAttributes:\n")[2], flags=re.MULTILINE)
    found = {}
    for entry in entries:
        names, _, text = " ".join(entry.split()).partition(": ")
        found.update(dict.fromkeys(names.split(", "), text))
    return found


def _group(name: str) -> str:
    fitting = (title for title, starts in _GROUPS.items() if name.startswith(starts))
    return next(fitting, next(iter(_GROUPS)))


def _setting(name: str, text: str) -> Sequence[str]:
    declared = next(each for each in msgspec.structs.fields(Config) if each.name == name)
    default = declared.default
    told = re.sub(r"\bNone:", "without it:", text).replace(". without", ". Without").rstrip(".")
    more = f"{told}. {_MORE[name]}" if name in _MORE else told
    shown = "none" if default is None else f"`{msgspec.json.encode(default).decode().strip(chr(34))}`"
    return f"`{name}`", _options().get(name, ""), shown, _values(name, msgspec.inspect.type_info(declared.type)), more


def _options() -> dict[str, str]:
    """The options of `parley serve` by the setting that they set."""
    app = typer.Typer()
    app.command()(serve)
    command = typer.main.get_command(app)
    spellings = {str(each.name): (*each.opts, *each.secondary_opts) for each in command.params}
    return {name: ", ".join(f"`{each}`" for each in found) for name, found in spellings.items()}


def _values(name: str, kind: msgspec.inspect.Type) -> str:
    """What a setting may be, in words."""
    if isinstance(kind, msgspec.inspect.UnionType):
        (kind,) = (each for each in kind.types if not isinstance(each, msgspec.inspect.NoneType))
    if isinstance(kind, msgspec.inspect.BoolType):
        return "true, false"
    if isinstance(kind, msgspec.inspect.LiteralType):
        return ", ".join(f"`{each}`" for each in kind.values)
    if not isinstance(kind, msgspec.inspect.IntType | msgspec.inspect.FloatType):
        return "text"
    unit = next((each for each in reversed(_UNITS) if name.endswith(each)), "number")
    low, high = kind.ge, kind.le
    bounds = (
        f", {low} to {high}" if low is not None and high is not None else f", from {low}" if low is not None else ""
    )
    return unit + bounds


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or with --check only tell which are not as the code says."""
    stale = [path for path, text in pages().items() if not path.is_file() or path.read_text("utf-8") != text]
    check = "--check" in arguments
    for path in stale:
        sys.stdout.write(f"{path.relative_to(ROOT)}: {'not what the code says' if check else 'rewritten'}\n")
        if not check:
            path.write_text(pages()[path], "utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
