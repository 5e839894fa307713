from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts import audit_locks

CLEAN = {"name": "lxml", "version": "6.0.2", "vulns": []}
UNKNOWN = {"name": "uvloop", "version": "0.22", "skip_reason": "Dependency not found on PyPI and could not be audited"}
FOUND = {
    "name": "jinja2",
    "version": "3.1.5",
    "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["3.1.6"], "description": "x"}],
}


def a_program(folder: Path, answers: dict[str, list[dict[str, Any]] | None]) -> str:
    """Something that answers like pip-audit, for each service; None: it cannot be reached."""
    (folder / "answers.json").write_text(json.dumps(answers))
    path = folder / "pip-audit"
    path.write_text(
        f"#!{sys.executable}\n"
        "import json, pathlib, sys\n"
        "answers = json.loads(pathlib.Path(__file__).with_name('answers.json').read_text())\n"
        "assert '--require-hashes' in sys.argv and pathlib.Path(sys.argv[sys.argv.index('-r') + 1]).is_file()\n"
        "found = answers[sys.argv[sys.argv.index('--vulnerability-service') + 1]]\n"
        "if found is None:\n"
        "    sys.exit('no such host')\n"
        "print(json.dumps({'dependencies': found, 'fixes': []}))\n"
        "sys.exit(any(each.get('vulns') for each in found))\n"
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.parametrize(
    ("pypi", "osv", "code", "told"),
    [
        ([CLEAN], None, 0, "1 packages, no known vulnerability"),
        ([CLEAN, FOUND], None, 1, "base: jinja2 3.1.5: PYSEC-1 (CVE-1), mended in 3.1.6"),
        ([UNKNOWN, FOUND], None, 1, "NOT AUDITED, 1 of 2 packages are unknown to the service"),
        ([CLEAN, UNKNOWN], None, 3, "NOT AUDITED, 1 of 2 packages are unknown to the service"),
        ([CLEAN, UNKNOWN], [CLEAN, {**UNKNOWN, "vulns": []}], 0, "no known vulnerability"),
        (None, None, 3, "NOT AUDITED, no service answered"),
    ],
    ids=["clean", "found", "found and unknown", "unknown", "known to the second", "not reached"],
)
def test_what_was_found_is_told_from_what_was_not_looked_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], pypi: Any, osv: Any, code: int, told: str
) -> None:
    assert audit_locks.main(a_program(tmp_path, {"pypi": pypi, "osv": osv})) == code
    output = capsys.readouterr().out
    assert told in output
    assert ("no known vulnerability" in output) is (code == 0)
