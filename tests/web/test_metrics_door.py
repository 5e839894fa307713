"""Who may read the figures."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from parley.config import Config, ConfigError
from tests.server import Server

TOKEN = "metrics-token-1"


@pytest.fixture
def changed(sqlite_server: Server) -> Iterator[Server]:
    """The shared server with other settings for the length of a test."""
    before = sqlite_server.application.config
    yield sqlite_server
    sqlite_server.application.config = before


def set_to(server: Server, **settings: object) -> None:
    values = {name: getattr(server.config, name) for name in server.config.__struct_fields__}
    server.application.config = Config(**{**values, **settings})


def status(server: Server, **headers: str) -> int:
    return httpx.get(f"{server.url}/metrics", headers=headers, timeout=60).status_code


def test_a_token_is_asked_for_where_one_is_set(changed: Server) -> None:
    assert status(changed) == 200
    set_to(changed, metrics_token=TOKEN)
    refused = httpx.get(f"{changed.url}/metrics", timeout=60)
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "parley_" not in refused.text
    for wrong in ("Bearer", "Bearer metrics-token-2", f"Basic {TOKEN}", TOKEN):
        assert status(changed, Authorization=wrong) == 401
    assert status(changed, Authorization=f"Bearer {TOKEN}") == 200


@pytest.mark.parametrize(
    ("setting", "address", "wanted"),
    [
        ("anyone", "203.0.113.9", 200),
        ("local", "127.0.0.1", 200),
        ("local", "10.1.2.3", 200),
        ("local", "fd00::1", 200),
        ("local", "8.8.8.8", 403),
        ("local", "2001:4860:4860::8888", 403),
        ("local", "::ffff:8.8.8.8", 403),
        ("local", "nobody", 403),
        ("nobody", "127.0.0.1", 403),
    ],
)
def test_addresses_may_be_bounded(setting: str, address: str, wanted: int) -> None:
    from starlette.requests import Request

    from parley.web.metrics_door import may_read

    scope = {"type": "http", "method": "GET", "path": "/metrics", "headers": [], "client": (address, 1)}
    refusal = may_read(Config(metrics_from=setting), Request(scope))  # type: ignore[arg-type]  # one of the three
    assert (200 if refusal is None else refusal.status_code) == wanted


def test_the_token_is_shown_nowhere() -> None:
    config = Config(metrics_token=TOKEN)
    assert TOKEN not in repr(config)
    assert TOKEN not in str(config.__rich_repr__())


@pytest.mark.parametrize(
    "settings", [{"metrics_token": "short"}, {"metrics_token": "with blank in"}, {"metrics_from": "everywhere"}]
)
def test_settings_that_say_nothing_are_refused(settings: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        Config.load(settings, environment={})
