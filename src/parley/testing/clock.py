"""A clock that tests set: it runs on from wherever it was put, or stands still."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class MovableClock:
    """The machine's clock, moved by as many seconds as a test wants.

    Attributes:
        ahead: seconds that it is ahead of the machine's clock; may be set.
    """

    def __init__(self) -> None:
        self.ahead = 0
        self._stopped_ms: int | None = None

    def now(self) -> int:
        """Seconds since 1970 UTC."""
        return self._machine_ms() // 1000 + self.ahead

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC."""
        return self._machine_ms() + self.ahead * 1000

    def _machine_ms(self) -> int:
        return time.time_ns() // 1_000_000 if self._stopped_ms is None else self._stopped_ms

    @property
    def time(self) -> datetime:
        """What it shows, in UTC, to the second."""
        return datetime.fromtimestamp(self.now(), UTC)

    def set(self, at: datetime | float) -> None:
        """Put it to a moment.

        Args:
            at: with a time zone, or seconds since 1970 UTC.

        Raises:
            ValueError: the moment has no time zone.
        """
        self.ahead += seconds_of(at) - self.now()

    def advance(self, span: timedelta | float) -> None:
        """Move it forward, or back when the time (seconds, where it is a number) is negative."""
        self.ahead += int(span.total_seconds() if isinstance(span, timedelta) else span)

    def stop(self) -> None:
        """Let it stand still until `reset`; `set` and `advance` still move it."""
        self._stopped_ms = self._machine_ms()

    def reset(self) -> None:
        """Let it be the machine's clock again."""
        self.ahead = 0
        self._stopped_ms = None


def seconds_of(at: datetime | float) -> int:
    """A moment as whole seconds since 1970 UTC.

    Raises:
        ValueError: it has no time zone.
    """
    if not isinstance(at, datetime):
        return int(at)
    if at.tzinfo is None:
        raise ValueError("a moment needs a time zone: datetime(..., tzinfo=UTC)")
    return int(at.timestamp())
