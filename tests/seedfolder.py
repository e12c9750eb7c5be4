"""A small, valid folder of seeds, whose parts a test can change before it is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from bot.facts.findings import Finding
from bot.facts.load import all_findings, load_store
from bot.facts.revisions import record
from bot.facts.store import FactStore

Item = dict[str, Any]

STORY = "harbour-strike"
DOCUMENTS_FILE = "documents.yaml"
STORY_FILE = f"{STORY}/story.yaml"
ENTITIES_FILE = f"{STORY}/entities.yaml"
FACTS_FILE = f"{STORY}/facts.yaml"
BRIEFS_FILE = f"{STORY}/briefs.yaml"
DISPUTES_FILE = f"{STORY}/disputes.yaml"


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # the quick one
    """Writes a value out each time, never as an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def both(english: str, french: str | None = None) -> Item:
    """The same text in both languages."""
    return {"en": english, "fr": french or f"{english} (fr)"}


def document(document_id: str, **changes: Any) -> Item:
    """A document that nobody mirrors."""
    return {"id": document_id, "label": both(document_id), "publisher": "gazette", "published": "2025-03-01", **changes}


def entity(entity_id: str, **changes: Any) -> Item:
    """A person of that name."""
    return {
        "id": entity_id,
        "kind": "person",
        "name": both(f"Name {entity_id}"),
        "description": both(f"Description of {entity_id}"),
        "described_by": ["gazette-report"],
        **changes,
    }


def attribution(by: str, manner: str = "report", via: str = "gazette-report") -> Item:
    """`by` said it, in a document."""
    return {"by": by, "manner": manner, "via": [via]}


def topic(topic_id: str) -> Item:
    """What facts are about."""
    return {"id": topic_id, "name": both(f"topic {topic_id}")}


def fact(fact_id: str, **changes: Any) -> Item:
    """A reported fact of one source, in its first revision."""
    return {
        "id": fact_id,
        "topic": "strike-start",
        "statement": both(f"Statement of {fact_id}."),
        "status": "reported",
        "attributions": [attribution("gazette-report")],
        "as_of": "2025-03-01",
        "checked": "2025-03-10",
        "recheck": "month",
        "asks": {"en": [f"question of {fact_id}"]},
        "revision": 1,
        **changes,
    }


def brief(brief_id: str, *fact_ids: str) -> Item:
    """An answer that rests on facts."""
    return {"id": brief_id, "headline": both(f"Headline of {brief_id}."), "facts": list(fact_ids), "asks": {}}


def dispute(dispute_id: str, *fact_ids: str, **changes: Any) -> Item:
    """A contradiction with one position for each fact."""
    return {
        "id": dispute_id,
        "topic": "strike-size",
        "kind": "contradiction",
        "headline": both(f"Headline of {dispute_id}."),
        "at_odds": both(f"What is at odds in {dispute_id}."),
        "positions": [{"statement": both(f"Position of {i}."), "facts": [i]} for i in fact_ids],
        **changes,
    }


def change(kind: str = "correction") -> Item:
    """Why a revision replaced the one before."""
    return {"class": kind, "reason": both(f"Reason of the {kind}."), "on": "2025-03-20"}


def raise_revision(item: Item, kind: str = "correction", **changes: Any) -> Item:
    """Change a fact as an editor should: the old wording goes to `history`."""
    told = ("statement", "status", "attributions", "as_of", "date", "place", "value", "state")
    past = {"revision": item["revision"], **{key: item[key] for key in told if key in item}}
    if "change" in item:
        past["change"] = item["change"]
    item["history"] = [*item.get("history", []), past]
    item.update({"revision": item["revision"] + 1, "change": change(kind), **changes})
    return item


