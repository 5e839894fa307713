"""The user service: accounts and signing in (module `user` of the API)."""

from parley.services.user import cards, listing, provisioning, reading, signing_in, support_staff, templates

__all__ = ["cards", "listing", "provisioning", "reading", "signing_in", "support_staff", "templates"]
