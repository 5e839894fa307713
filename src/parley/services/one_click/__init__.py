"""One-click meetings: what a host's meeting is like that begins with one click (module `ep` of the API)."""

import parley.services.one_click.operations  # noqa: F401 - entering the operations is what the import is for
