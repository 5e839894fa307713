"""Writes the parts of docs/ that say what the code says: operations, faults, and the chosen faults in fidelity.md.

    .venv/bin/python scripts/write_docs.py            rewrites what is not as the code says
    .venv/bin/python scripts/write_docs.py --check    only tells; exit code 1 when something would be rewritten

tests/docs runs the check, so the pages cannot drift.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from parley.contract import declared_operations
from parley.protocol import faults
from parley.protocol.faults import Kind, Mark
from parley.services import registry
from parley.services.registry import Operation
from parley.services.roles import Role

ROOT: Final = Path(__file__).resolve().parent.parent
DOCS: Final = ROOT / "docs"
_SOURCE: Final = ROOT / "src" / "parley"
_NOTE: Final = "<!-- Written by scripts/write_docs.py from the code; change it there. -->"
_BEGIN: Final = "<!-- chosen faults: begin (scripts/write_docs.py) -->"
_END: Final = "<!-- chosen faults: end -->"

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
    fidelity = DOCS / "fidelity.md"
    return {
        DOCS / "operations.md": operations_page(),
        DOCS / "faults.md": faults_page(),
        fidelity: with_chosen(fidelity.read_text("utf-8")),
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
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError("fidelity.md lacks the marks of the list of chosen faults")
    chosen = [each for each in faults.CATALOGUE if each.mark is Mark.CHOSEN]
    rows = [f"- {each.code} `{each.reason}`: {each.when}." for each in chosen]
    return "\n".join([f"{before}{begin}", "", *rows, "", f"{end}{after}"])


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
