"""The units of deploy/systemd: what systemd says of them, and the scripts that they run."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from parley.config import Config
from parley.web.serving import FINISH_SECONDS
from tests.deploy.fronts import DEPLOY

FOLDER = DEPLOY / "systemd"
SERVICES = sorted(path.name for path in FOLDER.glob("*.service"))
#: Those that run Parley itself.
OURS = [name for name in SERVICES if name != "parley-janus.service"]
UNITS = sorted(path.name for path in FOLDER.iterdir() if path.suffix in (".service", ".socket", ".timer"))
#: What `systemd-analyze security` may say at most, in tenths: 0 is nothing to see, 100 everything.
EXPOSURE = 15


def text_of(unit: str) -> str:
    return (FOLDER / unit).read_text("utf-8")


def values(unit: str, name: str) -> list[str]:
    """What a unit says of something, each time it does."""
    return re.findall(rf"^{name}=(.*)$", text_of(unit), re.M)


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units in a folder, with a program that is there in the place of Parley's."""
    for name in UNITS:
        text = re.sub(r"^ExecStart=/opt/parley/\S+", "ExecStart=/bin/true", text_of(name), flags=re.M)
        (tmp_path / name.replace("@.", "@8081.")).write_text(text)
    return tmp_path


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "SYSTEMD_LOG_LEVEL": "warning", "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        ["systemd-analyze", "--no-pager", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment,
    )


@pytest.mark.systemd
def test_systemd_takes_them(units: Path) -> None:
    done = analyze("verify", "--man=no", *(str(path) for path in sorted(units.iterdir())))
    ours = [line for line in done.stderr.splitlines() if "parley" in line]
    assert ours == []
    assert done.returncode == 0, done.stderr


@pytest.mark.systemd
def test_a_wrong_word_would_be_noticed(units: Path) -> None:
    unit = units / "parley.service"
    unit.write_text(unit.read_text().replace("ProtectSystem=strict", "ProtectSystems=strict"))
    assert "ProtectSystems" in analyze("verify", "--man=no", str(unit)).stderr


@pytest.mark.systemd
@pytest.mark.parametrize("name", SERVICES)
def test_services_may_little(units: Path, name: str) -> None:
    unit = units / name.replace("@.", "@8081.")
    done = analyze("security", "--offline=true", f"--threshold={EXPOSURE}", str(unit))
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overall exposure level" in done.stdout


@pytest.mark.systemd
def test_the_account_is_made(tmp_path: Path) -> None:
    done = subprocess.run(
        ["systemd-sysusers", "--dry-run", f"--root={tmp_path}", str(FOLDER / "parley.sysusers")],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
    )
    assert done.returncode == 0, done.stderr
    assert "parley" in done.stdout + done.stderr


def test_folders_belong_to_whom_they_should() -> None:
    lines = [line.split() for line in text_of("parley.tmpfiles").splitlines() if not line.startswith("#")]
    assert lines == [
        ["d", "/etc/parley", "0750", "root", "parley", "-"],
        ["d", "/var/backups/parley", "0700", "parley", "parley", "-"],
    ]


def test_one_server_and_one_of_several_differ_in_the_port_only() -> None:
    single = re.sub(r"^#.*\n", "", text_of("parley.service"), flags=re.M)
    several = re.sub(r"^#.*\n", "", text_of("parley@.service"), flags=re.M)
    several = several.replace(" --port %i", "").replace(" on port %i", "")
    assert several.replace("Environment=PARLEY_DRAIN_SECONDS=6\n", "") == single


@pytest.mark.parametrize("name", SERVICES)
def test_all_services_are_the_same_account_with_the_same_bounds(name: str) -> None:
    def bounds(text: str) -> list[str]:
        return text.partition("# What it may not")[2].partition("[Install]")[0].split()

    assert bounds(text_of(name)) == bounds(text_of("parley.service"))
    assert len(bounds(text_of(name))) > 20
    assert values(name, "User") == values(name, "Group") == ["parley"]
    assert values(name, "StateDirectory") == ["parley"]
    for credential in values(name, "LoadCredential"):
        inside, _, path = credential.partition(":")
        assert path == f"/etc/parley/{inside}"
        assert f"=%d/{inside}\n" in text_of(name)


