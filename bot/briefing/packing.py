"""An index, its store and its words as arrays, for a cache."""

from __future__ import annotations

from bot.briefing.contents import Contents
from bot.briefing.index import Index
from bot.briefing.lexicon import pack_lexicon, unpack_lexicon
from bot.briefing.wordlists import Wordlists
from bot.facts import packing
from bot.facts.arrays import Arrays


def pack(index: Index) -> Arrays:
    """All that it takes to answer questions."""
    return {
        **packing.pack(index.store),
        **index.contents.pack(),
        **index.wordlists.pack(),
        "lexicon": pack_lexicon(index.lexicon),
    }


def unpack(arrays: Arrays) -> Index:
    """The index that `pack` was given.

    Raises:
        KeyError, TypeError, ValueError: these arrays are no index.
    """
    store, lexicon = packing.unpack(arrays), unpack_lexicon(arrays["lexicon"])
    return Index(store, lexicon, Contents.unpack(arrays), Wordlists.unpack(arrays))
