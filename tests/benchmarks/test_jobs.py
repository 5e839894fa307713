"""Every job of `scripts/bench all` does its work: on very little data, with a handful of requests instead of wrk."""

from __future__ import annotations

import http.client
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from benchmarks import __main__ as command
from benchmarks import documents, growth, memory, operations, peers, processes, rounds, startup, workers
from benchmarks.bench import READ, Bench, Sizes
from benchmarks.load import NUMBER, Load, LoadError
from benchmarks.rounds import Plan
from benchmarks.table import BEGIN, END, Row

_SIZES = Sizes(
    listed=25,
    read=125,
    read_users=110,
    forms=25,
    spare_each_second=25,
    guests=0,
    large=250,
    large_users=200,
    starts=1,
    minutes=0.01,
)
_REQUESTS = 3


def _few_requests(
    url: str,
    documents: Sequence[bytes],
    seconds: int,
    *,
    pid: int,
    answer_size: int | None,
    connections: int = 16,
    number: int = 0,
    checked: bool = False,
) -> Load:
    """In place of wrk: some requests one after the other, as many for each number of connections."""
    parts = urlsplit(url)
    size = 0
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    for place in range(_REQUESTS):
        number += 1
        document = documents[place % len(documents)].replace(NUMBER.encode(), b"%010d" % number)
        connection.request("POST", parts.path, document, {"Content-Type": "text/xml; charset=utf-8"})
        body = connection.getresponse().read()
        size += len(body)
        if checked and b"<serv:result>SUCCESS" not in body:
            raise LoadError(body.decode())
    connection.close()
    return Load(_REQUESTS, 0.001, size / _REQUESTS, 100.0, 200.0, 50.0)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rounds, "run_load", _few_requests)
        with Bench(tmp_path_factory.mktemp("kept"), Plan(1, 1), _SIZES, lambda _: None) as made:
            yield made


def _shown(rows: Sequence[Row]) -> list[str]:
    return [row.job for row in rows]


def test_each_operation_is_measured_on_both_databases_with_few_and_many_connections(bench: Bench) -> None:
    rows = operations.operations(bench)
    titles = [each.title for each in operations.OPERATIONS]
    assert _shown(rows)[:-2] == [f"{title}, {kind}" for title in titles for kind in ("SQLite", "PostgreSQL")]
    assert all(row.job.startswith("null service, answers of") for row in rows[-2:])
    for row in rows[:-2]:
        assert [cell.count("/") for cell in (row.today, row.rate, row.cpu, row.p50, row.p99)] == [2] * 5


def test_growth_is_measured_for_each_question_on_both_databases(bench: Bench) -> None:
    rows = growth.growth(bench)
    assert len(rows) == 2 * len(growth.QUESTIONS)
    assert all(row.today.endswith(" x") for row in rows)
    assert any("250 / 25 rows" in row.job for row in rows)
    assert any("200 / 25 rows" in row.job for row in rows)


def test_memory_is_watched_under_load(bench: Bench) -> None:
    rows = memory.memory(bench)
    assert len(rows) == 2
    for row in rows:
        first, _, last = row.today.removesuffix(" MiB").partition(" to ")
        assert float(first) > 5
        assert float(last) > 5


def test_starts_are_timed_on_both_databases(bench: Bench) -> None:
    assert _shown(startup.start(bench)) == [
        "start to first answer, SQLite",
        "resident memory, idle, SQLite",
        "start to first answer, PostgreSQL",
        "resident memory, idle, PostgreSQL",
    ]


def test_a_peer_that_cannot_be_had_has_a_row_that_says_why(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert bench.sqlite.server.ask(documents.api_version(READ))  # it runs before programs are hidden
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    rows = peers.peers(bench)
    assert [(row.today, row.job) for row in rows] == [
        ("not measured", f"Parley, SQLite / {peer.title}") for peer in peers.PEERS
    ]
    assert all("not found" in row.rounds or "could not be installed" in row.rounds for row in rows)


def test_several_processes_are_lines_of_the_same_table(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    told = [
        ("GetMeeting", number, "2000", "1.50 x", "310", "150", "90", "1.80", "8.0 ms", "20.0 ms") for number in "12"
    ]
    monkeypatch.setattr(processes, "processes", lambda say, rounds, seconds: told)
    rows = workers.workers(bench)
    assert _shown(rows) == ["GetMeeting, PostgreSQL, 1 process / 1", "GetMeeting, PostgreSQL, 2 processes / 1"]
    assert (rows[1].today, rows[1].rate, rows[1].cpu, rows[1].p99) == ("1.50 x", "2000", "310", "20.0 ms")
    assert rows[1].rounds == "CPU us of PostgreSQL 150, load 90; 1.80 cores busy"


def test_all_is_the_main_jobs() -> None:
    assert list(command.MAIN) == ["operations", "peers", "growth", "processes", "memory", "start"]


# ---- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def two_jobs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Callable[[Bench], list[Row]]]:
    """The command with two jobs, to be replaced by a test."""
    found: dict[str, Callable[[Bench], list[Row]]] = {"first": lambda _: [Row("one", today="1")]}
    monkeypatch.setattr(command, "MAIN", found)
    monkeypatch.setattr(command, "_JOBS", found)
    monkeypatch.setattr(command, "KEPT", tmp_path / "kept")
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr("signal.signal", lambda *_: None)
    return found


def test_all_writes_one_table_into_a_page_and_tells_what_could_not_be_measured(
    two_jobs: dict[str, Callable[[Bench], list[Row]]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: Bench) -> list[Row]:
        raise LoadError("3 of 10 requests failed")

    two_jobs["second"] = broken
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\n{END}\nafter\n")
    assert command.main(["--quick", "--write", str(page), "all"]) == 0
    text = page.read_text()
    assert "| one    | 1            |" in text
    assert "| second | not measured | 3 of 10 requests failed |" in text
    assert "== second" in capsys.readouterr().err


def test_a_run_that_is_stopped_tells_what_it_has_and_keeps_nothing(
    two_jobs: dict[str, Callable[[Bench], list[Row]]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(_: Bench) -> list[Row]:
        raise KeyboardInterrupt

    two_jobs["second"] = stopped
    page = tmp_path / "page.md"
    page.write_text(f"{BEGIN}\n{END}\n")
    assert command.main(["--quick", "--write", str(page)]) == 1
    assert page.read_text() == f"{BEGIN}\n{END}\n"
    told = capsys.readouterr()
    assert "| one | 1     |" in told.out
    assert told.err.endswith("benchmarks: stopped\n")
