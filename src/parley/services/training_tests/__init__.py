"""Tests of trainings: libraries, tests of sessions, results, and taking a test in the browser.

* `library`, `scheduled`, `results`: the operations.
* `checking`, `questions`: a test in the interchange format, checked and as questions.
* `attempts`: how an attempt goes on and ends, for operations and pages.
* `taking`, `running`: what the pages of those who take a test and of the host do.
"""

import parley.services.training_tests.library
import parley.services.training_tests.results
import parley.services.training_tests.scheduled  # noqa: F401 - entering the operations is what the imports are for
