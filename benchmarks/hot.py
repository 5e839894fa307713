"""The codec alone, in this process: against lxml building the same document, and against lxml merely parsing it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Final

from lxml import etree

from benchmarks import documents, seed
from benchmarks.bench import LISTED, Bench
from benchmarks.process import on_load_core
from benchmarks.rounds import Goals
from benchmarks.seed import ADMIN, HOST
from benchmarks.table import Row, middle
from parley.config import Config
from parley.contract.ep import LstsummarySessionResponse
from parley.contract.meeting import CreateMeeting, GetMeetingResponse
from parley.protocol.codec import Problems, decoder, encoder
from parley.protocol.declare import Record
from parley.protocol.envelope import read_message
from parley.protocol.versions import LATEST
from parley.services.application import Application

_ENCODE: Final = Goals("11-15 x", "10 x", "15 x")
_DECODE: Final = Goals("2.0-3.2 x", "2.5 x", "2 x")
#: A measurement repeats until so much time went by.
_SECONDS: Final = 0.2
_BODY: Final = f"{{{documents.SERV}}}bodyContent"


def codec(bench: Bench) -> list[Row]:
    """Encoder and decoder, hot."""
    folder = bench.folder / "hot"
    folder.mkdir()
    meeting, listed = asyncio.run(_answers(folder))
    rows = []
    with on_load_core():
        for title, answer, record in (
            ("GetMeeting", meeting, GetMeetingResponse),
            ("LstsummarySession of 100", listed, LstsummarySessionResponse),
        ):
            rows.append(_encoding(bench, title, answer, record))
        rows.append(_decoding(bench))
    return rows


async def _answers(folder: Path) -> tuple[bytes, bytes]:
    """Answers of GetMeeting and of a list of 100, as a server gives them."""
    database = f"sqlite:///{folder / 'parley.db'}"
    sites = await seed.seed(database, [seed.Wanted(LISTED, 100, documents.full_meeting())], folder)
    application = await Application.start(Config(data=str(folder)))
    try:
        key = sites[LISTED].keys[0]
        meeting = await seed.ask(application, documents.get_meeting(LISTED, HOST, key))
        return meeting, await seed.ask(application, documents.list_sessions(LISTED, ADMIN))
    finally:
        await application.stop()


def _encoding(bench: Bench, title: str, answer: bytes, record_type: type[Record]) -> Row:
    body = etree.fromstring(answer).find(f".//{_BODY}")
    if body is None:
        raise seed.SeedError("an answer without bodyContent")
    record = decoder(record_type, LATEST)(body, Problems())
    encode = encoder(record_type, LATEST)
    written = encode(record)
    if written.encode() not in answer:
        raise seed.SeedError(f"the encoder writes another {title} than the server")
    content = _content(body)
    ratios = _ratios(bench, lambda: _built(content), lambda: encode(record).encode())
    count = sum(1 for _ in body.iter()) - 1
    name = f"encoder: times as fast as lxml SubElement, {title}, {count:,} elements"
    return Row(name, _ENCODE.prototype, _ENCODE.goal, _ENCODE.out_for, *middle(ratios, " x"))


def _decoding(bench: Bench) -> Row:
    document = documents.create_meeting(LISTED, HOST, documents.full_meeting())
    decode = decoder(CreateMeeting, LATEST)

    def read() -> None:
        decode(read_message(document).contents[0].element, Problems())

    ratios = _ratios(bench, read, lambda: etree.fromstring(document))
    name = f"parse and decode CreateMeeting, {len(document):,} bytes / lxml.fromstring alone"
    return Row(name, _DECODE.prototype, _DECODE.goal, _DECODE.out_for, *middle(ratios, " x"))


_Content = tuple[str, str | None, list["_Content"]]


def _content(element: etree._Element) -> _Content:
    """Name, text and children of an element."""
    return str(element.tag), element.text, [_content(child) for child in element]


def _built(content: _Content) -> bytes:
    """The document as a program writes it that builds a tree with lxml."""
    name, _, children = content
    root = etree.Element(name)
    for child in children:
        _append(root, child)
    return etree.tostring(root)


def _append(parent: etree._Element, content: _Content) -> None:
    name, text, children = content
    element = etree.SubElement(parent, name)
    element.text = text
    for child in children:
        _append(element, child)


def _ratios(bench: Bench, slow: Callable[[], object], fast: Callable[[], object]) -> list[float]:
    """How many times as long the first one takes, round by round."""
    slow(), fast()
    return [_microseconds(slow) / _microseconds(fast) for _ in range(bench.plan.rounds)]


def _microseconds(run: Callable[[], object]) -> float:
    """Mean time of one call."""
    calls, begun = 0, perf_counter()
    while (spent := perf_counter() - begun) < _SECONDS:
        run()
        calls += 1
    return spent / calls * 1e6
