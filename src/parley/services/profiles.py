"""The document of an account: what the contract has beyond the columns."""

from __future__ import annotations

from typing import Final

import msgspec

from parley.contract.user import GetUserResponse
from parley.domain.user import User

_read: Final = msgspec.json.Decoder(GetUserResponse)


def profile_of(user: User) -> GetUserResponse:
    """The part of an account that its document holds, as the contract's record with most of it."""
    return _read.decode(user.document)
