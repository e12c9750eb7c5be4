"""Flood limits: a bucket of tokens for each person, channel and workspace, in bounded memory."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from bot.desk.asking import Asking

MOST_BUCKETS = 50_000


@dataclass(frozen=True, slots=True)
class Limit:
    """How often: `a_minute` lines, of which `burst` may come at once."""

    a_minute: int
    burst: int


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a person, a channel and a workspace."""

    person: Limit = Limit(10, 5)
    channel: Limit = Limit(30, 15)
    workspace: Limit = Limit(120, 60)


class Flood:
    """Says who asks too often. A bucket that was forgotten is a full one."""

    def __init__(self, limits: Limits | None = None, most: int = MOST_BUCKETS) -> None:
        self._limits, self._most = limits or Limits(), most
        self._buckets: OrderedDict[tuple[str, ...], tuple[float, datetime]] = OrderedDict()

    def refuses(self, asking: Asking) -> tuple[str, int] | None:
        """The scope that is exhausted and for how many seconds; None when the line may pass, which takes a token."""
        filled = [(scope, key, limit, self._level(key, limit, asking.now)) for scope, key, limit in self._of(asking)]
        for scope, _, limit, level in filled:
            if level < 1:
                return scope, math.ceil((1 - level) * 60 / limit.a_minute)
        for _, key, _, level in filled:
            self._buckets[key] = (level - 1, asking.now)
            self._buckets.move_to_end(key)
        while len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return None

    def _of(self, asking: Asking) -> list[tuple[str, tuple[str, ...], Limit]]:
        found: list[tuple[str, tuple[str, ...], Limit]] = []
        if asking.person is not None:
            person = asking.person
            found.append(("person", (person.platform, person.workspace, "@", person.id), self._limits.person))
        if asking.place is not None and not asking.place.direct:
            channel = asking.place.whole_channel
            key = (channel.platform, channel.workspace)
            found += [
                ("channel", (*key, channel.channel), self._limits.channel),
                ("workspace", key, self._limits.workspace),
            ]
        return found

    def _level(self, key: tuple[str, ...], limit: Limit, now: datetime) -> float:
        if key not in self._buckets:
            return limit.burst
        level, at = self._buckets[key]
        gained = max(0.0, (now - at).total_seconds()) * limit.a_minute / 60
        return min(limit.burst, level + gained)
