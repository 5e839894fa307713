"""Building blocks of the tests of the user service."""

from __future__ import annotations

import secrets
from typing import Any


def new_user() -> dict[str, Any]:
    """The elements of a CreateUser that makes a host whom nobody made before."""
    name = f"new{secrets.token_hex(5)}"
    return {
        "firstName": "New",
        "lastName": "Person",
        "webExId": name,
        "email": f"{name}@new.example",
        "password": "Kp7-mistral-Q",
        "privilege": {"host": True},
        "active": "ACTIVATED",
    }
