"""What people would use where Parley stands: WireMock and Mockoon with canned answers, and a service made with spyne.

They come from npm and PyPI into folders of their own below the user's cache (XDG_CACHE_HOME). What cannot be had here
has its row all the same, which says why.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks import documents
from benchmarks.bench import READ, Backend, Bench, contender
from benchmarks.load import LoadError
from benchmarks.rounds import Goals, interleaved
from benchmarks.seed import ADMIN, HOST
from benchmarks.servers import Running, ServerError, free_port, process
from benchmarks.table import Row, not_measured

_WIREMOCK: Final = "3.13.2"
_MOCKOON: Final = "9.9.0"
_SPYNE: Final = ("spyne==2.14.0", "waitress==3.0.2", "lxml")
#: Java compiles what is used often; everybody gets this long to warm up.
_WARM_SECONDS: Final = 3
_INSTALL_SECONDS: Final = 300


class MissingError(Exception):
    """A peer that cannot be measured here; says why."""


class Question(NamedTuple):
    """What is asked of all: the operation, its title, and its documents, of which the first one shows its form."""

    operation: str
    title: str
    documents: Sequence[bytes]
    answer: bytes


class Peer(NamedTuple):
    """Another service.

    Attributes:
        goals: how many times as many requests Parley is to answer, by operation.
        get: brings it here; where it lies.
        serve: starts it, from where it lies, a folder of its own and the questions.
    """

    title: str
    goals: Mapping[str, Goals]
    get: Callable[[], Path]
    serve: Callable[[Path, Path, Sequence[Question]], AbstractContextManager[Running]]


def peers(bench: Bench) -> list[Row]:
    """Parley on SQLite, with real data, against each of the others."""
    return [row for peer in PEERS for row in _against(bench, peer)]


def _questions(backend: Backend) -> list[Question]:
    def asked(operation: str, title: str, requests: list[bytes]) -> Question:
        return Question(operation, title, requests, backend.server.ask(requests[0]))

    keys = backend.sites[READ].keys
    pages = [documents.list_sessions(READ, ADMIN, first) for first in range(1, len(keys), 100)]
    return [
        asked("GetMeeting", "GetMeeting", documents.get_meetings(READ, HOST, keys)),
        asked("LstsummarySession", "LstsummarySession, 100", pages),
        asked(
            "CreateMeeting",
            "CreateMeeting, 3 attendees",
            [documents.create_meeting(READ, HOST, documents.full_meeting())],
        ),
    ]


def _against(bench: Bench, peer: Peer) -> list[Row]:
    backend = bench.sqlite
    questions = _questions(backend)
    try:
        found = peer.get()
        folder = bench.folder / peer.title.replace(" ", "-")
        folder.mkdir()
        with peer.serve(found, folder, questions) as running:
            return [_row(bench, peer, question, running, backend) for question in questions]
    except (MissingError, ServerError, LoadError) as error:
        bench.say(f"{peer.title}: {error}")
        return [not_measured(f"Parley, SQLite / {peer.title}", error)]


def _row(bench: Bench, peer: Peer, question: Question, running: Running, backend: Backend) -> Row:
    requests = list(question.documents)
    contenders = {"peer": contender(running, requests), "Parley": contender(backend.server, requests)}
    contenders["peer"].run(_WARM_SECONDS)
    bench.say(f"{question.title} against {peer.title}")
    series = interleaved(contenders, bench.plan, bench.say)
    goals = peer.goals.get(question.operation, Goals())
    return series.row(f"{question.title}, SQLite / {peer.title}", "Parley", goals, "peer", unit=" x")


# ---- bringing them here ----------------------------------------------------------------------------------------------


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(home) if home.startswith("/") else Path.home() / ".cache") / "parley" / "benchmarks"


def _programs(*names: str) -> None:
    missing = [name for name in names if shutil.which(name) is None]
    if missing:
        raise MissingError(f"{' and '.join(missing)} not found")


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise MissingError(f"installing it took more than {_INSTALL_SECONDS} s") from None
    except OSError as error:
        raise MissingError(f"it could not be installed: {error.strerror}") from None
    if done.returncode:
        raise MissingError(f"it could not be installed: {''.join(done.stderr.strip().splitlines()[-1:])}")


def _from_npm(package: str, version: str, pattern: str, *programs: str) -> Path:
    """A file of a package, which is fetched when it is not there yet."""
    _programs(*programs)
    folder = _cache() / f"{package.replace('/', '-').lstrip('@')}-{version}"
    found = next(folder.glob(f"node_modules/{pattern}"), None)
    if found is None:
        _programs("npm")
        folder.mkdir(parents=True, exist_ok=True)
        options = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--prefix", str(folder))
        _run("npm", "install", *options, f"{package}@{version}")
        found = next(folder.glob(f"node_modules/{pattern}"), None)
    if found is None:
        raise MissingError(f"the package {package} has no {pattern}")
    return found


def _get_wiremock() -> Path:
    return _from_npm("wiremock", _WIREMOCK, "wiremock/**/*.jar", "java")


def _get_mockoon() -> Path:
    return _from_npm("@mockoon/cli", _MOCKOON, "@mockoon/cli/bin/run.js", "node")


def _get_spyne() -> Path:
    """The interpreter of an environment that has spyne."""
    folder = _cache() / f"spyne-{sys.version_info.major}.{sys.version_info.minor}"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        _run(sys.executable, "-m", "venv", str(folder))
        _run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *_SPYNE)
        _run(str(python), "-c", "import spyne, waitress; from spyne.server.wsgi import WsgiApplication")
        (folder / "complete").touch()
    return python


# ---- starting them ---------------------------------------------------------------------------------------------------


def _wiremock(
    *options: str,
) -> Callable[[Path, Path, Sequence[Question]], AbstractContextManager[Running]]:
    @contextlib.contextmanager
    def serve(jar: Path, folder: Path, questions: Sequence[Question]) -> Iterator[Running]:
        """One rule for each operation: whoever asks for it gets its answer."""
        for name in ("mappings", "__files"):
            (folder / name).mkdir()
        for question in questions:
            file = f"{question.operation}.xml"
            (folder / "__files" / file).write_bytes(question.answer)
            rule = {
                "request": {
                    "method": "POST",
                    "urlPath": documents.PATH,
                    "bodyPatterns": [{"contains": f".{question.operation}"}],
                },
                "response": {"status": 200, "headers": _TYPE, "bodyFileName": file},
            }
            (folder / "mappings" / f"{question.operation}.json").write_text(json.dumps(rule))
        port = free_port()
        command = ["java", "-jar", str(jar), "--port", str(port), "--bind-address", "127.0.0.1"]
        command += ["--root-dir", str(folder), "--disable-banner", *options]
        with process(command, folder / "log", port, lambda _: True) as running:
            yield running

    return serve


_TYPE: Final = {"Content-Type": "text/xml;charset=UTF-8"}


@contextlib.contextmanager
def _mockoon(script: Path, folder: Path, questions: Sequence[Question]) -> Iterator[Running]:
    """One route with a rule for each operation."""
    port = free_port()
    responses = [
        {
            "uuid": f"00000000-0000-4000-8000-{place:012d}",
            "statusCode": 200,
            "headers": [{"key": key, "value": value} for key, value in _TYPE.items()],
            "body": question.answer.decode(),
            "bodyType": "INLINE",
            "disableTemplating": True,
            "rules": [{"target": "body", "modifier": "", "value": f"\\.{question.operation}\\b", "operator": "regex"}],
            "rulesOperator": "OR",
            "default": place == 0,
        }
        for place, question in enumerate(questions)
    ]
    route = {
        "uuid": "00000000-0000-4000-8000-999999999999",
        "type": "http",
        "method": "post",
        "endpoint": documents.PATH.lstrip("/"),
        "responses": responses,
    }
    environment = {"uuid": "00000000-0000-4000-8000-999999999998", "name": "bench", "port": port, "routes": [route]}
    data = folder / "environment.json"
    data.write_text(json.dumps({"lastMigration": 33, "hostname": "127.0.0.1", **environment}))
    command = ["node", str(script), "start", "--data", str(data), "--port", str(port), "--hostname", "127.0.0.1"]
    command += ["--repair", "--disable-log-to-file", "--disable-admin-api"]
    with process(command, folder / "log", port, lambda _: True) as running:
        yield running


@contextlib.contextmanager
def _spyne(python: Path, folder: Path, questions: Sequence[Question]) -> Iterator[Running]:
    for question in questions:
        (folder / f"{question.operation}.request").write_bytes(question.documents[0])
        (folder / f"{question.operation}.answer").write_bytes(question.answer)
    port = free_port()
    script = Path(__file__).with_name("spyne_service.py")
    command = [str(python), str(script), str(port), str(folder)]
    with process(command, folder / "log", port, lambda _: True) as running:
        yield running


PEERS: Final = (
    Peer(f"WireMock {_WIREMOCK}, canned answer", {"GetMeeting": Goals(goal="4 x")}, _get_wiremock, _wiremock()),
    Peer(
        f"WireMock {_WIREMOCK} without journal, canned answer",
        {"GetMeeting": Goals(goal="4 x")},
        _get_wiremock,
        _wiremock("--no-request-journal"),
    ),
    Peer(f"Mockoon {_MOCKOON}, canned answer", {"GetMeeting": Goals(goal="7 x")}, _get_mockoon, _mockoon),
    Peer(
        "spyne 2.14.0, objects in memory",
        {"GetMeeting": Goals(goal="12 x"), "LstsummarySession": Goals(goal="40 x")},
        _get_spyne,
        _spyne,
    ),
)
