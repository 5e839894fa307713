"""The soak: a short one with faults, and what its report makes of what it has seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import soak, soak_faults
from benchmarks.soak_faults import Window
from benchmarks.soak_report import Outcome, Sample, markdown, svg
from benchmarks.table import BEGIN, END
from tests.faults.traffic import Trouble

_MIB = 1024 * 1024


def test_a_short_soak(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "soak.md"
    (tmp_path / "images").mkdir()
    page.write_text(f"# Soak\n\n{BEGIN}\n{END}\n")
    options = ["--short", "--sqlite", "--minutes", "0.1", "--measure", "1", "--share", "0.2", "--seed", "3"]
    result = soak.main([*options, "--faults", "worker,mail", "--write", str(page)])
    told = capsys.readouterr().out
    assert result == 0, told
    assert "a worker is killed" in page.read_text()
    assert (tmp_path / "images" / "soak.svg").read_text().startswith("<svg")


def _outcome(*troubles: Trouble) -> Outcome:
    outcome = Outcome(capacity=200, rate=100, margin=10, begun=1000, ended=1600)
    outcome.windows = [Window("worker", "a worker is killed", 1050, 1055)]
    outcome.troubles = list(troubles)
    outcome.per_second.update(dict.fromkeys(range(1000, 1600), 100))
    return outcome


@pytest.mark.parametrize(
    ("began", "ended", "explained"),
    [(1040, 1049, False), (1040, 1051, True), (1060, 1061, True), (1065, 1066, True), (1066, 1067, False)],
)
def test_what_a_fault_explains(began: float, ended: float, explained: bool) -> None:
    outcome = _outcome()
    assert outcome.explained(Trouble("read", "lost", "", began, ended)) is explained


def test_what_the_log_says_of_a_fault_is_no_surprise() -> None:
    outcome = _outcome()
    during = {"timestamp": "1970-01-01T00:17:32Z", "event": "a"}
    outcome.take_log([during, {"timestamp": "1970-01-01T00:25:00Z", "event": "b"}, {"event": "no line"}], 0)
    assert [each["event"] for each in outcome.logged] == ["b", "no line"]
    assert not outcome.is_good


@pytest.mark.parametrize(("per_second", "flat"), [(0, True), (_MIB // 600, True), (_MIB, False)])
def test_memory_that_grows_is_seen(per_second: int, flat: bool) -> None:
    outcome = _outcome()
    outcome.samples = [Sample(1000.0 + second, {7: 50 * _MIB + second * per_second}) for second in range(600)]
    (memory,) = outcome.memory()
    assert memory.is_flat is flat
    assert memory.per_hour == pytest.approx(per_second * 3600 / _MIB)
    assert memory.at_last == pytest.approx(per_second * 3600 / _MIB)


def test_a_step_is_no_slope() -> None:
    outcome = _outcome()
    outcome.samples = [Sample(1000.0 + second, {7: (50 if second < 300 else 80) * _MIB}) for second in range(600)]
    (memory,) = outcome.memory()
    assert memory.is_flat
    assert memory.per_hour > 100
    assert memory.at_last == pytest.approx(0)


def test_the_report() -> None:
    outcome = _outcome(Trouble("read", "busy", "", 1051, 1052), Trouble("read", "away", "", 1053, 1053))
    text = markdown(outcome, "PostgreSQL")
    assert "| 0:50 | a worker is killed | 5.0 s | 1 | 0 | 1 | 0 s |" in text
    assert svg(outcome).count("<polyline") == 2


def test_faults_are_chosen_by_name() -> None:
    assert [each.name for each in soak_faults.chosen("mail,worker", sqlite=False, short=False)] == ["mail", "worker"]
    names = {each.name for each in soak_faults.chosen("", sqlite=True, short=True)}
    assert "worker" in names
    assert not names & {"database", "store"}
