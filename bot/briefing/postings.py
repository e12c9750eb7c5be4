"""The search for the best few among many lists of numbers.

Everything here is exact: what is cut off provably cannot be among the best, and what is kept
is summed in the order of the question, so that every figure is the one that a plain loop over
everything would give, to the last bit.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.facts.arrays import Numbers, Weights

SLACK = 1e-9  # of a sum: how far its order of summation may move it, with room to spare
FEW = 1_000  # numbers that are sooner looked up one by one than by marking all


def union(lists: Sequence[Numbers]) -> Numbers:
    """The numbers of rising lists, each once, rising."""
    if len(lists) == 1:
        return lists[0]
    if not lists:
        return np.empty(0, np.int32)
    merged = np.concatenate(lists)
    merged.sort()
    first = np.ones(len(merged), np.bool_)
    np.not_equal(merged[1:], merged[:-1], out=first[1:])
    return merged[first]


def most_alike(
    holders: Sequence[Numbers], weights: Sequence[float], heavy: Weights, names: Numbers, most: int
) -> list[int]:
    """The names of the forms that are most like a question, best first; of equals the lowest name first.

    Forms are numbered from the lightest to the heaviest: `heavy` are their weights, rising, and
    `names` what each is called outside. `holders` are for each slot of the question the forms that
    share it, rising, and `weights` the slots' weights. Likeness is twice the shared weight over
    the weight of both sides.
    """
    total = sum(weights)
    floor = max(
        (
            2 * weight / (total + float(heavy[found[most - 1]]))
            for found, weight in zip(holders, weights, strict=True)
            if len(found) >= most
        ),
        default=0.0,
    )
    rest, parts = total, []
    for number in sorted(range(len(holders)), key=lambda n: len(holders[n])):
        found = holders[number]
        if floor:
            # A form that shares none of the slots before shares at most `rest`.
            # One too heavy for that to reach the floor cannot be among the best.
            end = heavy.searchsorted(2 * rest / floor * (1 + SLACK) - total, side="right")
            found = found[: found.searchsorted(end)]
        if len(found):
            parts.append(found)
        rest -= weights[number]
    pool = union(parts)
    likeness = 2 * _shared(pool, holders, weights, len(heavy)) / (total + heavy[pool])
    if len(pool) > most:
        kept = likeness >= np.partition(likeness, -most)[-most]
        pool, likeness = pool[kept], likeness[kept]
    called = names[pool]
    order: list[int] = called[np.lexsort((called, -likeness))[:most]].tolist()
    return order


def most_shared(holders: Sequence[Numbers], weights: Sequence[float], size: int, most: int) -> list[int]:
    """The numbers (of 0 to `size`) that share the most weight, best first; of equals the lowest first."""
    floor = max((w for found, w in zip(holders, weights, strict=True) if len(found) >= most), default=0.0)
    rest, parts = sum(weights), []
    for number in sorted(range(len(holders)), key=lambda n: len(holders[n])):
        if rest * (1 + SLACK) >= floor and len(holders[number]):
            parts.append(holders[number])
        rest -= weights[number]
    pool = union(parts)
    shared = _shared(pool, holders, weights, size)
    if len(pool) > most:
        kept = shared >= np.partition(shared, -most)[-most]
        pool, shared = pool[kept], shared[kept]
    order: list[int] = pool[(-shared).argsort(kind="stable")[:most]].tolist()
    return order


def _shared(pool: Numbers, holders: Sequence[Numbers], weights: Sequence[float], size: int) -> Weights:
    """The weight that each number of the pool shares, summed in the order of the slots."""
    shared = np.zeros(len(pool))
    for found, weight in zip(holders, weights, strict=True):
        if len(found):
            shared += weight * (held_among(pool, found) if len(pool) < FEW else _marked(pool, found, size))
    return shared


def held_among(pool: Numbers, found: Numbers) -> NDArray[np.bool_]:
    """Which of the pool are among those found, looked up one by one; both rise, and something was found."""
    held: NDArray[np.bool_] = found.take(found.searchsorted(pool), mode="clip") == pool
    return held


def _marked(pool: Numbers, found: Numbers, size: int) -> NDArray[np.bool_]:
    """The same for a large pool, by marking those found; all lie between 0 and `size`."""
    marked = np.zeros(size, np.bool_)
    marked[found] = True
    return marked[pool]
