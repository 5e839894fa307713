"""The images: what deploy/Dockerfile says, and what its steps make, as far as that can be shown without an engine."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import httpx
import pytest

from parley.config import Config
from tests.deploy.dockerfiles import Stage, stages_of
from tests.processes import ServerProcess

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILES = [ROOT / "deploy" / "Dockerfile", ROOT / "deploy" / "janus" / "Dockerfile"]
STAGES = {each.name: each for each in stages_of(DOCKERFILES[0])}
ACCOUNT = "10001:10001"


def requirements() -> dict[str, set[str]]:
    """The packages of the lock, each with what brought it."""
    found: dict[str, set[str]] = {}
    name = ""
    for line in (ROOT / "requirements" / "base.txt").read_text("utf-8").splitlines():
        if pinned := re.match(r"([a-z0-9._-]+)==", line):
            name = pinned[1]
            found[name] = set()
        elif brought := re.match(r"    #(?: via)?\s+(\S.*)$", line):
            found[name].add(brought[1])
    return found


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.parent.name)
def test_images_end_as_an_account_that_is_not_root(path: Path) -> None:
    stages = stages_of(path)
    users = [each.last("USER") for each in stages if each.all("ENTRYPOINT") or each.all("USER")]
    assert users
    assert set(users) == {ACCOUNT}
    text = path.read_text("utf-8")
    assert re.search(r"^ARG \w+_IMAGE=\S+:(?!latest)\S+$", text, re.M), "the base image has a tag"
    assert "rm -rf /var/lib/apt/lists/*" in text
    assert "--no-install-recommends" in text
    assert not re.search(r"\b(curl|wget|sudo)\b|chmod 777|ADD ", text)


def test_the_last_stage_is_the_server_alone() -> None:
    last = stages_of(DOCKERFILES[0])[-1]
    assert (last.base, last.steps) == ("server", [])
    assert STAGES["media"].base == "server"
    assert "ffmpeg" in STAGES["media"].last("RUN")
    assert not any("apt-get" in each for each in STAGES["server"].all("RUN"))


def test_the_base_image_is_a_python_that_the_project_supports() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    found = re.search(r"^ARG PYTHON_IMAGE=python:(\d+\.\d+)-slim-", DOCKERFILES[0].read_text("utf-8"), re.M)
    assert found is not None
    assert f"Programming Language :: Python :: {found[1]}" in project["classifiers"]


def test_settings_of_the_image_are_settings() -> None:
    named = re.findall(r"\bPARLEY_([A-Z_]+)=", STAGES["server"].last("ENV"))
    assert named
    assert [name for name in named if name.lower() not in Config.__struct_fields__] == []


def test_versions_are_locked_and_only_the_build_backend_is_left_out() -> None:
    install, build = STAGES["build"].all("RUN")
    assert "--require-hashes" in install
    assert "--only-binary :all:" in install
    assert "--no-deps --no-index" in build
    lock = requirements()
    backend = {name for name, brought in lock.items() if brought == {"parley (pyproject.toml:build)"}}
    while more := {name for name, brought in lock.items() if brought <= backend} - backend:
        backend |= more
    removed = build.partition("uninstall -q -y")[2].partition("&&")[0].split()
    assert backend
    assert set(removed) == backend


def files_to_install() -> set[str]:
    """Every file of the package, by its path in a wheel."""
    package = ROOT / "src" / "parley"
    return {
        f"parley/{path.relative_to(package).as_posix()}"
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as the image's build makes it, out of the files that it gets and no others."""
    folder = tmp_path_factory.mktemp("image")
    for step in STAGES["build"].all("COPY"):
        *sources, target = step.split()
        for source in sources:
            to = folder / target / ("" if target in (".", "./") or (ROOT / source).is_dir() else "..")
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, to, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
            elif target in (".", "./"):
                shutil.copy(ROOT / source, folder)
            else:
                (folder / target).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / source, folder / target)
    built = folder / "wheel"
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)],
        cwd=folder,
        check=True,
        capture_output=True,
        env={"PATH": os.environ["PATH"], "SOURCE_DATE_EPOCH": "1767225600"},
    )
    (made,) = built.glob("parley-*.whl")
    return made


def test_the_wheel_has_every_file_of_the_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.startswith("parley-")}
        assert names == files_to_install()
        for part in ("web/static/", "web/templates/", "mail/locale/", "store/migrations/versions/"):
            assert any(name.startswith(f"parley/{part}") for name in names), part
        # The same tree gives the same file: times come from the variable.
        assert {each.date_time for each in archive.infolist()} == {(2026, 1, 1, 0, 0, 0)}


def test_what_was_installed_from_the_wheel_serves(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    shown = subprocess.run(
        [sys.executable, "-c", "import parley; print(parley.__file__)"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(installed)},
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert shown.stdout.startswith(str(installed))
    environment = {"PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}
    data = tmp_path / "data"
    data.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        server = ServerProcess(data, demo=True)
    try:
        for path in ("/demo/", "/static/parley.css", "/schemas/", "/demo/console/sign-in"):
            assert httpx.get(server.url + path, follow_redirects=True, trust_env=False).status_code == 200, path
    finally:
        server.stop()


def health_check(stage: Stage) -> list[str]:
    """The command of a stage's HEALTHCHECK."""
    command: list[str] = json.loads(stage.last("HEALTHCHECK").partition(" CMD ")[2])
    return command


def test_the_health_check_tells_a_server_that_answers_from_none(tmp_path: Path) -> None:
    python, *arguments = health_check(STAGES["server"])
    assert python == "python"
    server = ServerProcess(tmp_path)

    def checked(port: int) -> int:
        # Whatever proxy is set, the check asks its own machine.
        environment = {"PARLEY_PORT": str(port), "http_proxy": "http://127.0.0.1:9", "PATH": os.environ["PATH"]}
        done = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, check=False)
        return done.returncode

    try:
        assert checked(server.port) == 0
    finally:
        server.stop()
    assert checked(1) == 1  # nobody listens there


def test_nothing_but_what_is_named_comes_into_an_image() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    named = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    copied = {
        source
        for path in DOCKERFILES
        for stage in stages_of(path)
        for step in stage.all("COPY")
        if "--from=" not in step
        for source in [word for word in step.split() if not word.startswith("--")][:-1]
    }
    assert all((ROOT / each).exists() for each in copied)
    assert all(any(each == name or each.startswith(f"{name}/") for name in named) for each in copied)
    assert all(any(each == name or each.startswith(f"{name}/") for each in copied) for name in named)
