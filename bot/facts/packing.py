"""A store as plain arrays, for a cache, and a store over such arrays.

What is read back parses a fact, an entity or anything else when it is first asked for, so that a
large store takes neither the time nor the memory of all its values.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import date
from itertools import accumulate
from typing import Any

import numpy as np

from bot.facts.arrays import Arrays, Ragged, numbers, packed, unpacked
from bot.facts.lazy import Lazy
from bot.facts.model import Brief, Dispute, Document, Entity, Fact, Model, Publisher, Story, Topic
from bot.facts.store import FactStore, Overview

SHELVES: Mapping[str, type[Model]] = {
    "publishers": Publisher,
    "documents": Document,
    "stories": Story,
    "topics": Topic,
    "entities": Entity,
    "facts": Fact,
    "briefs": Brief,
    "disputes": Dispute,
}
SAMPLES, MOST_COMMON = 40, 32_768  # values, bytes: what compression knows beforehand of every value


def pack(store: FactStore) -> Arrays:
    """Everything that a store holds."""
    arrays: Arrays = {}
    for name in SHELVES:
        arrays |= _shelved(name, getattr(store, name))
    stories = {story: number for number, story in enumerate(store.stories)}
    arrays["story_of"] = numbers(stories[story] for story in store.story_of.values())
    arrays["story_of_ids"] = packed(list(store.story_of))
    overview, fact = store.overview, {fact_id: number for number, fact_id in enumerate(store.facts)}
    naming = Ragged.of([[fact[i] for i in overview.naming.get(entity, ())] for entity in store.entities])
    arrays |= {"naming": naming.values, "naming_starts": naming.starts}
    arrays["overview"] = packed(
        {
            "last_checked": overview.last_checked.isoformat() if overview.last_checked else None,
            "disputing": {fact_id: list(found) for fact_id, found in overview.disputing.items()},
        }
    )
    return arrays


def unpack(arrays: Arrays) -> FactStore:
    """The store that `pack` was given.

    Raises:
        KeyError, ValueError: these arrays are no store.
    """
    ids = unpacked(arrays["story_of_ids"])
    same = {key: key for key in ids}  # one string for each id, however often it occurs
    numbered = {
        name: {same.get(key, key): number for number, key in enumerate(unpacked(arrays[f"{name}_ids"]))}
        for name in SHELVES
    }
    shelves = {name: _shelf(arrays, name, model, numbered[name]) for name, model in SHELVES.items()}
    facts, stories = list(numbered["facts"]), list(numbered["stories"])
    naming, told = Ragged(arrays["naming"], arrays["naming_starts"]), unpacked(arrays["overview"])
    overview = Overview(
        naming=Lazy(numbered["entities"], lambda entity: tuple(facts[n] for n in naming.row(entity).tolist())),
        last_checked=date.fromisoformat(told["last_checked"]) if told["last_checked"] else None,
        disputing={fact_id: tuple(found) for fact_id, found in told["disputing"].items()},
    )
    story_of = dict(zip(ids, map(stories.__getitem__, arrays["story_of"].tolist()), strict=True))
    return FactStore(**shelves, story_of=story_of, known=overview)


def _shelved(name: str, values: Mapping[str, Model]) -> Arrays:
    """The compressed JSON of each value, end to end, where each ends, what they have in common, and the ids."""
    texts = [value.model_dump_json(by_alias=True, exclude_defaults=True).encode() for value in values.values()]
    common = b"".join(texts[:: len(texts) // SAMPLES + 1])[-MOST_COMMON:]
    pieces = [_compressed(text, common) for text in texts]
    return {
        f"{name}_text": np.frombuffer(b"".join(pieces), np.uint8),
        f"{name}_ends": np.fromiter(accumulate(map(len, pieces)), np.int64, len(pieces)),
        f"{name}_common": np.frombuffer(common, np.uint8),
        f"{name}_ids": packed(list(values)),
    }


def _compressed(text: bytes, common: bytes) -> bytes:
    deflating = zlib.compressobj(zdict=common)
    return deflating.compress(text) + deflating.flush()


def _shelf(arrays: Arrays, name: str, model: type[Model], ids: Mapping[str, int]) -> Lazy[Any]:
    text, ends, common = arrays[f"{name}_text"], arrays[f"{name}_ends"], arrays[f"{name}_common"].tobytes()
    if len(ids) != len(ends) or (len(ends) and ends[-1] != len(text)):
        raise ValueError(f"the {name} of this cache do not fit their ids")

    def read(number: int) -> Model:
        piece = text[ends[number - 1] if number else 0 : ends[number]].tobytes()
        return model.model_validate_json(zlib.decompressobj(zdict=common).decompress(piece))

    return Lazy(ids, read)
