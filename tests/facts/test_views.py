from __future__ import annotations

import json

from bot.facts.views import fact_json
from tests.seedfolder import STORY, SeedFolder, attribution, both, raise_revision


def test_a_fact_is_told_to_scripts_in_plain_values(seeds: SeedFolder) -> None:
    seeds.fact("many-strike").update(
        attributions=[
            attribution("mayor", "on_record"),
            attribution("union-source", "anonymous", "echo-copy"),
            attribution("echo-copy"),
        ],
        entities=["mayor"],
        date="2025-03-01?",
        statement=both("Fifty strike.", "Cinquante font grève."),
    )
    store = seeds.load()
    told = fact_json(store.fact("many-strike"), store)
    assert told == {
        "id": "many-strike",
        "revision": 1,
        "state": "current",
        "story": STORY,
        "topic": "strike-size",
        "statement": {"en": "Fifty strike.", "fr": "Cinquante font grève."},
        "status": "reported",
        "as_of": "2025-03-01",
        "checked": "2025-03-10",
        "date": "2025-03-01?",
        "value": {"min": 50, "max": None, "unit": "people", "bound": "at_least"},
        "entities": ["mayor"],
        "origins": 2,
        "attributions": [
            {"said_by": "Ada Marsh", "manner": "on_record", "via": ["gazette-report"]},
            {"said_by": "A union source", "manner": "anonymous", "via": ["echo-copy"]},
            {"said_by": "echo-copy", "manner": "report", "via": ["gazette-report"]},
        ],
    }
    assert json.loads(json.dumps(told)) == told


def test_what_a_fact_lacks_is_null(seeds: SeedFolder) -> None:
    del seeds.fact("strike-began")["date"]
    store = seeds.load()
    told = fact_json(store.fact("strike-began"), store)
    assert (told["date"], told["value"]) == (None, None)


def test_a_fact_that_no_longer_stands_is_told_with_its_state(seeds: SeedFolder) -> None:
    seeds.briefs.clear()
    raise_revision(seeds.fact("strike-began"), "retraction", state="retracted")
    store = seeds.load()
    told = fact_json(store.fact("strike-began"), store)
    assert (told["state"], told["revision"]) == ("retracted", 2)
