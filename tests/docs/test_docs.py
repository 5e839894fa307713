"""The documentation: generated pages are what the code says, links lead somewhere, examples run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from parley.cli.server import demo_command
from parley.config import Config
from parley.domain.site import SiteSettings
from parley.protocol.faults import CATALOGUE, Mark
from parley.services import demo, registry
from scripts import write_docs
from tests.server import Server

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.glob("*.md"))]

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ADDRESS = "http://127.0.0.1:8080"
_LARGEST_PICTURE = 150_000


def prose(page: Path) -> str:
    """A page without its code."""
    return _CODE.sub("", page.read_text("utf-8"))


def anchors(page: Path) -> set[str]:
    """The names of a page's headings, as links use them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def block(page: str, language: str, holding: str) -> str:
    """The one code block of a page in a language that holds a text."""
    found = [text for kind, text in _BLOCK.findall((DOCS / page).read_text("utf-8")) if kind == language]
    (one,) = [str(text) for text in found if holding in text]
    return one


@pytest.mark.parametrize("page", write_docs.pages(), ids=lambda page: page.name)
def test_generated_pages_are_what_the_code_says(page: Path) -> None:
    assert page.read_text("utf-8") == write_docs.pages()[page], "run .venv/bin/python scripts/write_docs.py"


def test_every_operation_and_every_fault_is_on_its_page() -> None:
    operations, faults, fidelity = (
        (DOCS / name).read_text("utf-8") for name in ("operations.md", "faults.md", "fidelity.md")
    )
    assert registry.operations()
    assert all(f"| `{each.name}` | {each.since} |" in operations for each in registry.operations())
    assert all(f"| {each.code} | `{each.reason}` |" in faults for each in CATALOGUE)
    assert all(f"- {each.code} `{each.reason}`" in fidelity for each in CATALOGUE if each.mark is Mark.CHOSEN)


def test_a_page_without_the_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks the marks"):
        write_docs.with_chosen("# Fidelity\n")


def links() -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        for target in _LINK.findall(prose(page)):
            yield page, target


@pytest.mark.parametrize(("page", "target"), list(links()), ids=lambda value: getattr(value, "name", value))
def test_links_lead_somewhere(page: Path, target: str) -> None:
    if target.startswith("https://"):
        return
    name, _, anchor = target.partition("#")
    found = (page.parent / name).resolve() if name else page
    assert found.is_relative_to(ROOT)
    assert found.exists()
    if anchor:
        assert anchor in anchors(found)


def test_every_page_is_reached_from_the_index() -> None:
    reached = {(DOCS / target.partition("#")[0]).resolve() for page, target in links() if page == DOCS / "index.md"}
    assert set(DOCS.glob("*.md")) - {DOCS / "index.md"} <= reached


def test_pictures_are_small() -> None:
    pictures = [path for path in (DOCS / "images").iterdir() if path.is_file()]
    assert pictures
    assert all(path.stat().st_size < _LARGEST_PICTURE for path in pictures)


def test_pages_have_no_trailing_blanks_and_one_title() -> None:
    for page in PAGES:
        text = page.read_text("utf-8")
        assert not re.search(r"[ \t]+$", text, re.M), page.name
        assert len(re.findall(r"^# ", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S), re.M)) == 1, page.name


def test_every_setting_is_documented() -> None:
    listed = (DOCS / "configuration.md").read_text("utf-8")
    assert [name for name in Config.__struct_fields__ if f"\n| `{name}` |" not in listed] == []
    text = (DOCS / "administrators.md").read_text("utf-8")
    assert [name for name in SiteSettings.__struct_fields__ if f"`{name}" not in text] == []


def test_the_readme_shows_the_command_that_the_server_prints() -> None:
    assert demo_command(_ADDRESS) in (ROOT / "README.md").read_text("utf-8")


@pytest.fixture
def demo_server(sqlite_server: Server) -> Server:
    """A server with the demo site."""
    sqlite_server.run(demo.ensure_demo_site(sqlite_server.application))
    return sqlite_server


def run(*command: str, **more: str) -> str:
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=60, env={"PATH": os.environ["PATH"], **more}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_python_example_runs(demo_server: Server) -> None:
    example = block("quickstart.md", "python", "CreateMeeting")
    assert _ADDRESS in example
    lines = run(sys.executable, "-W", "error", "-c", example.replace(_ADDRESS, demo_server.url)).splitlines()
    assert re.fullmatch(r"[0-9]{11} Weekly review .* http://\S+/j\.php\?MTID=m[0-9a-f]{32}", lines[0])
    assert "/m.php?AT=JM&MK=" in lines[1]


def test_the_shell_example_runs(demo_server: Server) -> None:
    arguments = ["-d", "metaData.confName=From the shell", "--url", demo_server.url, "--user", "host1"]
    bin_folder = Path(sys.executable).parent
    run(str(bin_folder / "parley"), "call", "CreateMeeting", *arguments, PARLEY_PASSWORD=demo.PASSWORD)
    example = block("quickstart.md", "bash", "LstsummaryMeeting")
    assert _ADDRESS in example
    assert "<meet:confName>From the shell" in run("bash", "-c", example.replace(_ADDRESS, demo_server.url))
