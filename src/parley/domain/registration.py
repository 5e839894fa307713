"""How people get onto the list of a session by registering: whether they must, who decides, how many, until when."""

from __future__ import annotations

import msgspec


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of a session's registration.

    Attributes:
        required: people have to register.
        approval: somebody has to approve each registration; otherwise it counts at once.
        capacity: seats for those who register, 0 is without limit.
    """

    required: bool = False
    approval: bool = False
    capacity: int = 0
