from __future__ import annotations

import pytest

from bot.facts.load import load_store
from bot.facts.packing import SHELVES, pack, unpack
from bot.facts.revisions import fingerprint, revisions
from bot.facts.store import FactStore
from tests.conftest import ROOT
from tests.seedfolder import SeedFolder, raise_revision


@pytest.fixture(name="whole", scope="module")
def _whole() -> FactStore:
    return load_store(ROOT / "seeds")


def test_a_store_comes_back_from_its_arrays_with_all_that_it_holds(whole: FactStore) -> None:
    back = unpack(pack(whole))
    for shelf in SHELVES:
        assert list(getattr(back, shelf).items()) == list(getattr(whole, shelf).items())
    assert list(back.story_of.items()) == list(whole.story_of.items())
    assert back.current == whole.current
    assert dict(back.disputes_by_fact) == dict(whole.disputes_by_fact)
    assert back.overview.last_checked == whole.overview.last_checked
    for entity in whole.entities:
        assert back.facts_naming(entity) == whole.facts_naming(entity)


def test_every_revision_keeps_its_fingerprint(seeds: SeedFolder) -> None:
    raise_revision(seeds.fact("strike-began"), "correction")
    store = seeds.load()
    back = unpack(pack(store))
    for fact in store.facts.values():
        assert [(n, fingerprint(c)) for n, c in revisions(back.facts[fact.id])] == [
            (n, fingerprint(c)) for n, c in revisions(fact)
        ]


def test_a_store_without_facts_comes_back_too(seeds: SeedFolder) -> None:
    store = seeds.load()
    empty = FactStore({}, {}, store.stories, {}, {}, {}, {}, {}, {})
    back = unpack(pack(empty))
    assert (len(back.facts), back.overview.last_checked, list(back.stories)) == (0, None, list(store.stories))


def test_what_is_not_there_is_not_there_afterwards_either(whole: FactStore) -> None:
    back = unpack(pack(whole))
    assert "nowhere" not in back.facts
    assert back.facts.get("nowhere") is None
    assert back.facts_naming("nowhere") == []


def test_arrays_that_do_not_fit_one_another_are_refused(whole: FactStore) -> None:
    arrays = pack(whole)
    for damaged in ({"facts_text": arrays["facts_text"][:-1]}, {"facts_ends": arrays["facts_ends"][:-1]}):
        with pytest.raises(ValueError, match="do not fit"):
            unpack(arrays | damaged)
    with pytest.raises(KeyError):
        unpack({})
