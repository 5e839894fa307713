"""Hands-on labs: computers that hosts reserve for their trainings, or without one.

Sources: facts/training-history.md 1.9 and 1.1 (handsOnLab).
"""

from parley.services.labs import changing, reading, reserving

__all__ = ["changing", "reading", "reserving"]
