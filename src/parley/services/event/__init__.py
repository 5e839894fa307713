"""The event service: events, their programs, invitations and pictures (module `event` of the API)."""

import parley.services.event.invitations
import parley.services.event.listing
import parley.services.event.pictures
import parley.services.event.programs
import parley.services.event.reading
import parley.services.event.recorded
import parley.services.event.scheduling  # noqa: F401 - entering the operations is what the imports are for
