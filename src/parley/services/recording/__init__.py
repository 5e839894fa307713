"""Recordings: listed, described, thrown away and brought back (module `ep` of the API), and who looked at them.

* `finding`: which recordings a caller may see and change.
* `changing`: what becomes of a recording, for operations, pages and the command line alike.
* `rows`: how a recording is told in lists.
* `listing`, `info`, `deleting`, `trash`: the operations.
* `accesses`: how it is noted who looked at a recording; `access_history`: the operations that tell it.
"""

import parley.services.recording.access_history
import parley.services.recording.deleting
import parley.services.recording.info
import parley.services.recording.listing
import parley.services.recording.trash  # noqa: F401 - entering the operations is what the imports are for
