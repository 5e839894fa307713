"""A little of what `scripts/night` does for hours: damaged inputs for everything that takes bytes from strangers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from parley.services.registry import operations
from tests.attacks import fuzz_targets, fuzzing
from tests.attacks.fuzz_targets import TARGETS, Target

#: Inputs over all targets; the same each time, and others with PARLEY_FUZZ_NUMBER.
_INPUTS = int(os.environ.get("PARLEY_FUZZ_INPUTS", "6000"))
_NUMBER = int(os.environ.get("PARLEY_FUZZ_NUMBER", "1"))
_WHOLE = sum(target.weight for target in TARGETS.values())


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_inputs_are_taken_or_refused(name: str) -> None:
    found = fuzzing.hunt(name, max(_INPUTS * TARGETS[name].weight // _WHOLE, 100), _NUMBER)
    assert [told for _, told in found.findings] == []
    assert found.inputs >= 100


def test_every_operation_has_seeds_that_are_taken() -> None:
    """A seed that is refused at its first element would let nothing behind it be reached."""
    seeds = fuzz_targets.seeds_of("document")
    assert len(seeds) >= 3 * len(operations())
    taken = sum(TARGETS["document"].run(seed) for seed in seeds)
    assert taken > len(seeds) * 0.6


def test_seeds_of_every_target_are_taken() -> None:
    for target in TARGETS.values():
        if target.name != "token":  # nobody else can make one
            assert any(target.run(seed) for seed in fuzz_targets.seeds_of(target.name)), target.name


def test_the_same_number_gives_the_same_inputs() -> None:
    one, two = (fuzzing.Mutator(TARGETS["message"], 7) for _ in range(2))
    first = [one.next() for _ in range(200)]
    assert first == [two.next() for _ in range(200)]
    assert len(set(first)) > 150


def _fails(data: bytes) -> bool:
    if len(data) > 3:
        raise KeyError(data[3])
    return True


def _hangs(data: bytes) -> bool:
    try:
        while True:
            len(data)
    except Exception:
        return False


def test_what_is_not_stood_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Target("broken", 1, _fails, lambda: [b"abcdef"], (b"x",))
    monkeypatch.setitem(TARGETS, "broken", broken)
    found = fuzzing.hunt("broken", 200, 1)
    assert len(found.findings) == 1  # one place in the code is one finding
    [path] = fuzzing.keep_findings(found, tmp_path)
    with fuzzing.watched(), pytest.raises(fuzzing.Failed, match="KeyError"):
        fuzzing.stand(broken, path.read_bytes())
    assert "KeyError" in path.with_suffix(".txt").read_text()


def test_what_takes_too_long_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzzing, "INPUT_SECONDS", 0.05)
    slow = Target("slow", 1, _hangs, lambda: [b"a"], (b"x",))
    with fuzzing.watched(), pytest.raises(fuzzing.Failed, match="TooSlow"):
        fuzzing.stand(slow, b"a")


def test_a_target_runs_in_a_process_of_its_own(tmp_path: Path) -> None:
    """As scripts/night starts each of them: with little memory, and what came of it on a line."""
    command = [sys.executable, "-m", "tests.attacks.night", "--one", "message", "--inputs", "2000", "--number", "3"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("message    number 3:      2000 inputs")
    assert done.stdout.endswith(" 0 findings\n")
