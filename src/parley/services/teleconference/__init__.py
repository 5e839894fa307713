"""Audio-only sessions: people meet by telephone alone (module `teleconference`, on the wire `meeting.auo`)."""

import parley.services.teleconference.reading
import parley.services.teleconference.scheduling  # noqa: F401 - entering the operations is what the imports are for
