"""The site service: what a site is and allows, and the time zones (module `site` of the API)."""

from parley.services.site import changing, reading, zones

__all__ = ["changing", "reading", "zones"]
