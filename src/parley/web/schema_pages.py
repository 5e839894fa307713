"""The schemas of every level: an index that says what each level changed, the files, and all of a level as ZIP."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from parley.protocol.versions import CHANGES, LEVELS, Level
from parley.protocol.xsd import schema_files, zip_bytes
from parley.web.render import SAFETY, page

_CACHING: Final = "public, max-age=3600"
_BY_NAME: Final = {level.text: level for level in LEVELS}


@dataclass(frozen=True, slots=True)
class _Export:
    """The schemas of one level, made when first asked for and kept."""

    files: dict[str, str]
    archive: bytes
    tag: str

    @classmethod
    def of(cls, level: Level) -> _Export:
        archive = zip_bytes(level)
        return cls(schema_files(level), archive, f'"{hashlib.sha256(archive).hexdigest()[:32]}"')


class SchemaPages:
    """Everything below /schemas."""

    def __init__(self) -> None:
        self._exports: dict[Level, _Export] = {}
        self._making = asyncio.Lock()

    async def index(self, request: Request) -> Response:
        """The levels, newest first, with what each changed."""
        levels = [(level.text, [c for c in CHANGES if c.level == level]) for level in reversed(LEVELS)]
        return page("schemas.html", levels=levels)

    async def level(self, request: Request) -> Response:
        """The files of a level."""
        level, export = await self._find(request)
        changes = [change for change in CHANGES if change.level == level]
        files = [(path, f"{len(text.encode()) / 1024:.0f}") for path, text in export.files.items()]
        return page("schema_level.html", level=level.text, changes_of=changes, files=files)

    async def file(self, request: Request) -> Response:
        """One schema file."""
        _, export = await self._find(request)
        text = export.files.get(request.path_params["path"])
        if text is None:
            raise HTTPException(404)
        return _download(request, text.encode(), "application/xml; charset=utf-8", export.tag)

    async def archive(self, request: Request) -> Response:
        """All files of a level."""
        level, export = await self._find(request)
        name = f"parley-schemas-{level.text}.zip"
        return _download(request, export.archive, "application/zip", export.tag, name)

    async def _find(self, request: Request) -> tuple[Level, _Export]:
        level = _BY_NAME.get(request.path_params["level"])
        if level is None:
            raise HTTPException(404)
        if level not in self._exports:
            async with self._making:
                if level not in self._exports:
                    self._exports[level] = await asyncio.to_thread(_Export.of, level)
        return level, self._exports[level]


def _download(request: Request, body: bytes, kind: str, tag: str, name: str | None = None) -> Response:
    headers = {**SAFETY, "Content-Type": kind, "Cache-Control": _CACHING, "ETag": tag}
    if name is not None:
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers)
