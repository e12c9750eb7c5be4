from __future__ import annotations

from bot.briefing.indexing import build
from bot.briefing.lexicon import load_lexicon
from bot.briefing.packing import pack, unpack
from bot.briefing.wordlists import Wordlists
from bot.desk import Desk
from tests.benchmarks.synthetic import Synthetic
from tests.newsroom import asking


def test_an_index_comes_back_from_its_arrays_with_all_that_it_holds() -> None:
    invented = Synthetic(300)
    store = invented.store()
    index = build(store, load_lexicon())
    back = unpack(pack(index))
    assert back.lexicon == index.lexicon
    assert list(back.contents.frequency.items()) == list(index.contents.frequency.items())
    assert (back.contents.names, back.contents.vocabulary) == (index.contents.names, index.contents.vocabulary)
    one, other = Desk(store, index=index), Desk(back.store, index=back)
    for question in invented.questions(store, 100):
        asked, again = one.ask(question, asking()), other.ask(question, asking())
        assert (asked.as_json(store), asked.trace) == (again.as_json(back.store), again.trace)


def test_the_same_size_gives_the_same_facts() -> None:
    assert Synthetic(50).store() == Synthetic(50).store()


def test_packed_word_lists_know_the_same_words() -> None:
    plain = Wordlists()
    back = Wordlists.unpack(plain.pack())
    for word in ("fermes", "weather", "meteo", "mali", "france", "zzyzx", "", "zzzz", "a"):
        assert (back.knows(word), back.foreign(word)) == (plain.knows(word), plain.foreign(word)), word
