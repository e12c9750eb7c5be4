"""A mapping whose values are made when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import lru_cache
from typing import TypeVar

AT_HAND = 1_024  # values that are kept once they were made

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Lazy(Mapping[str, V]):
    """What `make` makes of what `sources` holds for each key."""

    def __init__(self, sources: Mapping[str, K], make: Callable[[K], V]) -> None:
        self._sources = sources
        self._make = lru_cache(maxsize=AT_HAND)(make)

    def __getitem__(self, key: str) -> V:
        return self._make(self._sources[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)

    def __contains__(self, key: object) -> bool:
        return key in self._sources