@pytest.mark.parametrize("name", OURS)
def test_variables_are_settings(name: str) -> None:
    named = re.findall(r"^Environment=PARLEY_([A-Z_]+)=", text_of(name), re.M)
    assert {each.lower() for each in named} - {"config"} <= set(Config.__struct_fields__)
    assert "Environment=PARLEY_CONFIG=%d/parley.toml" in text_of(name)
    assert "Environment=PARLEY_DATA=/var/lib/parley" in text_of(name)


def test_the_variables_of_janus_are_those_of_its_script() -> None:
    named = re.findall(r"^Environment=(JANUS_[A-Z_]+)=", text_of("parley-janus.service"), re.M)
    script = (DEPLOY / "janus" / "start").read_text("utf-8")
    assert named
    assert [name for name in named if f"${{{name}:-" not in script] == []


@pytest.mark.parametrize("name", ["parley.service", "parley@.service"])
def test_a_server_is_given_the_time_to_end(name: str) -> None:
    drain = float(([0, *re.findall(r"PARLEY_DRAIN_SECONDS=(\d+)", text_of(name))])[-1])
    assert int(values(name, "TimeoutStopSec")[0]) >= drain + FINISH_SECONDS + 40
    assert values(name, "Type") == ["notify"]
    assert values(name, "Restart") == ["always"]


def test_the_backup_goes_where_the_service_may_write() -> None:
    (command,) = values("parley-backup.service", "ExecStart")
    folder = command.split()[1]
    assert values("parley-backup.service", "ReadWritePaths") == [folder]
    assert f"d {folder} 0700 parley parley" in text_of("parley.tmpfiles")


@pytest.fixture
def recorder(tmp_path: Path) -> Path:
    """A program that writes down how it was called, and makes the file of a backup."""
    program = tmp_path / "parley-program"
    program.write_text(
        f'#!/bin/sh\necho "$PARLEY_CONFIG $PARLEY_DATA $*" >>"{tmp_path}/calls"\n[ "$1" != backup ] || echo new >"$2"\n'
    )
    program.chmod(0o755)
    return program


def test_old_backups_go_when_the_new_one_is_whole(tmp_path: Path, recorder: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for name in ("parley-old.tar", "parley-young.tar", "other.tar"):
        (folder / name).write_text("x")
    for name in ("parley-old.tar", "other.tar"):
        os.utime(folder / name, (0, 0))
    environment = {"PATH": os.environ["PATH"], "PARLEY": str(recorder)}
    command = [str(FOLDER / "backup"), str(folder), "14"]
    subprocess.run(command, check=True, env=environment)
    left = {path.name for path in folder.iterdir()}
    assert {"parley-young.tar", "other.tar"} < left
    assert "parley-old.tar" not in left
    assert len(left) == 3

    os.utime(folder / "parley-young.tar", (0, 0))
    failing = subprocess.run(command, check=False, env=environment | {"PARLEY": "/bin/false"})
    assert failing.returncode != 0
    assert (folder / "parley-young.tar").exists()


def test_the_command_takes_the_settings_of_the_service(tmp_path: Path, recorder: Path) -> None:
    """As any account but root, who becomes that of the service."""
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    runuser = bin_folder / "runuser"
    runuser.write_text('#!/bin/sh\n[ "$1 $2 $3" = "-u parley --" ] || exit 9\nshift 3\nexec "$@"\n')
    runuser.chmod(0o755)
    environment = {"PATH": f"{bin_folder}:{os.environ['PATH']}", "PARLEY_COMMAND": str(recorder)}
    subprocess.run([FOLDER / "parley", "site", "list", "with blank"], check=True, env=environment)
    assert (tmp_path / "calls").read_text() == "/etc/parley/parley.toml /var/lib/parley site list with blank\n"


def test_the_example_of_the_settings_can_be_used() -> None:
    page = (DEPLOY.parent / "docs" / "deploying.md").read_text("utf-8")
    (example,) = re.findall(r"^```toml\n# /etc/parley/parley\.toml\n(.*?)^```$", page, re.M | re.S)
    assert Config.load(tomllib.loads(example), {}).trust_proxy
