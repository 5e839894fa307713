"""Figures of a server: what is counted, what several processes add up to, and what a scrape costs."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import sys
import tempfile
import threading
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from parley.seeing import figures
from parley.seeing.figures import Figures
from parley.services import catalogue as _catalogue  # noqa: F401  # enters the operations
from parley.store import Changes, outbox
from parley.store.outbox import Message
from parley.web.exposition import export
from parley.web.metric_families import FAMILIES, told_names
from parley.web.metrics import RequestCounts
from parley.web.shared_figures import SharedFigures, Snapshot, shared_folder
from tests.server import Server, TestSite

DOCS = Path(__file__).parents[2] / "docs"


def samples(text: str) -> dict[str, float]:
    """Every sample of a scrape, by its name and labels."""
    found = {}
    for family in text_string_to_metric_families(text):
        for each in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(each.labels.items()))
            found[f"{each.name}{{{labels}}}"] = each.value
    return found


def scrape(server: Server) -> dict[str, float]:
    return samples(httpx.get(f"{server.url}/metrics", timeout=60).text)


def test_a_scrape_has_the_declared_figures_only(site: TestSite) -> None:
    site.client().call("user.GetUser", webExId="host1").ok()
    httpx.get(f"{site.server.url}/{site.name}/console", timeout=60)
    found = scrape(site.server)
    names = {name.partition("{")[0] for name in found}
    assert names <= told_names()
    for wanted in (
        "parley_requests_total",
        "parley_request_duration_seconds_bucket",
        "parley_http_requests_total",
        "parley_database_seconds_bucket",
        "parley_cache_entries",
        "parley_mails_queued",
        "parley_errands_waiting",
        "parley_rooms_open",
        "parley_data_bytes",
        "process_resident_memory_bytes",
        "process_cpu_seconds_total",
    ):
        assert wanted in names
    assert found["parley_workers{}"] == 1
    if site.server.config.database:
        assert found["parley_database_connections_most{}"] == site.server.config.pool_size
        assert 0 <= found["parley_database_connections{state=in_use}"] <= site.server.config.pool_size


def test_nothing_that_is_sent_becomes_a_label(site: TestSite) -> None:
    before = set(scrape(site.server))
    for number in range(20):
        site.client().call(f"meeting.Nothing{number}")
        httpx.get(f"{site.server.url}/{site.name}-{number}/nowhere/{number}", timeout=60)
        httpx.request(f"VERB{number}", f"{site.server.url}/operations", timeout=60)
    new = set(scrape(site.server)) - before
    assert not [each for each in new if site.name in each or "Nothing" in each or "VERB" in each]
    assert len(new) < 200  # the classes of a few durations that had none before


def test_every_page_belongs_to_a_part(sqlite_server: Server) -> None:
    httpx.get(sqlite_server.url, timeout=60)  # loads the pages
    known = sqlite_server.app._seen._routes
    assert len(known) > 100
    parts = {part for part, _ in known.values()}
    assert {"console", "nbr", "pages", "recordings", "rooms", "url_api"} - parts <= {"url_api"}
    assert len(parts) < 40
    assert all(re.fullmatch("[a-z_]{1,30}", part) for part in parts)


def test_the_queue_is_counted_up_to_a_bound(site: TestSite) -> None:
    server, now = site.server, site.server.clock.now()
    changes = Changes()
    outbox.put(changes, [Message(site.site_id, number, "x", due_at=5 + number) for number in range(1, 21)])
    server.run(server.application.engine.commit(changes))
    engine = server.application.engine
    assert server.run(outbox.queued(engine, site.site_id, now)) == (20, 6)
    assert server.run(outbox.queued(engine, site.site_id, now, 7)) == (7, 6)
    server.clock.ahead += 60
    assert scrape(server)["parley_mails_queued{}"] >= 20


def test_sums_never_fall_whoever_is_asked(tmp_path: Path) -> None:
    first, second = RequestCounts(tmp_path), RequestCounts(tmp_path)
    for number in range(1, 6):
        for counts in (first, second):
            counts.note(b'<bodyContent xsi:type="meeting.GetMeeting">', b"<serv:result>FAILURE</serv:result>", 0.1)
        asked = first if number % 2 else second
        total = asked.total().operations["GetMeeting"]["failure"].count
        assert total >= number


def test_a_process_that_ended_still_counts_and_holds_nothing(tmp_path: Path) -> None:
    counts = RequestCounts(tmp_path)
    counts.sources.append(lambda: [("parley_rooms_open", "", 2), ("parley_cache_lookups", "rows|hit", 5)])
    counts.share()
    (mine,) = tmp_path.glob("*.json")
    mine.rename(tmp_path / f"{_free_number()}-ended.json")
    living = RequestCounts(tmp_path)
    living.sources.append(lambda: [("parley_rooms_open", "", 1), ("parley_cache_lookups", "rows|hit", 3)])
    values = living.total().others.values
    assert values["parley_rooms_open"] == {"": 1}
    assert values["parley_cache_lookups"] == {"rows|hit": 8}
    assert values["parley_workers"] == {"": 1}


def _die(counts: RequestCounts, folder: Path) -> Path:
    """Share, and leave the file as a process does that is gone; the file."""
    counts.share()
    shared = counts._shared
    assert shared is not None
    return shared._file.rename(folder / f"{_free_number()}-{shared._file.name}")


def _sums(counts: RequestCounts) -> tuple[float, float, int]:
    """A count, a sum of seconds and a number of durations, of all processes."""
    total = counts.total()
    others = total.others
    return (
        others.values["parley_cache_lookups"]["rows|hit"],
        total.operations["GetMeeting"]["failure"].seconds,
        total.operations["GetMeeting"]["failure"].count,
    )


def _counting(folder: Path, seconds: float) -> RequestCounts:
    counts = RequestCounts(folder)
    counts.sources.append(lambda: [("parley_cache_lookups", "rows|hit", seconds)])
    counts.note(b'<bodyContent xsi:type="meeting.GetMeeting">', b"<serv:result>FAILURE</serv:result>", seconds)
    return counts


@settings(max_examples=20)
@given(st.lists(st.floats(0, 10_000), min_size=1, max_size=6))
def test_processes_that_ended_leave_one_file_and_no_sum_changes(durations: list[float]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        living = _counting(folder, 0.1)
        before = (0.0, 0.0, 0)
        for seconds in durations:
            ending = _counting(folder, seconds)
            ending.share()
            with pytest.MonkeyPatch.context() as alone:
                alone.setattr(SharedFigures, "gather", lambda _: None)
                apart = _sums(living)
            assert all(now >= then for now, then in zip(apart, before, strict=True))
            _die(ending, folder)
            assert _sums(living) == apart  # to the last bit: Prometheus takes anything less for a new beginning
            before = apart
        assert sorted(each.suffix for each in folder.iterdir()) == [".figures", ".json", ".lock"]


def test_who_dies_while_it_gathers_loses_and_doubles_nothing(tmp_path: Path) -> None:
    living = _counting(tmp_path, 0.25)
    file = _die(_counting(tmp_path, 0.5), tmp_path)
    content = file.read_bytes()
    sums = _sums(living)
    assert not file.exists()
    file.write_bytes(content)  # as if it had not come to removing it
    with pytest.MonkeyPatch.context() as alone:
        alone.setattr(SharedFigures, "gather", lambda _: None)
        assert _sums(living) == sums
    assert _sums(living) == sums
    assert not file.exists()
    with (tmp_path / "gathering.lock").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        file = _die(_counting(tmp_path, 0.5), tmp_path)
        assert _sums(living)[2] == sums[2] + 1
        assert file.exists()


def test_sums_never_fall_while_processes_end(tmp_path: Path) -> None:
    apart, folder = tmp_path / "apart", tmp_path / "folder"  # files come as a whole, as if they had been there
    apart.mkdir()
    folder.mkdir()
    readers = [RequestCounts(folder) for _ in range(2)]
    _die(_counting(apart, 1.0), folder)
    seen: list[list[int]] = [[], []]
    done = threading.Event()

    def read(place: int) -> None:
        while not done.is_set():
            seen[place].append(_sums(readers[place])[2])

    threads = [threading.Thread(target=read, args=(place,)) for place in range(2)]
    for each in threads:
        each.start()
    for number in range(15):
        _die(_counting(apart, float(number)), folder)
    done.set()
    for each in threads:
        each.join()
    assert all(found == sorted(found) for found in seen)
    assert _sums(readers[0])[2] == 16


def _free_number() -> int:
    """The number of a process that is not there."""
    return next(number for number in range(4_194_303, 1, -1) if not Path(f"/proc/{number}").exists())


def test_figures_are_told_while_new_ones_are_counted(tmp_path: Path) -> None:
    counts, problems = RequestCounts(tmp_path), []
    counts.rates = rates = {}  # grow as the others do
    more = Figures()
    done = threading.Event()

    def share() -> None:
        try:
            while not done.is_set():
                counts.share()
                more.copy()
        except RuntimeError as error:
            problems.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        sharing = threading.Thread(target=share)
        sharing.start()
        for number in range(3_000):
            counts._series_of(f"operation {number}", "success")
            rates[f"group {number}"] = {"within": 1}
            more.count(f"family {number}")
            more.series("durations", f"of {number}")
        done.set()
        sharing.join()
    finally:
        sys.setswitchinterval(interval)
    assert not problems
    counts.share()
    assert len(counts.total().operations) == 3_000


def test_of_several_processes_the_sum_or_the_highest_holds() -> None:
    total = Snapshot()
    for value in (3.0, 5.0):
        others = Figures()
        others.put("parley_rooms_open", "", value)
        others.put("parley_worker_memory_bytes", "", value)
        others.series("parley_mail_seconds").note(value)
        total.add(Snapshot(others=others))
    assert total.others.values == {"parley_rooms_open": {"": 8.0}, "parley_worker_memory_bytes": {"": 5.0}}
    assert total.others.times["parley_mail_seconds"][""].count == 2


def test_a_chore_that_fails_is_counted_and_its_last_success_stays() -> None:
    figures.expect_chore("errands", 2)
    values = figures.here.values
    before = values["parley_chore_runs"]["errands|failed"]
    last = values["parley_chore_last_success_timestamp_seconds"]["errands"]
    with pytest.raises(RuntimeError), figures.chore("errands"):
        raise RuntimeError
    assert values["parley_chore_runs"]["errands|failed"] == before + 1
    assert values["parley_chore_last_success_timestamp_seconds"]["errands"] == last
    with figures.chore("errands"):
        pass
    assert values["parley_chore_last_success_timestamp_seconds"]["errands"] >= last


def test_families_have_names_as_prometheus_wants_them() -> None:
    for name, family in FAMILIES.items():
        assert re.fullmatch("(parley|process)_[a-z_]+", name)
        assert not name.endswith("_total")
        assert len(family.labels) <= 2
    counts = RequestCounts()
    counts.sources.append(lambda: [(name, "|".join("x" for _ in each.labels), 1) for name, each in FAMILIES.items()])
    told = {each.partition("{")[0] for each in samples(export(counts, "1")[0].decode())}
    missing = {name for name in told_names() - told if not name.endswith(("_bucket", "_sum", "_count"))}
    assert missing == set()


def test_the_docs_tell_every_family() -> None:
    text = (DOCS / "seeing.md").read_text("utf-8")
    told = set(re.findall(r"`((?:parley|process)_[a-z_]+)`", text))
    assert {name if FAMILIES[name].kind != "counter" else f"{name}_total" for name in FAMILIES} <= told
    assert told <= told_names() | set(FAMILIES)


def test_no_file_is_shared_by_two_processes_with_one_number(tmp_path: Path) -> None:
    first, second = RequestCounts(tmp_path), RequestCounts(tmp_path)
    first.share()
    second.share()
    assert len(list(tmp_path.glob(f"{os.getpid()}-*.json"))) == 2


def test_a_full_disk_takes_no_figures_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = _counting(tmp_path, 0.25)
    sums = _sums(counts)

    def full(self: Path, _: bytes) -> int:
        self.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    for _ in range(3):
        assert _sums(counts) == sums
    assert [each.suffix for each in tmp_path.iterdir()] == [".json"]


def test_folders_that_killed_servers_left_go_and_those_of_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left, young, elsewhere = (tmp_path / name for name in ("parley-figures-a", "parley-figures-b", "elsewhere"))
    link = tmp_path / "parley-figures-c"
    link.symlink_to(elsewhere)
    for folder in (left, young, elsewhere):
        folder.mkdir()
        (folder / "1-aa.json").write_text("{}")
    for folder in (left, elsewhere):
        os.utime(folder, (1, 1))
    with shared_folder() as running:
        os.utime(running, (1, 1))
        assert not left.exists()
        with shared_folder():
            assert running.is_dir()
            assert (young / "1-aa.json").exists()
            assert (elsewhere / "1-aa.json").exists()
    assert not running.exists()
