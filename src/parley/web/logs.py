"""Logging: lines for people on a terminal, JSON for whatever collects them otherwise; all on standard error."""

from __future__ import annotations

import logging
import sys
from typing import Final

import structlog
from structlog.typing import Processor

_LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def configure_logging(level: str) -> None:
    """Set up structlog and the standard library's logging for this process.

    Args:
        level: debug, info, warning or error.

    Raises:
        ValueError: another level.
    """
    number = _LEVELS.get(level.lower())
    if number is None:
        raise ValueError(f"log level {level!r} is not known: debug, info, warning and error are")
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    ending = _ending()
    structlog.configure(
        processors=[*shared, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(allow=[])],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
    # What uvicorn says about its own start and stop is said by the command line already.
    logging.getLogger("uvicorn").setLevel(max(number, logging.WARNING))
    for chatty in ("alembic", "asyncio"):
        logging.getLogger(chatty).setLevel(max(number, logging.WARNING))


def _ending() -> list[Processor]:
    if sys.stderr.isatty():
        return [
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ]
    # Without the frames' local variables: passwords and tickets are among them.
    frames = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return [structlog.processors.ExceptionRenderer(frames), structlog.processors.JSONRenderer()]
