"""Reads Dockerfiles: the instructions of each stage."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Stage:
    """One stage: what it begins from, its name, and its instructions."""

    base: str
    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, instruction: str) -> list[str]:
        """What stands behind each instruction of a kind."""
        return [what for kind, what in self.steps if kind == instruction]

    def last(self, instruction: str) -> str:
        """What stands behind the last instruction of a kind."""
        return self.all(instruction)[-1]


def stages_of(path: Path) -> list[Stage]:
    """The stages of a Dockerfile, in order."""
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.lstrip().startswith("#")]
    text = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    found: list[Stage] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        kind, _, what = line.partition(" ")
        if kind == "FROM":
            base, _, name = what.partition(" AS ")
            found.append(Stage(base, name))
        elif found:
            found[-1].steps.append((kind, what.strip()))
    return found
