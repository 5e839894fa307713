from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.check_tree import ROOT

# What a bare Debian has and scripts/setup uses; apt-get is left out, so nothing can be installed.
TOOLS = ("basename", "cat", "cksum", "dirname", "find", "flock", "grep", "id", "mkdir", "mv", "rm", "sh", "tail")


class Checkout:
    """A copy of the files that scripts/setup reads, on a machine whose python3 is a given script."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "checkout"
        self.bin = folder / "bin"
        self.bin.mkdir()
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found is not None, tool
            (self.bin / tool).symlink_to(found)
        (self.root / "scripts").mkdir(parents=True)
        shutil.copytree(ROOT / "requirements", self.root / "requirements")
        shutil.copy(ROOT / "pyproject.toml", self.root)
        for script in ("setup", "serve", "test", "check", "bench"):
            shutil.copy(ROOT / "scripts" / script, self.root / "scripts")

    def python3(self, script: str) -> None:
        """Put a shell script in the place of python3."""
        path = self.bin / "python3"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a script of the checkout; its exit code and what it printed come back."""
        return subprocess.run(
            [self.root / "scripts" / command[0], *command[1:]],
            env={"PATH": str(self.bin)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_an_unknown_level_is_refused(checkout: Checkout) -> None:
    result = checkout.run("setup", "everything")
    assert (result.returncode, result.stderr) == (2, "usage: scripts/setup [base|dev]\n")


def test_a_python_that_is_too_old_is_named(checkout: Checkout) -> None:
    checkout.python3('case $1 in --version) echo "Python 3.10.9" ;; *) exit 1 ;; esac')
    result = checkout.run("setup")
    assert result.returncode == 1
    assert result.stderr.startswith("setup: Parley needs Python 3.11, 3.12 or 3.13; python3 is Python 3.10.9.")
    assert result.stderr.count("\n") == 1


def test_without_any_python_it_says_so(checkout: Checkout) -> None:
    result = checkout.run("setup")
    assert result.returncode == 1
    assert "python3 is not found." in result.stderr


@pytest.mark.parametrize("script", ["setup", "serve", "test", "check", "bench"])
def test_a_missing_venv_module_is_named_by_its_package(checkout: Checkout, script: str) -> None:
    checkout.python3(f'case $2 in *ensurepip*) exit 1 ;; *) exec {sys.executable} "$@" ;; esac')
    result = checkout.run(script)
    assert result.returncode == 1
    assert result.stderr == (
        "setup: Python's venv module is missing; install the package python3-venv "
        "(as root: apt-get install python3-venv) and start again.\n"
    )


def test_a_folder_that_cannot_be_made_is_named(checkout: Checkout) -> None:
    (checkout.root / ".venv").write_text("a file")
    result = checkout.run("setup")
    assert (result.returncode, result.stderr) == (1, f"setup: cannot make the folder {checkout.root}/.venv\n")


def test_with_a_finished_environment_nothing_is_done(checkout: Checkout) -> None:
    finish(checkout, "base")
    checkout.python3("exit 1")
    result = checkout.run("setup")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_an_environment_for_development_serves_as_well(checkout: Checkout) -> None:
    finish(checkout, "dev")
    checkout.python3("exit 1")
    assert checkout.run("setup").returncode == 0
    assert checkout.run("setup", "dev").returncode == 0


def test_a_changed_lock_is_noticed(checkout: Checkout) -> None:
    finish(checkout, "base")
    lock = checkout.root / "requirements" / "base.txt"
    lock.write_text(lock.read_text() + "# changed\n")
    assert "installing the locked packages (base)" in checkout.run("setup").stderr
    assert checkout.run("setup").stderr == ""


def finish(checkout: Checkout, level: str) -> None:
    """Leave an environment as scripts/setup leaves it: a program, and the stamp that it writes itself."""
    program = checkout.root / ".venv" / "bin" / "parley"
    program.parent.mkdir(parents=True)
    for name in ("parley", "python"):
        script = program.with_name(name)
        script.write_text("#!/bin/sh\nexit 0\n")  # stands in for pip, too
        script.chmod(0o755)
    (checkout.root / ".venv" / ".parley-root").write_text(f"{checkout.root}\n")
    assert checkout.run("setup", level).returncode == 0
    assert (checkout.root / ".venv" / ".parley-setup").read_text().startswith(f"{level} ")
