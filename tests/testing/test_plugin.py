"""The pytest plugin in a fresh small project, as others use it."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.testing.programs import environment

ROOT = Path(__file__).resolve().parents[2]
_SETTINGS = "[pytest]\naddopts = --strict-markers --strict-config\nfilterwarnings = error\n"
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def run(folder: Path, *arguments: str, **variables: str) -> str:
    """Run pytest in a folder; what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *arguments],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=240,
    )
    return f"{done.stdout}{done.stderr}exit code {done.returncode}"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with nothing in it but the settings of a careful project."""
    (tmp_path / "pytest.ini").write_text(_SETTINGS, "utf-8")
    return tmp_path


def test_the_examples_of_the_documentation_pass_without_a_conftest(project: Path) -> None:
    (example,) = _BLOCK.findall((ROOT / "docs" / "testing.md").read_text("utf-8"))
    (project / "test_mine.py").write_text(example, "utf-8")
    output = run(project, "-p", "parley.testing.plugin")
    assert re.search(r"\b4 passed in ", output), output
    assert output.endswith("exit code 0"), output


def test_pytest_finds_the_plugin_where_parley_is_installed(project: Path) -> None:
    entries = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]["pytest11"]
    assert entries == {"parley.testing.plugin": "parley.testing.plugin"}
    installed = project / "site" / "parley_as_installed-1.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: parley-as-installed\nVersion: 1\n", "utf-8")
    (installed / "entry_points.txt").write_text(
        "[pytest11]\n" + "".join(f"{name} = {place}\n" for name, place in entries.items()), "utf-8"
    )
    (project / "test_mine.py").write_text(
        "def test_it(parley_site, parley_clock):\n    assert parley_site.clock is parley_clock\n", "utf-8"
    )
    for arguments in ([], ["-p", "parley.testing.plugin"]):
        output = run(project, *arguments, PYTHONPATH=str(project / "site"))
        assert re.search(r"\b1 passed in ", output), output


def test_projects_that_do_not_use_it_load_nothing(project: Path) -> None:
    heavy = "{'parley.web', 'parley.services', 'parley.store', 'lxml', 'msgspec', 'uvicorn', 'httpx', 'sqlalchemy'}"
    (project / "test_mine.py").write_text(
        f"import sys\n\n\ndef test_it():\n    assert 'parley.testing.plugin' in sys.modules\n"
        f"    assert not {heavy} & set(sys.modules)\n",
        "utf-8",
    )
    output = run(project, "-p", "parley.testing.plugin")
    assert re.search(r"\b1 passed in ", output), output


def test_a_test_leaves_nothing_to_the_next_one(project: Path) -> None:
    (project / "test_mine.py").write_text(
        "import time\n\nimport pytest\n\n\n"
        "@pytest.mark.parametrize('turn', [1, 2])\n"
        "def test_it(parley_site, turn):\n"
        "    assert not parley_site.requests and not parley_site.mails\n"
        "    assert abs(parley_site.clock.now() - time.time()) < 60\n"
        "    parley_site.schedule('Review')\n"
        "    assert len(parley_site.requests) == len(parley_site.mails) == 1\n"
        "    parley_site.fail('*', times=None)\n"
        "    parley_site.advance(86_400)\n",
        "utf-8",
    )
    output = run(project, "-p", "parley.testing.plugin")
    assert re.search(r"\b2 passed in ", output), output
