"""The training service: sessions of one date, classes and courses (module `training` of the API).

Tests of trainings are in `services.training_tests`, labs in `services.labs`.
"""

import parley.services.training.listing
import parley.services.training.reading
import parley.services.training.scheduling  # noqa: F401 - entering the operations is what the imports are for
