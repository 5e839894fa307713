"""HTTP: the XML endpoint, the pages behind the API's links, schema downloads, health and figures."""

from __future__ import annotations

import sys


def _import_structlog_without_rich() -> None:
    """Let structlog do without rich, which it would import for coloured tracebacks that a server does not print.

    That saves every server process 25 ms at the start and 6 MiB of memory; rich itself can be imported afterwards.
    """
    if "structlog" in sys.modules or "rich" in sys.modules:
        return
    sys.modules["rich"] = None  # type: ignore[assignment]  # makes the import fail
    try:
        import structlog  # noqa: F401
    finally:
        del sys.modules["rich"]


_import_structlog_without_rich()