class SeedFolder:
    """What the files hold, as plain values; `write` puts them on disk."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: dict[str, Item] = {
            DOCUMENTS_FILE: {
                "publishers": [{"id": "gazette", "name": both("The Gazette")}],
                "documents": [
                    document("gazette-report"),
                    document("echo-copy", mirror_of="gazette-report"),
                    document("town-notice", publisher=None),
                ],
            },
            STORY_FILE: {
                "story": {
                    "id": STORY,
                    "title": both("Strike in the harbour"),
                    "summary": both("Dockers are on strike."),
                    "since": "2025-03-01~",
                }
            },
            ENTITIES_FILE: {
                "entities": [
                    entity("mayor", name=both("Ada Marsh"), aliases=["the mayor"]),
                    entity("old-port", kind="place", name=both("Old Port")),
                    entity("union-source", kind="voice", name=both("A union source"), origin="gazette-report"),
                ]
            },
            FACTS_FILE: {
                "topics": [topic("strike-start"), topic("strike-size")],
                "facts": [
                    fact("strike-began", date="2025-03-01", place="old-port", entities=["mayor"]),
                    fact("many-strike", topic="strike-size", value=at_least(50)),
                    fact("few-strike", topic="strike-size", value=at_most(40)),
                ],
            },
            BRIEFS_FILE: {"briefs": [brief("what-happened", "strike-began")]},
            DISPUTES_FILE: {"disputes": [dispute("how-many", "many-strike", "few-strike")]},
        }

    @property
    def documents(self) -> list[Item]:
        """The items of `documents.yaml`."""
        return self._list(DOCUMENTS_FILE, "documents")

    @property
    def entities(self) -> list[Item]:
        """The items of `entities.yaml`."""
        return self._list(ENTITIES_FILE, "entities")

    @property
    def facts(self) -> list[Item]:
        """The items of `facts.yaml`."""
        return self._list(FACTS_FILE, "facts")

    @property
    def briefs(self) -> list[Item]:
        """The items of `briefs.yaml`."""
        return self._list(BRIEFS_FILE, "briefs")

    @property
    def disputes(self) -> list[Item]:
        """The items of `disputes.yaml`."""
        return self._list(DISPUTES_FILE, "disputes")

    def fact(self, fact_id: str) -> Item:
        """One fact, to be changed in place."""
        return self._item(self.facts, fact_id)

    def entity(self, entity_id: str) -> Item:
        """One entity, to be changed in place."""
        return self._item(self.entities, entity_id)

    def document(self, document_id: str) -> Item:
        """One document, to be changed in place."""
        return self._item(self.documents, document_id)

    def write(self) -> Path:
        """Put every file on disk as it is now."""
        for name, content in self.files.items():
            text = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
            self.put(name, text)
        return self.root

    def put(self, name: str, content: str | bytes) -> Path:
        """Write one file as given; `write` leaves it alone unless it is one of `files`."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def line_of(self, name: str, text: str, *, nth: int = 1) -> int:
        """The number of the line that holds `text` (the nth such line), in the file on disk."""
        lines = (self.root / name).read_text(encoding="utf-8").splitlines()
        return [number for number, line in enumerate(lines, 1) if text in line][nth - 1]

    def findings(self) -> list[Finding]:
        """Write and check; that nothing is recorded yet goes without saying."""
        return [f for f in all_findings(self.write()) if f.rule != "unrecorded"]

    def finding(self) -> Finding:
        """The one finding that there is."""
        (found,) = self.findings()
        return found

    def load(self) -> FactStore:
        """Write and load."""
        return load_store(self.write())

    def record(self) -> int:
        """Write, load and record every revision."""
        return record(self.root, self.load().facts.values())

    def _list(self, name: str, key: str) -> list[Item]:
        items: list[Item] = self.files[name][key]
        return items

    @staticmethod
    def _item(items: list[Item], item_id: str) -> Item:
        return next(item for item in items if item["id"] == item_id)


def at_least(figure: int) -> Item:
    """A value with a lower bound."""
    return {"min": figure, "unit": "people", "bound": "at_least"}


def at_most(figure: int) -> Item:
    """A value with an upper bound."""
    return {"max": figure, "unit": "people", "bound": "at_most"}
