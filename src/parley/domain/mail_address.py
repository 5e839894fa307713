"""What counts as an e-mail address."""

from __future__ import annotations

import re
from typing import Final

_EMAIL: Final = re.compile(r"[^\s@<>\",;:\\]{1,64}@[^\s@<>\",;:\\]{1,255}")


def is_email(text: str) -> bool:
    """Whether a text can be an e-mail address: one @ with something on both sides, nothing that mails split at."""
    return _EMAIL.fullmatch(text) is not None
