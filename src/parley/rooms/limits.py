"""How much anybody may send: buckets that fill by themselves."""

from __future__ import annotations

from collections import OrderedDict

from parley.domain.addresses import network_of


class Bucket:
    """So many at once, and so many a second for long.

    Args:
        burst: most that may come at once.
        rate: how many a second come back.
        now: seconds of any clock that only goes forward.
    """

    __slots__ = ("_burst", "_left", "_rate", "_seen")

    def __init__(self, burst: float, rate: float, now: float) -> None:
        self._burst = burst
        self._rate = rate
        self._left = burst
        self._seen = now

    def take(self, now: float, amount: int = 1) -> bool:
        """Take so many; False when there are not as many."""
        self._left = min(self._burst, self._left + max(0.0, now - self._seen) * self._rate)
        self._seen = now
        if self._left < amount:
            return False
        self._left -= amount
        return True


class Addresses:
    """A bucket for each address, of IPv6 for each net; bounded in number, the longest unseen are forgotten.

    Args:
        burst, rate: as for `Bucket`.
        most: addresses that are kept.
    """

    def __init__(self, burst: float, rate: float, most: int = 20_000) -> None:
        self._burst = burst
        self._rate = rate
        self._most = most
        self._known: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, address: str, now: float) -> bool:
        """Take one for an address; False when it has none left."""
        address = network_of(address)
        bucket = self._known.get(address)
        if bucket is None:
            bucket = self._known[address] = Bucket(self._burst, self._rate, now)
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        self._known.move_to_end(address)
        return bucket.take(now)
