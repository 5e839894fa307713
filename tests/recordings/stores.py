"""A server that speaks S3, as a process of its own, and clips to store."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
CLIPS = HERE / "clips"
CLIP = CLIPS / "clip.mp4"
"""Six seconds of video with sound."""
_START_SECONDS = 30
_BUCKET = "recordings"


class S3Server:
    """nanio on a free port, with one bucket in a folder.

    Args:
        folder: where its files lie.
    """

    def __init__(self, folder: Path) -> None:
        self.key, self.secret = f"key{secrets.token_hex(6)}", secrets.token_hex(16)
        self.folder = folder
        (folder / _BUCKET).mkdir(parents=True, exist_ok=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The variables with its credentials."""
        return {"AWS_ACCESS_KEY_ID": self.key, "AWS_SECRET_ACCESS_KEY": self.secret}

    def address(self, prefix: str = "of/parley") -> str:
        """The setting `recordings` for it."""
        return f"s3://{_BUCKET}/{prefix}?endpoint=http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The number of its process, once it was started."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> S3Server:
        """Start it, and wait until it answers."""
        command = [sys.executable, "-m", "nanio", "serve", "--data-dir", str(self.folder), "--host", "127.0.0.1"]
        command += ["--port", str(self.port), "--log-level", "error", "--no-access-log"]
        environment = {**os.environ, "NANIO_ACCESS_KEY": self.key, "NANIO_SECRET_KEY": self.secret}
        self._process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + _START_SECONDS
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return self
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError("the S3 server did not start")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop it; its files stay."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            process.wait(20)


@contextlib.contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """A started S3 server while the block runs."""
    started = S3Server(folder).start()
    try:
        yield started
    finally:
        started.stop()
