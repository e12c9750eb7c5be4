"""How often may be asked: one person, a channel or a whole workspace that goes over it is asked to wait."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from bot.desk.asking import Asking

TINY = 1e-6  # what figures lose on their way
MOST_REMEMBERED = 50_000  # a bucket that is forgotten is a full one


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and so many a minute after that."""

    burst: float
    a_minute: float


PERSON, CHANNEL, WORKSPACE = Rate(5, 10), Rate(30, 30), Rate(120, 120)


class Pacing:
    """Token buckets, in memory. A terminal has one person, who waits for nobody."""

    def __init__(self, person: Rate = PERSON, channel: Rate = CHANNEL, workspace: Rate = WORKSPACE) -> None:
        self._rates = (person, channel, workspace)
        self._buckets: OrderedDict[tuple[str, ...], tuple[float, datetime]] = OrderedDict()

    def wait(self, asking: Asking) -> int:
        """The seconds that this person has to wait; 0 takes one from each bucket."""
        found = self._levels(asking)
        waits = [(1 - level) * 60 / rate.a_minute for _, rate, level in found if level < 1 - TINY]
        if waits:
            return max(ceil(max(waits) - TINY), 1)
        for key, _, level in found:
            self._buckets[key] = (level - 1, asking.now)
            self._buckets.move_to_end(key)
        while len(self._buckets) > MOST_REMEMBERED:
            self._buckets.popitem(last=False)
        return 0

    def _levels(self, asking: Asking) -> list[tuple[tuple[str, ...], Rate, float]]:
        place, person = asking.place, asking.person
        if place is None or person is None or place.platform == "terminal":
            return []
        keys: list[tuple[str, ...]] = [("person", person.platform, person.workspace, person.id)]
        if not place.direct:  # direct conversations have nobody else in them
            keys += [("channel", place.platform, place.workspace, place.channel), ("workspace", place.scope)]
        return [(key, rate, self._level(key, rate, asking.now)) for key, rate in zip(keys, self._rates, strict=False)]

    def _level(self, key: tuple[str, ...], rate: Rate, now: datetime) -> float:
        level, at = self._buckets.get(key, (rate.burst, now))
        passed = max(now - at, timedelta(0)) / timedelta(minutes=1)
        return min(rate.burst, level + passed * rate.a_minute)
