"""The history service: what happened at sessions (module `history` of the API).

* `reports`: the table of all list operations, and the one way in which they are carried out.
* `asking`: how a request says what is wanted.
* `telling`: how runs and stays become rows.
* `bringing`: histories from elsewhere, as `parley history import` reads them.

What is listed comes into being in `services.presence`.
"""

import parley.services.history.reports  # noqa: F401 - entering the operations is what the import is for
