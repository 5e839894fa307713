"""The meeting service: scheduling, reading, listing and linking to meetings (module `meeting` of the API)."""

import parley.services.meeting.listing
import parley.services.meeting.reading
import parley.services.meeting.scheduling  # noqa: F401 - entering the operations is what the imports are for
