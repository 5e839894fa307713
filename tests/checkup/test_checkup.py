"""The doctor on set-ups that are really wrong, and on ones that are right."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import shutil
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
import warnings
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import pytest

from parley.checkup import database, front, machine, mails, names, settings, storage
from parley.checkup.findings import Area, Finding, Report, Setup, examine
from parley.config import Config
from parley.store.checkup import Facts, facts
from tests.checkup.fronts import Authority
from tests.checkup.fronts import front as fronted
from tests.databases import PostgresServer
from tests.mail.smtp import MailServer
from tests.server import Server

PARLEY = [sys.executable, "-c", "from parley.cli import main; main()", "doctor"]


def looked(areas: Sequence[Area] | Area, config: Config, **more: Any) -> dict[str, Finding]:
    """What the checks find, by name; the worst where there are several of one name."""

    async def work() -> list[Finding]:
        chosen = [areas] if isinstance(areas, Area) else areas
        setup = Setup(config, {"environment": {}, **more}["environment"], more.get("file"), more.get("seconds", 30.0))
        return [each async for some in examine(setup, chosen) for each in some]

    order = ("ok", "warning", "failed")
    with warnings.catch_warnings():
        # What a time limit cut off is not closed before the loop ends; a command ends then too.
        warnings.simplefilter("ignore", ResourceWarning)
        found = sorted(asyncio.run(work()), key=lambda each: order.index(each.outcome))
        gc.collect()
    for each in found:
        assert "\n" not in each.told
        assert (each.mend is None) == (each.outcome == "ok")
    return {each.name: each for each in found}


def outcome(found: dict[str, Finding], name: str) -> str:
    return found[name].outcome


# ---- settings --------------------------------------------------------------------------------------------------------


def test_settings_that_are_misspelt_or_contradict_each_other(tmp_path: Path) -> None:
    config = Config(
        data=str(tmp_path), workers=4, demo=True, public_url="http://meet.example.org", janus="ws://127.0.0.1:1"
    )
    environment = {"PARLEY_PUBLIK_URL": "x", "PARLEY_DATABASE_FILE": "/nowhere", "HOME": "/"}
    found = looked(settings.AREA, config, environment=environment)
    assert found["variables"].told.startswith("PARLEY_PUBLIK_URL ")
    assert found["variables"].mend == "did you mean PARLEY_PUBLIC_URL?"
    found = looked(settings.AREA, config, environment={"PARLEY_SANDBOX_TOKEN": "of parley sandbox"})
    assert outcome(found, "variables") == "ok"
    found = looked(settings.AREA, config, environment={"PARLEY_COLOUR": "red"})
    assert (found["variables"].mend or "").startswith("take it away")
    found = looked(settings.AREA, config, environment=environment)
    for name in ("workers", "demo", "public_url", "janus_secret", "metrics_from"):
        assert outcome(found, name) == "warning"


def test_settings_that_are_right(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    config = Config(
        data=str(tmp_path), public_url="https://meet.example.org", trust_proxy=True, metrics_token="metrics-token"
    )
    assert {each.outcome for each in looked(settings.AREA, config).values()} == {"ok"}


def test_files_with_secrets_that_others_may_read(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    file = tmp_path / "parley.toml"
    file.write_text('smtp = "smtp://user:secret@mail.example.org"\n')
    config = Config.load({"data": str(tmp_path)}, environment={})
    file.chmod(0o644)
    found = looked(settings.AREA, config)
    assert outcome(found, "permissions") == "failed"
    assert found["permissions"].mend == f"chmod 600 {file}"
    assert "user:secret" not in found["permissions"].told
    file.chmod(0o640)
    assert outcome(looked(settings.AREA, config), "permissions") == "warning"
    file.chmod(0o600)
    assert outcome(looked(settings.AREA, config), "permissions") == "ok"
    tmp_path.chmod(0o755)
    assert outcome(looked(settings.AREA, config), "permissions") == "warning"


def test_files_with_secrets_that_another_account_keeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o700)
    file = tmp_path / "smtp"
    file.write_text("smtp://user:secret@mail.example.org")
    environment = {"PARLEY_SMTP_FILE": str(file)}
    config = Config.load({"data": str(tmp_path)}, environment)
    own = os.geteuid()
    monkeypatch.setattr("os.geteuid", lambda: own + 1)
    file.chmod(0o640)
    assert outcome(looked(settings.AREA, config, environment=environment), "permissions") == "ok"
    file.chmod(0o444)
    found = looked(settings.AREA, config, environment=environment)
    assert outcome(found, "permissions") == "failed"
    assert (found["permissions"].mend or "").endswith("chmod 640")
    monkeypatch.setattr(settings, "_MOUNTED", tmp_path)
    assert outcome(looked(settings.AREA, config, environment=environment), "permissions") == "ok"
    file.chmod(0o666)
    assert outcome(looked(settings.AREA, config, environment=environment), "permissions") == "failed"


# ---- the machine -----------------------------------------------------------------------------------------------------


def test_a_data_folder_that_is_not_there_or_no_folder_or_read_only(tmp_path: Path) -> None:
    assert outcome(looked(machine.AREA, Config(data=str(tmp_path))), "data folder") == "ok"
    assert list(tmp_path.iterdir()) == []
    assert outcome(looked(machine.AREA, Config(data=str(tmp_path / "new" / "one"))), "data folder") == "warning"
    assert not (tmp_path / "new").exists()
    (tmp_path / "file").write_text("")
    assert outcome(looked(machine.AREA, Config(data=str(tmp_path / "file"))), "data folder") == "failed"
    assert outcome(looked(machine.AREA, Config(data="/proc/self")), "data folder") == "failed"


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.parametrize(("free", "wanted"), [(100 << 20, "failed"), (2 << 30, "warning"), (50 << 30, "ok")])
def test_a_disk_that_is_nearly_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, wanted: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100 << 30, 1, free))
    assert outcome(looked(machine.AREA, Config(data=str(tmp_path))), "disk") == wanted


def test_the_disk_of_a_database_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Path("/dev/shm")
    assert other.stat().st_dev != tmp_path.stat().st_dev
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(100 << 30, 1, 50 << 30 if path == tmp_path else 9))
    config = Config(data=str(tmp_path), database=f"sqlite:///{other}/not-there/parley.db")
    found = looked(machine.AREA, config)
    assert (outcome(found, "disk"), outcome(found, "disk of the database")) == ("ok", "failed")
    assert "disk of the database" not in looked(machine.AREA, Config(data=str(tmp_path)))
    assert "disk of the database" not in looked(machine.AREA, Config(data=str(tmp_path), database="postgresql://h/n"))


def test_programs_that_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = looked(machine.AREA, Config(data=str(tmp_path), janus="start"))
    assert (outcome(found, "ffmpeg"), outcome(found, "janus")) == ("warning", "failed")


# ---- the database ----------------------------------------------------------------------------------------------------


def _with_revision(path: Path, revision: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))


def test_a_file_that_is_behind_or_ahead_or_no_database(sqlite_database: str, tmp_path: Path) -> None:
    config, path = Config(data=str(tmp_path)), Path(sqlite_database)
    found = looked(database.AREA, config)
    assert (outcome(found, "reachable"), outcome(found, "revision")) == ("ok", "ok")
    _with_revision(path, "0020")
    behind = looked(database.AREA, config)["revision"]
    assert (behind.outcome, "parley db upgrade" in (behind.mend or "")) == ("failed", True)
    _with_revision(path, "9999")
    assert "newer" in looked(database.AREA, config)["revision"].told
    path.write_bytes(b"no database at all" * 1000)
    assert outcome(looked(database.AREA, config), "reachable") == "failed"
    path.unlink()
    assert outcome(looked(database.AREA, config), "revision") == "warning"
    assert not path.exists()


def test_a_postgresql_that_is_right_and_one_without_room(postgres_database: str) -> None:
    found = looked(database.AREA, Config(database=postgres_database))
    assert {each.outcome for each in found.values()} == {"ok"}
    many = looked(database.AREA, Config(database=postgres_database, workers=20, pool_size=8))
    assert outcome(many, "connections") == "failed"
    itself = looked(database.AREA, Config(database=postgres_database, database_replicas=postgres_database))
    assert "no replica" in itself["replica 1"].told


def test_connections_that_others_have_count(postgres_database: str, postgres_server: PostgresServer) -> None:
    async def others() -> tuple[int, int]:
        await postgres_server.run("CREATE ROLE doctor_guest LOGIN PASSWORD 'x' IN ROLE pg_read_all_data")
        plain = postgres_database.replace("//postgres@", "//doctor_guest:x@")
        before = (await facts(plain)).others
        programs = [await asyncpg.connect(postgres_database) for _ in range(3)]
        try:
            return before, (await facts(plain)).others
        finally:
            for each in programs:
                await each.close()
            await postgres_server.run("DROP ROLE doctor_guest")

    before, now = asyncio.run(others())
    assert now >= before + 3 - 1  # one that ended may still have been there at first
    report = Report("database")
    setup = Setup(Config(workers=4, pool_size=8), {})
    for known in (0, 5, 60):
        database._tell_connections(setup, Facts("PostgreSQL", (17, 0), None, most=50, others=known), report)
    assert [each.outcome for each in report.findings] == ["ok", "ok", "warning"]
    assert database._patience(Setup(Config(), {}, None, 1.0)) > 0


def test_a_postgresql_that_is_empty_or_in_other_letters(postgres_server: PostgresServer) -> None:
    empty = postgres_server.empty()
    assert outcome(looked(database.AREA, Config(database=empty)), "revision") == "warning"
    postgres_server.drop(empty)
    asyncio.run(postgres_server.run("CREATE DATABASE doctor_ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0"))
    found = looked(database.AREA, Config(database=postgres_server.url("doctor_ascii")))
    assert outcome(found, "encoding") == "failed"
    postgres_server.drop(postgres_server.url("doctor_ascii"))


def test_a_database_that_is_down(postgres_server: PostgresServer) -> None:
    found = looked(database.AREA, Config(database=f"postgresql://user:secret@127.0.0.1:{free_port()}/parley"))
    assert outcome(found, "reachable") == "failed"
    assert "secret" not in str(found)
    for address in ("user:hidden/secret@127.0.0.1:1/parley", "user:hidden?secret@127.0.0.1:1/parley"):
        found = looked(database.AREA, Config(database=f"postgresql://{address}"))
        assert found["reachable"].told.endswith("the address cannot be read")
        assert "hidden" not in str(found)
        assert "secret" not in str(found)
    missing = looked(database.AREA, Config(database=postgres_server.url("not_there")))
    assert "createdb" in (missing["reachable"].mend or "")


def test_addresses_of_several_hosts_are_shown_without_the_password() -> None:
    port = free_port()
    address = f"postgresql://user:secret@127.0.0.1:{port},[::1]:{port}/parley?sslmode=disable"
    told = looked(database.AREA, Config(database=address))["reachable"].told
    assert told.startswith(f"127.0.0.1:{port},[::1]:{port}/parley: ")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


# ---- mails -----------------------------------------------------------------------------------------------------------

_MAILS = Area("mails", (mails.mail_server,))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """The authority, which this machine trusts for the length of the test."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    return authority


