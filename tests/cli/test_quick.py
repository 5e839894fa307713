"""The short way to `parley serve` understands what typer understands, or leaves it to typer."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from parley.cli import main
from parley.cli.quick import quick_options
from parley.cli.serve import serve


@pytest.mark.parametrize(
    ("arguments", "values"),
    [
        ([], {}),
        (["--port", "8081", "--demo"], {"port": 8081, "demo": True}),
        (["--no-demo", "--port=0"], {"port": 0, "demo": False}),
        (
            ["--data", "a b", "--public-url=https://{site}.example/x?a=b", "--log-level", "debug", "--workers", "2"],
            {"data": "a b", "public_url": "https://{site}.example/x?a=b", "log_level": "debug", "workers": 2},
        ),
    ],
)
def test_plain_options(arguments: list[str], values: dict[str, Any]) -> None:
    assert quick_options(serve, arguments) == values


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--port"],
        ["--port", "x"],
        ["--port", "70000"],
        ["--workers", "0"],
        ["--demo=1"],
        ["more"],
        ["--nope"],
        ["--data", "--demo"],
        ["--port", "٣"],
    ],
)
def test_all_else_is_for_typer(arguments: list[str]) -> None:
    assert quick_options(serve, arguments) is None


def test_an_interrupt_before_the_server_is_up_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("parley.cli.serve.serve", interrupted)
    monkeypatch.setattr("parley.cli.quick_options", lambda *_: {})
    monkeypatch.setattr(sys, "argv", ["parley", "serve"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
