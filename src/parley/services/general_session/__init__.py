"""The general session service: reading, listing and deleting sessions of every kind (module `ep` of the API)."""

import parley.services.general_session.calendar
import parley.services.general_session.callback
import parley.services.general_session.deleting
import parley.services.general_session.in_progress
import parley.services.general_session.info
import parley.services.general_session.joining
import parley.services.general_session.listing
import parley.services.general_session.version  # noqa: F401 - entering the operations is what the imports are for
