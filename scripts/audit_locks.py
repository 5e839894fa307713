"""Asks pip-audit about the lock files, and tells apart what it found from what it could not look up.

pip-audit calls a package clean that its service has never heard of; here that is no answer, so that a machine without
the service cannot look like one without vulnerabilities.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("base", "dev")
#: Tried in this order, until one knows all packages.
SERVICES = ("pypi", "osv")
NOT_AUDITED = 3


class Outcome(NamedTuple):
    """What a service says of a lock file: lines about vulnerabilities, and packages that it says nothing of."""

    packages: int
    found: list[str]
    unknown: list[str]


def audited(command: str, lock: str, service: str) -> Outcome | None:
    """What a service says; None when it cannot be asked."""
    arguments = [command, "-r", str(ROOT / "requirements" / f"{lock}.txt"), "--require-hashes", "--disable-pip"]
    arguments += ["--vulnerability-service", service, "--format", "json", "--progress-spinner", "off"]
    done = subprocess.run(arguments, check=False, capture_output=True, text=True)
    try:
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(f"{lock}: {service} cannot be asked: {(done.stderr.strip().splitlines() or ['no answer'])[-1][:300]}")
        return None
    unknown = [each["name"] for each in packages if "vulns" not in each]
    found = [
        f"{lock}: {each['name']} {each['version']}: {vulnerability['id']}"
        f" ({', '.join(vulnerability['aliases']) or 'no other name'}), mended in"
        f" {', '.join(vulnerability['fix_versions']) or 'no version yet'}"
        for each in packages
        for vulnerability in each.get("vulns", ())
    ]
    return Outcome(len(packages), found, unknown)


def main(command: str) -> int:
    """Look all lock files up and print what there is to say."""
    worst = 0
    for lock in LOCKS:
        outcomes: list[Outcome] = []
        for service in SERVICES:
            outcome = audited(command, lock, service)
            if outcome is not None:
                outcomes.append(outcome)
                if not outcome.unknown:
                    break
        found = sorted({line for outcome in outcomes for line in outcome.found})
        unknown = set.intersection(*(set(outcome.unknown) for outcome in outcomes)) if outcomes else None
        if found:
            print("\n".join(found))
            worst = max(worst, 1)
        elif unknown is None:
            print(f"{lock}: NOT AUDITED, no service answered")
            worst = NOT_AUDITED
        if unknown:
            print(f"{lock}: NOT AUDITED, {len(unknown)} of {outcomes[0].packages} packages are unknown to the service")
            worst = max(worst, 1) if found else NOT_AUDITED
        if outcomes and not found and not unknown:
            print(f"{lock}: {outcomes[0].packages} packages, no known vulnerability")
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else str(Path(sys.executable).with_name("pip-audit"))))