def test_no_mail_server_a_closed_one_and_one_that_answers() -> None:
    assert outcome(looked(_MAILS, Config()), "smtp") == "warning"
    closed = looked(_MAILS, Config(smtp=f"smtp://user:secret@127.0.0.1:{free_port()}"))
    assert outcome(closed, "smtp") == "failed"
    assert "secret" not in str(closed)
    with MailServer() as server:
        found = looked(_MAILS, Config(smtp=server.address))
        assert (outcome(found, "smtp"), outcome(found, "login")) == ("ok", "ok")
        plain = looked(_MAILS, Config(smtp=f"smtp://127.0.0.1:{server.port}?tls=required"))
        assert outcome(plain, "starttls") == "failed"
        offered = looked(_MAILS, Config(smtp=f"smtp://127.0.0.1:{server.port}"))
        assert outcome(offered, "starttls") == "warning"
        assert server.box.taken == []


def test_a_mail_server_with_a_wrong_certificate_and_a_wrong_login(trusted: Authority) -> None:
    def sign_in(_server: object, _session: object, _envelope: object, _mechanism: str, data: Any) -> Any:
        from aiosmtpd.smtp import AuthResult

        return AuthResult(success=data.password == b"right", handled=False)

    options: dict[str, Any] = {"auth_require_tls": True, "authenticator": sign_in, "require_starttls": True}
    with MailServer(tls_context=trusted.context(), **options) as server:
        right = looked(_MAILS, Config(smtp=f"smtp://user:right@localhost:{server.port}"))
        assert (outcome(right, "starttls"), outcome(right, "login")) == ("ok", "ok")
        wrong = looked(_MAILS, Config(smtp=f"smtp://user:wrong@localhost:{server.port}"))
        assert outcome(wrong, "login") == "failed"
    with MailServer(tls_context=trusted.context(days=-2), **options) as server:
        expired = looked(_MAILS, Config(smtp=f"smtp://user:right@localhost:{server.port}"))
        assert outcome(expired, "starttls") == "failed"


