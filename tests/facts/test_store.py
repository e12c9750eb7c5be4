from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from bot.errors import UnknownNameError
from bot.facts.model import Language
from bot.facts.store import FactStore, is_stale, recheck_due
from tests.seedfolder import (
    STORY,
    SeedFolder,
    attribution,
    both,
    dispute,
    document,
    entity,
    fact,
    raise_revision,
    topic,
)


@pytest.fixture
def store(seeds: SeedFolder) -> FactStore:
    """Two stories; one fact of the first is retracted."""
    seeds.files["tram-fire/story.yaml"] = {
        "story": {"id": "tram-fire", "title": both("Fire"), "summary": both("A tram burned."), "since": "2025-01"}
    }
    seeds.files["tram-fire/facts.yaml"] = {"topics": [topic("fire")], "facts": [fact("tram-burned", topic="fire")]}
    seeds.facts.append(fact("strike-is-over"))
    raise_revision(seeds.fact("strike-is-over"), "retraction", state="retracted")
    return seeds.load()


def test_a_story_is_found_by_its_id(store: FactStore) -> None:
    assert store.story(STORY).title.en == "Strike in the harbour"


def test_an_unknown_story_is_answered_with_those_there_are(store: FactStore) -> None:
    with pytest.raises(UnknownNameError, match=r"no story `flood`. Stories: harbour-strike, tram-fire"):
        store.story("flood")


def test_a_fact_is_found_by_its_id_whatever_its_state(store: FactStore) -> None:
    assert store.fact("strike-is-over").state.value == "retracted"


def test_an_unknown_fact_is_answered_with_where_to_look(store: FactStore) -> None:
    with pytest.raises(UnknownNameError, match=r"no fact `nothing`.*facts list"):
        store.fact("nothing")


def test_a_very_long_name_is_not_repeated_whole(store: FactStore) -> None:
    for find in (store.story, store.fact):
        with pytest.raises(UnknownNameError) as caught:
            find("x" * 10_000)
        assert len(str(caught.value)) < 200


def test_only_facts_that_stand_are_current_in_the_editors_order(store: FactStore) -> None:
    assert [f.id for f in store.current] == ["strike-began", "many-strike", "few-strike", "tram-burned"]


def test_each_story_has_its_own_facts_disputes_and_entities(store: FactStore) -> None:
    assert [f.id for f in store.facts_of(STORY)] == ["strike-began", "many-strike", "few-strike"]
    assert [f.id for f in store.facts_of("tram-fire")] == ["tram-burned"]
    assert [d.id for d in store.disputes_of(STORY)] == ["how-many"]
    assert store.disputes_of("tram-fire") == []
    assert [e.id for e in store.entities_of(STORY)] == ["mayor", "old-port", "union-source"]
    assert store.entities_of("tram-fire") == []


def test_every_item_of_a_story_knows_its_story(store: FactStore) -> None:
    items = ("strike-began", "strike-is-over", "what-happened", "how-many", "strike-size", "mayor")
    assert {store.story_of[i] for i in items} == {STORY}
    assert store.story_of["tram-burned"] == "tram-fire"


def test_documents_belong_to_no_story(store: FactStore) -> None:
    assert store.story_of.keys().isdisjoint({"gazette-report", "town-notice"})


def test_disputes_are_found_by_the_facts_of_their_positions(store: FactStore) -> None:
    assert {i: [d.id for d in found] for i, found in store.disputes_by_fact.items()} == {
        "many-strike": ["how-many"],
        "few-strike": ["how-many"],
    }


def test_a_mere_spelling_makes_no_fact_disputed(seeds: SeedFolder) -> None:
    seeds.disputes.append(dispute("spelling", "strike-began", "many-strike", kind="spelling"))
    found = seeds.load().disputes_by_fact
    assert "strike-began" not in found
    assert [d.id for d in found["many-strike"]] == ["how-many"]


def test_a_fact_in_two_positions_of_a_dispute_is_disputed_once(seeds: SeedFolder) -> None:
    seeds.disputes[0]["positions"][1]["facts"].append("many-strike")
    assert [d.id for d in seeds.load().disputes_by_fact["many-strike"]] == ["how-many"]


def test_the_questions_of_a_fact_are_kept_by_language(seeds: SeedFolder) -> None:
    seeds.fact("strike-began")["asks"] = {"en": ["when", "since when"], "fr": ["quand"]}
    asks = seeds.load().fact("strike-began").asks
    assert (asks.in_("en"), asks.in_("fr")) == (("when", "since when"), ("quand",))


def test_a_store_does_not_change(store: FactStore) -> None:
    with pytest.raises(ValidationError):
        store.fact("strike-began").revision = 9  # type: ignore[misc]


# Who said it, and how independently.


