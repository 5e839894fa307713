"""`parley sandbox` as a program, and the examples of the documentation in other languages."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from tests import interpreters
from tests.testing.programs import environment, parley_command

ROOT = Path(__file__).resolve().parents[2]


def started(folder: Path, *options: str, **variables: str) -> subprocess.Popen[str]:
    """The program, running."""
    return subprocess.Popen(
        [str(parley_command(folder)), "sandbox", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(TMPDIR=str(folder), **variables),
        text=True,
    )


def test_it_says_where_it_is_and_ends_with_its_suite(tmp_path: Path) -> None:
    with started(tmp_path, "--json", "--child") as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        answer = httpx.get(f"{said['control']}/", headers={"Authorization": f"Bearer {said['token']}"})
        assert answer.json()["url"] == said["url"]
        assert [path for path in tmp_path.iterdir() if path.name.startswith("parley-sandbox-")]
        process.communicate("", timeout=60)
    assert process.returncode == 0
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("parley-sandbox-")]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_when_it_is_told_to(tmp_path: Path, number: signal.Signals) -> None:
    with started(tmp_path, PARLEY_SANDBOX_TOKEN="chosen") as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(4)]
        assert re.fullmatch(r"Parley's sandbox serves on http://127\.0\.0\.1:\d+\n", lines[0])
        assert lines[2] == "Token: chosen\n"
        process.send_signal(number)
        process.wait(60)
    assert process.returncode == 0


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = subprocess.run(
            [str(parley_command(tmp_path)), "sandbox", "--control-port", str(taken.getsockname()[1])],
            env=environment(),
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"parley: cannot listen on port \d+ of 127\.0\.0\.1: Address already in use\n", done.stderr)


@pytest.mark.parametrize("language", interpreters.available())
def test_the_example_of_the_documentation_passes(tmp_path: Path, language: str) -> None:
    page = (ROOT / "docs" / "testing.md").read_text("utf-8")
    (example,) = re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    command = interpreters.command(language, tmp_path)
    Path(command[-1]).write_text(example, "utf-8")
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment(PARLEY=str(parley_command(tmp_path))),
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert (done.returncode, done.stdout) == (0, "passed\n"), done.stderr
