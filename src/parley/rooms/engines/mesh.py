"""The engine that needs nothing: every browser sends to every other one, and the room only passes their offers on.

Each person costs each other one an upload and a picture to decode, so only few can; those who only watch count too.
Source: facts/media.md 2 and 10 (how many a mesh bears).
"""

from __future__ import annotations

from typing import Final

from parley.rooms.engines.base import Capacity

CAPACITY: Final = Capacity(video=4, audio=8)
