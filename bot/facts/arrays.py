"""Lists and texts as plain arrays, as a cache holds them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]
Numbers = NDArray[np.int32]
Weights = NDArray[np.float64]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Ragged:
    """Lists of numbers, end to end: list `n` is `values[starts[n]:starts[n + 1]]`."""

    values: Numbers
    starts: Numbers

    @classmethod
    def of(cls, lists: Sequence[Iterable[int]]) -> Ragged:
        """Pack lists."""
        packed = [np.fromiter(numbers, np.int32) for numbers in lists]
        starts = np.fromiter(chain((0,), accumulate(map(len, packed))), np.int32, len(packed) + 1)
        return cls(np.concatenate(packed) if packed else np.empty(0, np.int32), starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def row(self, number: int) -> Numbers:
        """One list."""
        return self.values[self.starts[number] : self.starts[number + 1]]

    def turned(self, rows: int) -> Ragged:
        """Which lists hold each of the numbers 0 to `rows`, in rising order."""
        holders = np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.starts))
        order = np.argsort(self.values, kind="stable")
        starts = np.searchsorted(self.values[order], np.arange(rows + 1))
        return Ragged(holders[order], starts.astype(np.int32))


def numbers(values: Iterable[int]) -> Numbers:
    """Whole numbers as an array."""
    return np.fromiter(values, np.int32)


def packed(value: Any) -> Bytes:
    """Plain values as an array: what JSON can say, of str, dict and list."""
    return np.frombuffer(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), np.uint8)


def unpacked(array: Bytes) -> Any:
    """The values that `packed` was given."""
    return json.loads(array.tobytes())
