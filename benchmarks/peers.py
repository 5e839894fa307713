"""WireMock with a canned answer: what many use today where Parley could stand.

It comes from npm, with its jar inside, into a folder of its own that is kept; without npm or Java it is left out.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks import documents
from benchmarks.bench import READ, Bench, contender
from benchmarks.rounds import Contender, Goals, interleaved
from benchmarks.seed import HOST
from benchmarks.servers import Running, free_port, process
from benchmarks.table import Row

_VERSION: Final = "3.13.2"
#: As it starts by itself WireMock keeps every request in its journal.
_WAYS: Final[tuple[tuple[str, list[str], Goals], ...]] = (
    (f"WireMock {_VERSION}", [], Goals("4.6 x", "4 x", "6 x")),
    (f"WireMock {_VERSION} without journal", ["--no-request-journal"], Goals("", "4 x", "6 x")),
)
#: Java compiles what is used often; it gets this long to do so.
_WARM_SECONDS: Final = 3
_INSTALL_SECONDS: Final = 300


def wiremock(bench: Bench) -> list[Row]:
    """GetMeeting on SQLite, with real data, against WireMock, which always gives the same answer."""
    jar = _jar(bench)
    if jar is None:
        return []
    backend = bench.sqlite
    requests = documents.get_meetings(READ, HOST, backend.sites[READ].keys)
    answer = backend.server.ask(requests[0])
    rows = []
    for number, (title, options, goals) in enumerate(_WAYS):
        with _serve(jar, options, bench.folder / f"wiremock{number}", answer) as peer:
            contenders = {
                "WireMock": Contender(peer, documents.PATH, requests, len(peer.ask(requests[0]))),
                "Parley": contender(backend.server, requests),
            }
            contenders["WireMock"].run(_WARM_SECONDS)
            bench.say(f"GetMeeting against {title}")
            series = interleaved(contenders, bench.plan, bench.say)
        name = f"GetMeeting, SQLite / {title}, canned answer"
        rows.append(series.row(name, "Parley", goals, "WireMock"))
    return rows


def _jar(bench: Bench) -> Path | None:
    """WireMock's jar, fetched when it is not there yet."""
    missing = [name for name in ("npm", "java") if shutil.which(name) is None]
    if missing:
        bench.say(f"the row of WireMock is left out: {' and '.join(missing)} not found")
        return None
    folder = bench.kept / f"wiremock-{_VERSION}"
    found = next(folder.glob("node_modules/wiremock/**/*.jar"), None)
    if found is not None:
        return found
    folder.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", f"wiremock@{_VERSION}"]
    command += ["--prefix", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False)
        problem = done.stderr.strip().splitlines()[:1] if done.returncode else []
    except subprocess.TimeoutExpired:
        problem = [f"npm took more than {_INSTALL_SECONDS} s"]
    found = next(folder.glob("node_modules/wiremock/**/*.jar"), None)
    if found is None:
        bench.say(f"the row of WireMock is left out: it could not be installed ({''.join(problem)})")
    return found


@contextlib.contextmanager
def _serve(jar: Path, options: list[str], folder: Path, answer: bytes) -> Iterator[Running]:
    """WireMock with one rule: whoever asks for GetMeeting gets the answer."""
    for name in ("mappings", "__files"):
        (folder / name).mkdir(parents=True)
    (folder / "__files" / "answer.xml").write_bytes(answer)
    rule = {
        "request": {
            "method": "POST",
            "urlPath": documents.PATH,
            "bodyPatterns": [{"contains": "meeting.GetMeeting"}],
        },
        "response": {
            "status": 200,
            "headers": {"Content-Type": "text/xml;charset=UTF-8"},
            "bodyFileName": "answer.xml",
        },
    }
    (folder / "mappings" / "rule.json").write_text(json.dumps(rule))
    port = free_port()
    command = ["java", "-jar", str(jar), "--port", str(port), "--bind-address", "127.0.0.1"]
    command += ["--root-dir", str(folder), "--disable-banner", *options]
    with process(command, folder / "log", port, lambda _: True) as running:
        yield running
