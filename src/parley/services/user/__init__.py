"""The user service: accounts and signing in (module `user` of the API)."""

from parley.services.user import reading, signing_in

__all__ = ["reading", "signing_in"]
