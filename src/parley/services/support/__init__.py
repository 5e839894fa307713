"""The support service: sessions with customers that begin at once (module `supportsession` of the API)."""

import parley.services.support.scheduling  # noqa: F401 - entering the operations is what the import is for
