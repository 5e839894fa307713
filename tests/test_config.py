"""Settings of a server: where they come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from parley.config import Config, ConfigError


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "database"
    secret.write_text("postgresql://parley:a b@db/parley\n")
    environment = {"PARLEY_DATABASE_FILE": str(secret), "PARLEY_WORKERS_FILE": str(tmp_path / "workers")}
    (tmp_path / "workers").write_text(" 3 \n")
    config = Config.load({}, environment)
    assert (config.database, config.workers) == ("postgresql://parley:a b@db/parley", 3)
    assert "a b" not in repr(config)


def test_the_variable_itself_goes_before_the_file_and_options_before_both(tmp_path: Path) -> None:
    (tmp_path / "port").write_text("1")
    environment = {"PARLEY_PORT": "2", "PARLEY_PORT_FILE": str(tmp_path / "port")}
    assert Config.load({}, environment).port == 2
    assert Config.load({"port": 3}, environment).port == 3
    assert Config.load({}, environment | {"PARLEY_PORT": ""}).port == 1


def test_a_file_goes_before_the_settings_file_and_an_empty_one_counts_as_none(tmp_path: Path) -> None:
    settings, secret = tmp_path / "parley.toml", tmp_path / "smtp"
    settings.write_text('smtp = "smtp://mail.example.org"\n')
    environment = {"PARLEY_CONFIG": str(settings), "PARLEY_SMTP_FILE": str(secret)}
    secret.write_text("smtp://other.example.org")
    assert Config.load({}, environment).smtp == "smtp://other.example.org"
    secret.write_text("\n")
    assert Config.load({}, environment).smtp == "smtp://mail.example.org"


def test_a_file_that_cannot_be_read_is_told_without_what_is_in_it(tmp_path: Path) -> None:
    environment = {"PARLEY_TURN_SECRET_FILE": str(tmp_path / "none")}
    with pytest.raises(ConfigError, match=r"that PARLEY_TURN_SECRET_FILE names: No such file"):
        Config.load({}, environment)
    (tmp_path / "none").write_bytes(b"\xff\xfe\x00secret")
    with pytest.raises(ConfigError, match="is not text in UTF-8") as refused:
        Config.load({}, environment)
    assert "secret\x00" not in str(refused.value)
    (tmp_path / "none").write_text("many")
    with pytest.raises(ConfigError, match="setting not understood"):
        Config.load({}, {"PARLEY_WORKERS_FILE": str(tmp_path / "none")})


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://user:hidden@db/parley",
        "postgresql://user:hidden@db:1,other:2/parley",
        "postgresql://user:hid/den@db/parley",
        "postgresql://user:hid?den@db/parley",
        "postgresql://user:hid#den@db/parley",
        "postgresql://db/parley?user=user&password=hidden",
        "postgresql:///parley?sslkey=key&sslpassword=hidden&host=/run",
    ],
)
def test_settings_are_shown_without_passwords(address: str) -> None:
    shown = repr(Config(database=address, database_replicas=f"{address}, {address}"))
    assert "hid" not in shown
    assert "den" not in shown
    assert shown.count("***") == 3


def test_addresses_without_passwords_are_shown_as_they_are() -> None:
    for address in ("postgresql://user@db:5432/parley?sslmode=require", "postgresql://db,other:5433/parley"):
        assert address in repr(Config(database=address))


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("database", "parley:hidden@db/parley", "no database address"),
        ("database", "mysql://parley:hidden@db/parley", "no database address"),
        ("database", "sqlite:///", "no database address"),
        ("public_url", "meet.example.org", "no address of the web"),
        ("public_url", "ftp://meet.example.org", "no address of the web"),
        ("port", "65536", "not understood: port: Expected `int` <= 65535$"),
        ("workers", "0", "workers"),
        ("pool_size", "0", "pool_size"),
    ],
)
def test_what_no_server_could_use_is_refused(name: str, value: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told) as refused:
        Config.load({}, {f"PARLEY_{name.upper()}": value})
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("database", "postgresql+asyncpg://parley@db/parley"),
        ("database", "sqlite:////var/lib/parley/other.db"),
        ("public_url", "https://{site}.meet.example.org:8443/parley/"),
        ("public_url", "http://[::1]:8080"),
    ],
)
def test_addresses_that_a_server_can_use(name: str, value: str) -> None:
    assert getattr(Config.load({name: value}, {}), name) == value