def test_the_domain_of_the_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    records = {"TXT": ['"v=spf1 mx -all"'], "MX": ["10 mail.example.org."], "A": []}

    async def lookup(name: str, kind: str, _seconds: float) -> list[str]:
        assert name == "example.org"
        return records[kind]

    monkeypatch.setattr(mails, "lookup", lookup)
    area = Area("mails", (mails.sender,))
    config = Config(smtp="smtp://127.0.0.1", mail_sender="parley@example.org")
    assert outcome(looked(area, config), "sender") == "ok"
    records["MX"] = []
    assert "MX" in (looked(area, config)["sender"].mend or "")
    records["TXT"] = ['"something else"']
    assert "SPF" in looked(area, config)["sender"].told
    assert outcome(looked(area, Config(smtp="smtp://127.0.0.1")), "sender") == "warning"


# ---- recordings ------------------------------------------------------------------------------------------------------


def test_a_folder_for_recordings_that_takes_files_and_one_that_does_not(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    assert outcome(looked(storage.AREA, Config(data=str(tmp_path), recordings=str(folder))), "probe") == "ok"
    assert not [each for each in folder.rglob("*") if each.is_file()]
    broken = Config(data=str(tmp_path), recordings="/proc/self")
    assert outcome(looked(storage.AREA, broken), "probe") == "failed"
    wrong = Config(data=str(tmp_path), recordings="ftp://bucket")
    assert outcome(looked(storage.AREA, wrong), "probe") == "failed"


def test_a_bucket_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-of-the-bucket")
    config = Config(
        data=str(tmp_path), recordings=f"s3://bucket/x?endpoint=http://127.0.0.1:{free_port()}&region=us-east-1"
    )
    found = looked(storage.AREA, config, seconds=2.0)
    assert [each.outcome for each in found.values()] == ["failed"]
    assert "secret-of-the-bucket" not in str(found)


# ---- the front -------------------------------------------------------------------------------------------------------


@pytest.fixture
def served(sqlite_server: Server) -> int:
    """The port of a server with sites, whose database the checks find."""
    sqlite_server.new_site()
    return sqlite_server.config.port


def _public(server: Server, port: int, scheme: str = "https", **more: Any) -> Config:
    return Config(data=server.config.data, public_url=f"{scheme}://localhost:{port}", **more)


def test_a_front_that_is_right(served: int, sqlite_server: Server, trusted: Authority) -> None:
    strict = b"\r\nStrict-Transport-Security: max-age=31536000\r\n\r\n"
    with fronted(
        served,
        trusted.context(),
        answer=lambda data: data.replace(b"\r\n\r\n", strict, 1) if data.startswith(b"HTTP/") else data,
    ) as port:
        found = looked(front.AREA, _public(sqlite_server, port))
    assert {each.outcome for each in found.values()} == {"ok"}, found
    assert set(found) >= {"certificate", "reachable", "HSTS", "API", "long requests", "sockets", "clock"}


@pytest.mark.parametrize(("host", "days", "said"), [("localhost", -3, "expired"), ("other.example", 90, "mismatch")])
def test_certificates_that_browsers_refuse(
    served: int, sqlite_server: Server, trusted: Authority, host: str, days: int, said: str
) -> None:
    with fronted(served, trusted.context(host, days)) as port:
        found = looked(Area("front", (front.certificate, front.pages)), _public(sqlite_server, port))
    assert outcome(found, "certificate") == "failed"
    assert said in found["certificate"].told
    assert outcome(found, "reachable") == "ok"
    assert outcome(found, "HSTS") == "warning"


def test_a_certificate_of_nobody_that_is_trusted_and_one_that_ends_soon(
    served: int, sqlite_server: Server, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    area = Area("front", (front.certificate,))
    with fronted(served, authority.context(days=5)) as port:
        assert outcome(looked(area, _public(sqlite_server, port)), "certificate") == "failed"
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        assert outcome(looked(area, _public(sqlite_server, port)), "certificate") == "warning"


def test_a_front_that_does_not_hand_on_what_it_should(served: int, sqlite_server: Server) -> None:
    def elsewhere(data: bytes) -> bytes:
        return data.replace(b"Host: localhost", b"Host: inner-host")

    with fronted(served, None, ask=elsewhere) as port:
        assert outcome(looked(front.AREA, _public(sqlite_server, port, "http")), "sockets") == "failed"
    with fronted(served, None, ask=lambda data: data.replace(b"Upgrade: websocket", b"X-Nothing: websocket")) as port:
        found = looked(front.AREA, _public(sqlite_server, port, "http"))
        assert (outcome(found, "sockets"), outcome(found, "API")) == ("failed", "ok")


def test_a_front_that_refuses_long_requests_and_one_that_serves_something_else(
    served: int, sqlite_server: Server
) -> None:
    refusal = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

    def refuse(data: bytes) -> bytes:
        return refusal if data.startswith(b"HTTP/1.1 200") else b""

    with fronted(served, None, answer=refuse) as port:
        found = looked(Area("front", (front.api,)), _public(sqlite_server, port, "http"))
        assert "client_max_body_size" in (found["API"].mend or "")
    with fronted(served, None, answer=lambda data: data.replace(b"x-request-id", b"x-something-else")) as port:
        found = looked(front.AREA, _public(sqlite_server, port, "http"))
        assert outcome(found, "reachable") == "failed"
    closed = _public(sqlite_server, free_port(), "https")
    assert {each.outcome for each in looked(front.AREA, closed).values()} == {"failed"}


def test_names_that_are_found_and_not() -> None:
    assert outcome(looked(names.AREA, Config(public_url="https://localhost")), "public host") == "ok"
    assert outcome(looked(names.AREA, Config(public_url="https://nowhere.invalid")), "public host") == "failed"
    every = looked(names.AREA, Config(public_url="https://{site}.nowhere.invalid"))
    assert outcome(every, "host names of sites") == "failed"


# ---- the running of checks, and the command --------------------------------------------------------------------------


def test_a_check_that_breaks_or_hangs_is_a_finding_and_the_others_go_on() -> None:
    def breaks(_setup: Setup, _report: Report) -> None:
        raise ZeroDivisionError("line one\nline two")

    def hangs(_setup: Setup, _report: Report) -> None:
        time.sleep(60)

    async def waits(_setup: Setup, _report: Report) -> None:
        await asyncio.sleep(60)

    def goes_on(_setup: Setup, report: Report) -> None:
        report.ok("goes on", "fine")

    begun = time.monotonic()
    found = looked(Area("odd", (breaks, hangs, waits, goes_on)), Config(), seconds=0.2)
    assert time.monotonic() - begun < 50
    assert "line one line two" in found["breaks"].told
    assert [outcome(found, name) for name in ("breaks", "hangs", "waits", "goes on")] == ["failed"] * 3 + ["ok"]


def run(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    return subprocess.run(
        [*PARLEY, *options], capture_output=True, text=True, timeout=120, check=False, env={**kept, **environment}
    )


def test_the_command_ends_with_0_or_1_and_never_with_a_traceback(sqlite_database: str, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    Path(sqlite_database).chmod(0o600)
    good = run("--data", str(tmp_path))
    assert (good.returncode, good.stderr) == (0, ""), good.stdout
    assert good.stdout.splitlines()[-1].endswith(("all well", "warnings", "warning"))
    nowhere = f"127.0.0.1:{free_port()}"
    bad = run(
        *("--data", "/proc/self", "--json", "--quiet", "--seconds", "5"),
        PARLEY_DATABASE=f"postgresql://user:secret@{nowhere}/x",
        PARLEY_SMTP=f"smtp://user:secret@{nowhere}",
        PARLEY_PUBLIC_URL=f"https://{nowhere}",
        PARLEY_RECORDINGS="s3://bucket?endpoint=http://127.0.0.1:9&region=x",
    )
    assert (bad.returncode, bad.stderr) == (1, "")
    told = json.loads(bad.stdout)
    assert told["ok"] is False
    failed = {each["area"] for each in told["findings"] if each["outcome"] == "failed"}
    assert failed >= {"machine", "database", "mails", "recordings", "front"}
    assert {each["outcome"] for each in told["findings"]} <= {"warning", "failed"}
    assert "secret" not in bad.stdout


def test_settings_that_cannot_be_read_are_a_finding(tmp_path: Path) -> None:
    (tmp_path / "parley.toml").write_text("colour = 'red'\n")
    done = run("--data", str(tmp_path))
    assert (done.returncode, done.stderr) == (1, "")
    assert "colour" in done.stdout
    assert "1 failed" in done.stdout


def test_contexts_trust_what_the_machine_trusts(trusted: Authority) -> None:
    assert ssl.create_default_context().get_ca_certs()[0]["subject"] == ((("commonName", "Authority of the tests"),),)