@pytest.fixture
def echoes(seeds: SeedFolder) -> SeedFolder:
    """An agency, a voice known through it alone, a voice known through that voice, and mirrors of mirrors."""
    seeds.entities.extend(
        [
            entity("agency", kind="organisation"),
            entity("officer", kind="voice", origin="agency"),
            entity("friend-of-officer", kind="voice", origin="officer"),
            entity("reader-of-copy", kind="voice", origin="echo-copy"),
        ]
    )
    seeds.documents.append(document("echo-of-echo", mirror_of="echo-copy"))
    return seeds


@pytest.mark.parametrize(
    ("voices", "origins"),
    [
        (["gazette-report"], ("gazette-report",)),
        (["mayor"], ("mayor",)),
        (["mayor", "mayor"], ("mayor",)),
        (["town-notice", "gazette-report"], ("town-notice", "gazette-report")),
        (["gazette-report", "echo-copy", "echo-of-echo"], ("gazette-report",)),
        (["echo-of-echo"], ("gazette-report",)),
        (["agency", "officer", "friend-of-officer"], ("agency",)),
        (["friend-of-officer"], ("agency",)),
        (["union-source", "reader-of-copy", "echo-of-echo"], ("gazette-report",)),
        (["union-source", "officer", "mayor", "agency"], ("gazette-report", "agency", "mayor")),
    ],
)
def test_mirrors_and_voices_known_through_one_origin_count_once(
    echoes: SeedFolder, voices: list[str], origins: tuple[str, ...]
) -> None:
    echoes.fact("strike-began")["attributions"] = [attribution(voice) for voice in voices]
    store = echoes.load()
    assert store.origins(store.fact("strike-began")) == origins


def test_the_documents_that_carried_a_statement_do_not_multiply_its_origins(seeds: SeedFolder) -> None:
    seeds.fact("strike-began")["attributions"] = [
        {"by": "mayor", "manner": "on_record", "via": ["gazette-report", "town-notice"]},
        {"by": "mayor", "manner": "on_record", "via": ["echo-copy"]},
    ]
    store = seeds.load()
    assert store.origins(store.fact("strike-began")) == ("mayor",)


def test_mirrors_are_known_by_what_they_mirror(echoes: SeedFolder) -> None:
    store = echoes.load()
    assert store.mirrors == {"gazette-report": ("echo-copy",), "echo-copy": ("echo-of-echo",)}
    assert store.root_document("echo-of-echo") == "gazette-report"
    assert store.root_document("town-notice") == "town-notice"


@pytest.mark.parametrize(
    ("voice", "language", "name"),
    [
        ("mayor", "en", "Ada Marsh"),
        ("mayor", "fr", "Ada Marsh (fr)"),
        ("gazette-report", "en", "gazette-report"),
        ("gazette-report", "fr", "gazette-report (fr)"),
    ],
)
def test_a_voice_has_the_name_of_its_entity_or_the_label_of_its_document(
    store: FactStore, voice: str, language: Language, name: str
) -> None:
    assert store.voice_name(voice, language) == name


# When an editor looks again.


def due(seeds: SeedFolder, **changes: Any) -> date | None:
    seeds.fact("strike-began").update(changes)
    return recheck_due(seeds.load().fact("strike-began"))


@pytest.mark.parametrize(
    ("recheck", "checked", "day"),
    [
        ("week", "2025-03-10", date(2025, 3, 17)),
        ("month", "2025-03-10", date(2025, 4, 10)),
        ("quarter", "2025-03-10", date(2025, 6, 10)),
        ("year", "2025-03-10", date(2026, 3, 10)),
        ("week", "2025-03", date(2025, 4, 7)),
        ("week", "2025", date(2026, 1, 7)),
        ("never", "2025-03-10", None),
    ],
)
def test_a_fact_is_due_so_long_after_the_last_day_it_may_have_been_checked(
    seeds: SeedFolder, recheck: str, checked: str, day: date | None
) -> None:
    assert due(seeds, recheck=recheck, checked=checked) == day


@pytest.mark.parametrize("checked", ["9999-12-31", "9999", "2025/.."])
def test_a_date_at_the_end_of_time_does_no_harm(seeds: SeedFolder, checked: str) -> None:
    assert (due(seeds, recheck="year", checked=checked) or date.min).year == 3000


@pytest.mark.parametrize(
    ("recheck", "today", "stale"),
    [
        ("week", date(2025, 3, 10), False),
        ("week", date(2025, 3, 17), False),
        ("week", date(2025, 3, 18), True),
        ("month", date(2025, 3, 18), False),
        ("never", date(2999, 1, 1), False),
    ],
)
def test_a_fact_is_stale_from_the_day_after_it_was_due(
    seeds: SeedFolder,
    recheck: str,
    today: date,
    *,
    stale: bool,
) -> None:
    seeds.fact("strike-began").update(recheck=recheck, checked="2025-03-10")
    assert is_stale(seeds.load().fact("strike-began"), today) is stale
