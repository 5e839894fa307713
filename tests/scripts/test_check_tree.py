from __future__ import annotations

import pytest

from scripts import check_tree

# Put together here, so that this file itself is clean.
INDEX = "https://py" + "pi.org/simple"
FILES = "https://files.python" + "hosted.org/packages/x"


def test_the_tree_is_clean() -> None:
    assert check_tree.main() == 0


@pytest.mark.parametrize(
    "line",
    [
        f"see {INDEX}",
        FILES,
        "pip install --index" + "-url x",
        "--extra-index" + "-url x",
        "--find" + "-links wheels",
        "open('/wo" + "rk/main/x')",
        "cd /wo" + "rk",
        "/ro" + "ot/.cache",
        "x=/ho" + "me/someone/x",
        "/op" + "t/wheels",
    ],
)
def test_an_address_or_a_path_of_a_machine_is_named_with_its_line(line: str) -> None:
    (complaint,) = check_tree.complaints("docs/x.md", f"first\n{line}\n")
    assert complaint.startswith("docs/x.md:2: ")


@pytest.mark.parametrize(
    "line",
    [
        "</root> </work>",
        "//root",
        "tests/work/x",
        "https://example.org/home/page",
        "/workbench /rooted /homes",
        "$HOME/data",
        '"$root/scripts/setup"',
        "the package index",
    ],
)
def test_what_only_looks_alike_is_left_alone(line: str) -> None:
    assert list(check_tree.complaints("docs/x.md", line)) == []


@pytest.mark.parametrize("folder", ["src", "tests", "scripts", "benchmarks"])
def test_code_of_more_than_900_lines_is_too_long(folder: str) -> None:
    name = f"{folder}/x.py"
    assert list(check_tree.complaints(name, "x\n" * 900)) == []
    assert list(check_tree.complaints(name, "x\n" * 901)) == [f"{name}: 901 lines, more than 900"]


def test_only_code_has_a_greatest_length() -> None:
    for name in ("requirements/dev.txt", "src/parley/mail/locale/de.po"):
        assert list(check_tree.complaints(name, "x\n" * 5000)) == []
