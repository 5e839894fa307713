"""Load from wrk: many connections that send one request after the other."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.process import cpu_seconds, pinned

CONNECTIONS: Final = 16
#: An answer may differ in size from the one that was looked at by so much: numbers have more or fewer digits.
_SAME_SIZE: Final = 0.06
#: Where a document has a number of its own, which grows with each request: ten digits.
NUMBER: Final = "@n@"
#: Takes the documents in turn, one a line, and numbers those that have a place for it; tells its figures in one line at
#: the end. Where answers are checked one that is no success counts as an error, beside those whose status wrk counts.
_SCRIPT: Final = """\
wrk.method = "POST"
wrk.headers["Content-Type"] = "text/xml; charset=utf-8"
local requests, place, number, threads = {}, 0, 0, {}
failures, example = 0, ""
setup = function(thread) threads[#threads + 1] = thread end
init = function(args)
  for line in io.lines(args[1]) do
    requests[#requests + 1] = line:find("@n@", 1, true) and {line} or wrk.format(nil, nil, nil, line)
  end
  number = tonumber(args[2])
  if args[3] == "check" then
    response = function(status, headers, body)
      if not body:find("<serv:result>SUCCESS", 1, true) then
        if status < 400 then failures = failures + 1 end
        if example == "" then example = status .. " " .. body:sub(1, 600) end
      end
    end
  end
end
request = function()
  place = place % #requests + 1
  local found = requests[place]
  if type(found) == "string" then return found end
  number = number + 1
  return wrk.format(nil, nil, nil, (found[1]:gsub("@n@", string.format("%010d", number))))
end
done = function(summary, latency)
  local e = summary.errors
  local errors = e.connect + e.read + e.write + e.status + e.timeout
  for _, thread in ipairs(threads) do
    errors = errors + thread:get("failures")
    io.write("\\nfailed: " .. thread:get("example"):gsub("%s+", " "))
  end
  local kinds = "\\nerrors: connect %d, read %d, write %d, status %d, timeout %d"
  io.write(kinds:format(e.connect, e.read, e.write, e.status, e.timeout))
  local half, most = latency:percentile(50), latency:percentile(99)
  local form = "\\nresult: %d %d %d %d %d %d\\n"
  io.write(form:format(summary.requests, summary.duration, summary.bytes, errors, half, most))
end
"""
_MARK: Final = "result:"
#: Lines about failures: the first answer that was no success, and what wrk counts.
_TOLD: Final = ("failed: ", "errors: ")


class LoadError(Exception):
    """A run whose figures count for nothing: the answers were not the expected ones, or none came."""


class SlowError(LoadError):
    """Nothing was answered in time."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one run measured.

    Attributes:
        size: mean size of a response, head included, in bytes.
        p50, p99: microseconds.
        cpu: CPU time of the server for one request, in microseconds.
    """

    requests: int
    seconds: float
    size: float
    p50: float
    p99: float
    cpu: float = 0.0

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


def read_output(output: str) -> Load:
    """Read what wrk and the script printed.

    Raises:
        SlowError: nothing was answered.
        LoadError: there is no result, or requests failed.
    """
    told = []
    for line in output.splitlines():
        if line.startswith(_TOLD):
            told.append(line)
        if line.startswith(_MARK):
            requests, microseconds, size, errors, half, most = (int(field) for field in line.split()[1:])
            if errors:
                raise LoadError(f"{errors} of {requests} requests failed ({'; '.join(told)})")
            if not requests or not microseconds:
                raise SlowError("no request was answered")
            return Load(requests, microseconds / 1e6, size / requests, float(half), float(most))
    raise LoadError(f"wrk told no result: {output.strip()[-500:]}")


def run_load(
    url: str,
    documents: Sequence[bytes],
    seconds: int,
    *,
    pid: int,
    answer_size: int | None,
    connections: int = CONNECTIONS,
    number: int = 0,
    checked: bool = False,
) -> Load:
    """Send the documents in turn over all connections for so many seconds.

    Args:
        documents: request documents without line breaks.
        pid: process of the server, whose CPU time is counted.
        answer_size: bytes of an answer that was found good. Failures come with status 200 and are much shorter, so
            the mean size tells whether all went well, at no cost to wrk. None: answers are of several sizes.
        number: the last number that was used up by documents with a place for one.
        checked: look at each answer, which costs wrk some time.

    Raises:
        SlowError: nothing was answered.
        LoadError: requests failed, or the answers were not those expected.
    """
    with tempfile.TemporaryDirectory(prefix="parley-load-") as folder:
        script, lines = Path(folder, "load.lua"), Path(folder, "documents")
        script.write_text(_SCRIPT)
        lines.write_bytes(b"\n".join(documents) + b"\n")
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s"]
        command += ["-s", str(script), url, "--", str(lines), str(number), "check" if checked else "trust"]
        before = cpu_seconds(pid)
        done = subprocess.run(pinned(command, 1), capture_output=True, text=True, timeout=seconds + 60, check=False)
        spent = cpu_seconds(pid) - before
    load = read_output(done.stdout + done.stderr)
    body = load.size - _HEAD_BYTES
    if answer_size is not None and abs(body - answer_size) > _SAME_SIZE * answer_size + _HEAD_BYTES:
        raise LoadError(f"answers of {load.size:.0f} bytes instead of about {answer_size}: they were no successes")
    return Load(load.requests, load.seconds, load.size, load.p50, load.p99, spent / load.requests * 1e6)


#: A response's head is about so long.
_HEAD_BYTES: Final = 200
