"""Fuzzes for a night: `scripts/night`.

Every target runs in a process of its own, one after the other, each for its share of the inputs. With the package
atheris the inputs follow the coverage of the code; without it they are damaged seeds, which is quicker. Findings are
kept as files, which `--again FILE` hands to their target once more.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from types import FunctionType
from typing import Any, Final

from tests.attacks import fuzz_targets, fuzzing

FOLDER: Final = Path("build/night")


def main(arguments: list[str] | None = None) -> int:
    """Do what the options say; 1 when something was found."""
    options = _options(arguments)
    if options.again:
        return _again(options.again)
    if options.one:
        return _one(options)
    named = options.targets or list(fuzz_targets.TARGETS)
    whole = sum(fuzz_targets.TARGETS[name].weight for name in named)
    begun, failed = time.monotonic(), []
    for name in named:
        share = fuzz_targets.TARGETS[name].weight / whole
        command = [sys.executable, "-m", "tests.attacks.night", "--one", name]
        command += ["--inputs", str(max(round(options.inputs * share), 1)), "--number", str(options.number)]
        command += ["--engine", options.engine]
        if options.seconds:
            command += ["--seconds", str(options.seconds * share)]
        if subprocess.run(command, check=False).returncode:
            failed.append(name)
    _say(f"{time.monotonic() - begun:.0f} seconds; " + (f"findings: {', '.join(failed)}" if failed else "no findings"))
    return 1 if failed else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/night", description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(fuzz_targets.TARGETS))
    parser.add_argument("--inputs", type=int, default=10_000_000, help="how many, over all targets (10 million)")
    parser.add_argument("--seconds", type=float, default=0, help="end after this time, over all targets")
    parser.add_argument("--number", type=int, default=int(time.time()), help="the same gives the same inputs")
    parser.add_argument("--engine", choices=("damage", "coverage"), default="damage", help="coverage needs atheris")
    parser.add_argument("--again", type=Path, help="a file of build/night")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    for name in options.targets:
        if name not in fuzz_targets.TARGETS:
            parser.error(f"there is no target {name}")
    return options


def _again(path: Path) -> int:
    target = fuzz_targets.TARGETS[path.name.partition("-")[0]]
    with fuzzing.watched():
        try:
            taken = fuzzing.stand(target, path.read_bytes())
        except fuzzing.Failed as failure:
            _say(failure.told)
            return 1
    _say("it is taken" if taken else "it is refused, as it should be")
    return 0


def _one(options: argparse.Namespace) -> int:
    if options.engine == "coverage":
        return _by_coverage(options)
    fuzz_targets.seeds_of(options.one)
    fuzzing.bound_memory()
    begun = time.monotonic()
    found = fuzzing.hunt(options.one, options.inputs, options.number, options.seconds or float("inf"))
    rate = found.inputs / max(time.monotonic() - begun, 0.001)
    _say(
        f"{found.target:10} number {options.number}: {found.inputs:9} inputs ({rate:.0f} a second),"
        f" {found.taken} taken, slowest {found.slowest * 1000:.0f} ms, {len(found.findings)} findings"
    )
    for path in fuzzing.keep_findings(found, FOLDER):
        _say(f"  {path}: {path.with_suffix('.txt').read_text().splitlines()[-1]}")
    return 1 if found.findings else 0


def _by_coverage(options: argparse.Namespace) -> int:
    """libFuzzer, which ends the process; what it finds it writes itself."""
    import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore]  # scripts/night installs it where it is wanted

    target = fuzz_targets.TARGETS[options.one]
    seeds = fuzz_targets.seeds_of(options.one)
    _instrument(atheris)
    damage = fuzzing.Mutator(target, options.number)

    def change(data: bytes, most: int, number: int) -> bytes:
        """Half of the inputs are changed as the library does it, half as the other engine does."""
        changed: bytes = atheris.Mutate(data, most) if number & 1 else damage.next()
        return changed[:most]

    corpus = FOLDER / "corpus" / options.one  # what one night found interesting is where the next begins
    corpus.mkdir(parents=True, exist_ok=True)
    for place, seed in enumerate(seeds):
        (corpus / f"seed-{place:04}").write_bytes(seed)
    arguments = [
        *(
            "night",
            f"-runs={options.inputs}",
            f"-max_total_time={int(options.seconds)}",
            f"-max_len={fuzz_targets.LIMIT}",
        ),
        *(f"-timeout={fuzzing.INPUT_SECONDS}", f"-rss_limit_mb={fuzzing.MOST_BYTES >> 20}", "-print_final_stats=1"),
        *(
            f"-seed={options.number & 0x7FFFFFFF}",
            f"-artifact_prefix={FOLDER}/{options.one}-",
            "-verbosity=0",
            str(corpus),
        ),
    ]
    atheris.Setup(arguments, target.run, custom_mutator=change)
    atheris.Fuzz()
    return 0


def _instrument(atheris: Any) -> None:
    """Have the functions of Parley tell where they have been; libraries are not what is looked at."""
    for name, module in list(sys.modules.items()):
        if name.startswith("parley.") and not name.startswith("parley.contract."):
            for value in list(vars(module).values()):
                if getattr(value, "__module__", None) == name:
                    for function in (value, *(vars(value).values() if isinstance(value, type) else ())):
                        if isinstance(function, FunctionType):
                            atheris.instrument_func(function)


if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parents[2])
    sys.exit(main())
