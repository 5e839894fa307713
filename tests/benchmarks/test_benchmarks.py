"""The benchmarks' own arithmetic: what they read, count, fill in and print."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest
from lxml import etree

from benchmarks import __main__ as command
from benchmarks import copies, documents, growth, memory, process, profiling, seed, servers
from benchmarks.load import Load, LoadError, read_output
from benchmarks.rounds import Goals, Series
from benchmarks.table import BEGIN, END, Row, markdown, middle, milliseconds, not_measured, number, replace_last_run
from parley.config import Config
from parley.services.application import Application
from parley.store.engines import sqlite_path
from tests.databases import PostgresServer

# ---- figures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.2314, "0.231"), (1.3, "1.30"), (14.82, "14.8"), (123.4, "123"), (25_710.2, "25,710"), (0.0, "0.000")],
)
def test_figures_have_three_digits(value: float, shown: str) -> None:
    assert number(value) == shown


def test_times_are_told_in_milliseconds() -> None:
    assert milliseconds(2_930) == "2.93 ms"


def test_the_middle_and_the_spread_of_rounds() -> None:
    assert middle([0.25, 0.21, 0.22], " x") == ("0.220 x", "0.210..0.250")
    assert middle([0.5]) == ("0.500", "")


def test_the_table_is_markdown_with_even_columns() -> None:
    text = markdown([Row("GetMeeting", today="0.2"), Row("start", goal="0.8 s", p99="3 ms")])
    lines = text.splitlines()
    assert len(lines) == 4
    assert len({len(line) for line in lines}) == 1
    rows = [[cell.strip() for cell in lines[place].strip("|").split("|")] for place in (0, 2, 3)]
    assert rows == [["job", "goal", "today", "p99"], ["GetMeeting", "", "0.2", ""], ["start", "0.8 s", "", "3 ms"]]


def test_what_was_not_measured_has_the_end_of_the_reason_in_one_line() -> None:
    row = not_measured("spyne", ValueError("first\n" + "x" * 100 + " a|b not found"))
    assert row.today == "not measured"
    assert row.rounds.endswith("x a/b not found")
    assert len(row.rounds) == 80


@pytest.mark.parametrize(
    ("samples", "expected"),
    [([(0, 10), (1, 12), (2, 14)], 2.0), ([(0, 5), (10, 5)], 0.0), ([(0, 1), (2, 3), (4, 1)], 0.0), ([(3, 9)], 0.0)],
)
def test_the_slope_is_that_of_least_squares(samples: list[tuple[float, float]], expected: float) -> None:
    assert memory.slope(samples) == pytest.approx(expected)


def test_only_the_part_between_the_markers_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    replace_last_run(page, "new\n")
    assert page.read_text() == f"before\n{BEGIN}\nnew\n{END}\nafter\n"


@pytest.mark.parametrize("text", ["no markers", f"{END} the wrong way round {BEGIN}", f"{BEGIN} no end"])
def test_a_page_without_both_markers_stays_as_it_is(tmp_path: Path, text: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(text)
    with pytest.raises(ValueError, match="markers"):
        replace_last_run(page, "new")
    assert page.read_text() == text


def test_the_page_of_the_documentation_has_the_markers() -> None:
    page = Path(__file__).parents[2] / "docs" / "performance.md"
    text = page.read_text()
    assert 0 < text.index(BEGIN) < text.index(END)


# ---- what wrk and Linux tell -----------------------------------------------------------------------------------------


def test_the_line_of_figures_is_found_in_what_wrk_prints() -> None:
    load = read_output("Running 2s test\n  1 threads\n\nresult: 10000 2000000 81780000 0 593 2450\n")
    assert (load.requests, load.seconds, load.size, load.p50, load.p99) == (10_000, 2.0, 8_178.0, 593.0, 2_450.0)
    assert load.rate == 5_000.0


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("unable to connect", "unable to connect"),
        ("result: 10 2000000 100 3 1 2", "3 of 10 requests failed"),
        ("result: 0 2000000 0 0 0 0", "no request"),
    ],
)
def test_a_run_without_good_answers_is_no_result(output: str, reason: str) -> None:
    with pytest.raises(LoadError, match=reason):
        read_output(output)


def test_cpu_time_is_read_behind_a_name_with_brackets_and_blanks() -> None:
    stat = "42 (a) b (c)) S 1 42 42 0 -1 4194560 1 2 3 4 150 25 9 9 20 0 3 0 100 1 2"
    assert process.ticks_of_stat(stat) == 175


def test_memory_is_read_by_name() -> None:
    status = "Name:\tparley\nVmPeak:\t  99999 kB\nVmRSS:\t   39936 kB\nThreads:\t3\n"
    assert process.kilobytes_of_status(status, "VmRSS") == 39_936
    assert process.kilobytes_of_status(status, "VmSwap") == 0


def test_this_process_has_memory_and_took_cpu_time() -> None:
    assert process.resident_mib(os.getpid()) > process.own_mib(os.getpid()) > 5
    before = process.fine_cpu_seconds(os.getpid())
    assert sum(number * number for number in range(200_000)) > 0
    assert process.fine_cpu_seconds(os.getpid()) > before > 0
    assert process.cpu_seconds(os.getpid()) >= 0


def test_a_thread_comes_back_from_the_core_of_the_load() -> None:
    before = os.sched_getaffinity(0)
    with process.on_load_core():
        assert len(os.sched_getaffinity(0)) == 1
    assert os.sched_getaffinity(0) == before


def test_ratios_are_taken_round_by_round() -> None:
    loads = {
        "null": [Load(100, 1.0, 1, 1, 1, 10), Load(200, 1.0, 1, 1, 1, 20), Load(400, 1.0, 1, 1, 1, 30)],
        "SQLite": [Load(25, 1.0, 1, 2_000, 9_000, 90), Load(20, 1.0, 1, 3_000, 8_000, 80), Load(80, 1.0, 1, 1, 1, 70)],
    }
    series = Series(loads)
    ratios = series.ratios("SQLite", "null")
    assert ratios == [0.25, 0.1, 0.2]
    row = series.row("job", "SQLite", Goals("a", "b", "c"), "null")
    figures = ("0.200", "0.100..0.250", "0.250", "25.0", "80.0", "2.00 ms", "8.00 ms")
    assert row.cells == ("job", "a", "b", "c", *figures)
    assert series.row("job", "SQLite", Goals("", "4 x", ""), "null", dearness=True).cells[4:6] == (
        "5.00 x",
        "4.00..10.0",
    )
    assert series.row("job", "null", Goals()).cells[4:9] == ("", "", "", "200", "20.0")


def test_profiles_count_lines_once_and_functions_with_what_they_call() -> None:
    stacks = [
        "main (/x/site-packages/app.py:1);_run (/x/src/parley/services/d.py:5);one (/x/src/parley/store/s.py:9) 30",
        "main (/x/site-packages/app.py:1);_run (/x/src/parley/services/d.py:7) 10",
    ]
    text = profiling.report(stacks)
    assert "| 75.0 % | `one parley/store/s.py:9` |" in text
    assert "| 25.0 % | `_run parley/services/d.py:7` |" in text
    assert "| 100.0 % | `_run parley/services/d.py` |" in text
    assert profiling.report([]) == "nothing was seen\n"


# ---- the command -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["gett"], ["--rounds", "0"], ["--seconds", "61"], ["--hours", "25"]])
def test_a_wrong_option_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        command.main(arguments)
    assert end.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_without_wrk_one_line_names_the_package(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert command.main([]) == 1
    assert capsys.readouterr().err == "benchmarks: wrk is missing: it makes the load (Debian's package wrk)\n"


# ---- servers ---------------------------------------------------------------------------------------------------------


def test_the_null_service_answers_with_the_document_and_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "get").write_bytes(b"<a/>" * 1_000)
    with servers.null(tmp_path) as running:
        assert running.post(b"<question/>" * 10_000, "/get") == b"<a/>" * 1_000
    assert not Path(f"/proc/{running.pid}").exists()


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no database")
    with (
        pytest.raises(servers.ServerError, match=r"did not start.*not an SQLite database"),
        servers.parley(f"sqlite:///{blocked}", tmp_path / "data"),
    ):
        pass


# ---- seeding ---------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'parley.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.empty()
    yield url
    server.drop(url)


_KINDS = "listing, service, session_type"
_COUNTED = f"SELECT site_id, ended, day, {_KINDS}, total FROM session_days WHERE total > 0 ORDER BY 1, 2, 3, 4, 5, 6"
_COUNT = (
    f"SELECT site_id, ended, next_start / 86400, {_KINDS}, count(*) FROM sessions"
    f" GROUP BY site_id, ended, next_start / 86400, {_KINDS} ORDER BY 1, 2, 3, 4, 5, 6"
)
_COUNTED_RUNS = "SELECT site_id, service, ended_day, day, audio_only, total FROM run_days ORDER BY 1, 2, 3, 4, 5"
_COUNT_RUNS = (
    "SELECT site_id, service, ended_at / 86400, started_at / 86400, audio_only, count(*) FROM runs"
    " GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5"
)


async def _rows(database: str, statement: str) -> list[tuple[object, ...]]:
    if database.startswith("sqlite"):
        with closing(sqlite3.connect(sqlite_path(database))) as connection:
            return [tuple(row) for row in connection.execute(statement)]
    opened = await asyncpg.connect(database)
    try:
        return [tuple(row) for row in await opened.fetch(statement)]
    finally:
        await opened.close()


async def test_a_seeded_site_is_right_for_lists_reads_and_counters(empty_database: str, tmp_path: Path) -> None:
    small = seed.Wanted("small", 25, documents.small_meeting(), runs=50)
    plan = [small, seed.Wanted("full", 100, documents.full_meeting())]
    sites = await seed.seed(empty_database, plan, tmp_path, guests=2)
    assert await _rows(empty_database, _COUNTED) == await _rows(empty_database, _COUNT)
    assert await _rows(empty_database, _COUNTED_RUNS) == await _rows(empty_database, _COUNT_RUNS)
    application = await Application.start(Config(data=str(tmp_path), database=empty_database))
    try:
        answer = etree.fromstring(await seed.ask(application, documents.list_sessions("full", seed.ADMIN, 51, 100)))
        assert answer.findtext(".//{*}total") == "101"
        assert answer.findtext(".//{*}returned") == "51"
        key = sites["full"].keys[99]
        meeting = etree.fromstring(await seed.ask(application, documents.get_meeting("full", seed.HOST, key)))
        assert meeting.findtext(".//{*}meetingkey") == str(key)
        assert len(meeting.findall(".//{*}attendee")) == 3
        with pytest.raises(seed.SeedError, match="FAILURE"):
            await seed.ask(application, documents.get_meeting("full", seed.HOST, sites["full"].keys.stop))
        question = documents.document("small", "guest1", "user.GetUser", "<webExId>guest1</webExId>")
        assert b"guest1@guests.example" in await seed.ask(application, question)
    finally:
        await application.stop()


_USERS_COUNTED = "SELECT site_id, status, host, total FROM user_totals WHERE total > 0 ORDER BY 1, 2, 3"
_USERS_COUNT = "SELECT site_id, status, host, count(*) FROM users GROUP BY site_id, status, host ORDER BY 1, 2, 3"


async def test_copied_accounts_are_right_for_lists_reads_and_counters(empty_database: str, tmp_path: Path) -> None:
    await seed.seed(empty_database, [seed.Wanted("peopled", 25, documents.small_meeting(), 150)], tmp_path)
    assert await _rows(empty_database, _USERS_COUNTED) == await _rows(empty_database, _USERS_COUNT)
    application = await Application.start(Config(data=str(tmp_path), database=empty_database))
    try:
        for body in growth.USER_LISTS.values():
            question = documents.list_users("peopled", seed.ADMIN, body, 101)
            answer = etree.fromstring(await seed.ask(application, question))
            assert (answer.findtext(".//{*}total"), answer.findtext(".//{*}returned")) == ("152", "52")
        question = documents.list_users("peopled", seed.ADMIN, {"firstName": "first7"})
        assert etree.fromstring(await seed.ask(application, question)).findtext(".//{*}webExId") == "copy0000007"
        name = copies.name_of_user(150)
        user = etree.fromstring(await seed.ask(application, documents.get_user("peopled", name, name)))
        assert user.findtext(".//{*}email") == f"{name}@copies.example"
    finally:
        await application.stop()


async def test_copies_start_within_a_year_and_neighbours_lie_near(empty_database: str, tmp_path: Path) -> None:
    await seed.seed(empty_database, [seed.Wanted("many", 250, documents.small_meeting())], tmp_path)
    found = await _rows(
        empty_database, f"SELECT session_key, next_start FROM sessions WHERE session_key IN ({_keys(250)}) ORDER BY 2"
    )
    keys = [int(str(key)) for key, _ in found]
    starts = [int(str(start)) for _, start in found]
    assert len(set(starts)) == 250
    assert starts[-1] - starts[0] < 365 * copies.DAY
    assert keys != sorted(keys)
    assert max(abs(key - place) for place, key in enumerate(keys, copies.keys_of(250).start)) < 10


def _keys(count: int) -> str:
    return ", ".join(str(key) for key in copies.keys_of(count))


def test_an_odd_number_of_copies_is_refused() -> None:
    with pytest.raises(ValueError, match="multiple"):
        copies.copy_statements("sqlite", 1, 2, 30, 0)


def test_a_kept_database_is_used_again_until_it_grows_old(tmp_path: Path) -> None:
    plan = [seed.Wanted("kept", 25, documents.small_meeting())]
    first, made = seed.kept_sqlite(tmp_path, plan)
    again, found = seed.kept_sqlite(tmp_path, plan)
    assert (again, found) == (first, made)
    folder = sqlite_path(first).parent
    folder.rename(folder.with_name(folder.name.rpartition("-")[0] + "-1000"))
    later, _ = seed.kept_sqlite(tmp_path, plan)
    assert sqlite_path(later).exists()
    assert len(list(tmp_path.iterdir())) == 1
