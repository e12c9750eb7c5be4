"""A small store of invented facts, with one of everything that the core has to lay out.

Two people share the name Brook; an organisation is called UN; two sources count the strikers
differently; one accusation has a denial and the other no reply; one fact was superseded, one
corrected and one retracted.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bot.desk import Asking
from bot.facts.model import Language
from tests.seedfolder import (
    FACTS_FILE,
    STORY,
    SeedFolder,
    attribution,
    both,
    brief,
    dispute,
    document,
    entity,
    fact,
    raise_revision,
    topic,
)

NOW = datetime(2025, 3, 12, 12, 0, tzinfo=UTC)
NOTHING_HELD = ("The facts do not hold an answer", "Les faits ne contiennent pas de réponse")


def asking(
    language: Language | None = None,
    *,
    now: datetime = NOW,
    default: Language = "en",
    story: str | None = None,
    thread: str | None = None,
) -> Asking:
    """Somebody asks, while everything is fresh."""
    return Asking(now, language, default, story, thread)


def newsroom(root: Path) -> SeedFolder:
    """The folder, not written yet."""
    seeds = SeedFolder(root)
    seeds.documents[:] = [
        document("gazette-report", label=both("The Gazette", "La Gazette"), title="Harbour at a standstill"),
        document("echo-copy", label=both("The Echo", "L'Écho"), mirror_of="gazette-report", carried_by="town-notice"),
        document(
            "town-notice",
            label=both("a town notice", "un avis municipal"),
            publisher=None,
            published="2025-03-05?",
            note=both("Pinned to a board.", "Affiché sur un panneau."),
        ),
    ]
    seeds.entities[:] = [
        entity(
            "mayor",
            name=both("Ada Marsh", "Ada Marsh"),
            aliases=["Marsh", "Ada Marche", "the mayor", "la maire"],
            description=both("Mayor of the town.", "Maire de la ville."),
        ),
        entity(
            "captain",
            name=both("Tom Brook", "Tom Brook"),
            shared_aliases=["Brook"],
            description=both("Captain of a tug.", "Capitaine d'un remorqueur."),
        ),
        entity(
            "cook",
            name=both("Lena Brook", "Léna Brook"),
            shared_aliases=["Brook"],
            description=both("Cook in the canteen.", "Cuisinière de la cantine."),
        ),
        entity("old-port", kind="place", name=both("Old Port", "Vieux-Port"), description=both("A port.", "Un port.")),
        entity(
            "navigators",
            kind="organisation",
            name=both("Union of Navigators", "Union des navigateurs"),
            aliases=["UN"],
            description=both("A trade union.", "Un syndicat."),
        ),
        entity(
            "union-source",
            kind="voice",
            name=both("an unnamed union source", "une source syndicale non nommée"),
            description=both("Speaks for no one.", "Ne parle pour personne."),
            origin="gazette-report",
        ),
    ]
    seeds.files[FACTS_FILE]["topics"] = [
        topic(i) for i in ("strike-start", "strike-size", "resignation", "bribes", "theft", "port", "wages")
    ]
    seeds.facts[:] = [*_dated(), *_disputed(), *_accusations(), *_changed()]
    seeds.briefs[:] = [
        {
            **brief("brief-strike", "strike-began", "navigators-called-strike"),
            "headline": both("Dockers are on strike in the Old Port.", "Les dockers du Vieux-Port sont en grève."),
            "asks": {
                "en": ["what is known about the strike of the dockers?"],
                "fr": ["que sait-on de la grève des dockers ?"],
            },
        }
    ]
    seeds.disputes[:] = [
        dispute(
            "how-many",
            "many-strike",
            "few-strike",
            headline=both("Counts of the strikers differ.", "Les décomptes des grévistes divergent."),
            at_odds=both("Fifty and forty exclude each other.", "Cinquante et quarante s'excluent."),
            asks={
                "en": ["how many dockers are on strike?"],
                "fr": ["combien de dockers sont en grève ?"],
            },
        ),
        dispute(
            "bribes-or-not",
            "bribe-claim",
            "bribe-denial",
            topic="bribes",
            headline=both("Whether bribes were paid is contested.", "Les pots-de-vin sont contestés."),
        ),
    ]
    return seeds


def _dated() -> list[dict[str, object]]:
    return [
        fact(
            "strike-began",
            statement=both(
                "The dockers' strike began in the Old Port.", "La grève des dockers a débuté au Vieux-Port."
            ),
            date="2025-03-01",
            place="old-port",
            timeline="true",
            asks={"en": ["when did the strike begin?"], "fr": ["quand la grève a-t-elle débuté ?"]},
        ),
        fact(
            "navigators-called-strike",
            statement=both("The union called the strike.", "Le syndicat a appelé à la grève."),
            attributions=[attribution("navigators", "on_record")],
            status="confirmed",
            entities=["navigators"],
            date="2025-03",
            timeline="true",
            asks={"en": ["who called the strike?"], "fr": ["qui a appelé à la grève ?"]},
        ),
        fact(
            "year-of-strikes",
            topic="wages",
            statement=both("It is a year of strikes.", "C'est une année de grèves."),
            status="background",
            date="2025",
            timeline="true",
            asks={"en": ["what kind of year is it?"], "fr": ["quelle année est-ce ?"]},
        ),
        fact(
            "early-march-storm",
            topic="port",
            statement=both("A storm closed the pier.", "Une tempête a fermé la jetée."),
            date="2025-03-01~/2025-03-10~",
            timeline="true",
            asks={"en": ["what closed the pier?"], "fr": ["qu'est-ce qui a fermé la jetée ?"]},
        ),
        fact(
            "wages-frozen",
            topic="wages",
            statement=both("Wages have been frozen.", "Les salaires sont gelés."),
            date="2012/..",
            timeline="true",
            recheck="never",
            asks={"en": ["since when have wages been frozen?"], "fr": ["depuis quand les salaires sont-ils gelés ?"]},
        ),
        fact(
            "mayor-resigned",
            topic="resignation",
            statement=both("Ada Marsh resigned.", "Ada Marsh a démissionné."),
            attributions=[attribution("gazette-report"), attribution("echo-copy", via="echo-copy")],
            entities=["mayor"],
            date="2025-03-04?",
            place="old-port",
            timeline="true",
            recheck="week",
            asks={"en": ["when did Ada Marsh resign?"], "fr": ["quand Ada Marsh a-t-elle démissionné ?"]},
        ),
        fact(
            "mayor-reason",
            topic="resignation",
            statement=both("Ada Marsh gave illness as her reason.", "Ada Marsh a invoqué la maladie."),
            attributions=[attribution("mayor", "on_record", "town-notice")],
            entities=["mayor"],
            asks={"en": ["why did Ada Marsh resign?"], "fr": ["pourquoi Ada Marsh a-t-elle démissionné ?"]},
        ),
    ]


def _disputed() -> list[dict[str, object]]:
    return [
        fact(
            "many-strike",
            topic="strike-size",
            statement=both("At least 50 dockers are on strike.", "Au moins 50 dockers sont en grève."),
            attributions=[attribution("union-source", "anonymous")],
            value={"min": 50, "unit": "dockers", "bound": "at_least"},
            asks={"en": ["what does the union source count?"]},
        ),
        fact(
            "few-strike",
            topic="strike-size",
            statement=both("At most 40 dockers are on strike.", "Au plus 40 dockers sont en grève."),
            attributions=[attribution("town-notice", "document", "town-notice")],
            value={"max": 40, "unit": "dockers", "bound": "at_most"},
            asks={"en": ["what does the town notice count?"]},
        ),
    ]


def _accusations() -> list[dict[str, object]]:
    return [
        fact(
            "bribe-claim",
            topic="bribes",
            statement=both("Tom Brook is said to have taken bribes.", "Tom Brook aurait touché des pots-de-vin."),
            status="alleged",
            attributions=[attribution("union-source", "anonymous")],
            entities=["captain"],
            against=["captain"],
            reply="bribe-denial",
            asks={"en": ["did Tom Brook take bribes?"], "fr": ["Tom Brook a-t-il touché des pots-de-vin ?"]},
        ),
        fact(
            "bribe-denial",
            topic="bribes",
            statement=both("Tom Brook says he was never paid.", "Tom Brook dit n'avoir jamais été payé."),
            status="denied",
            attributions=[attribution("captain", "on_record")],
            entities=["captain"],
            asks={"en": ["what does Tom Brook say about it?"]},
        ),
        fact(
            "theft-claim",
            topic="theft",
            statement=both("Lena Brook is said to have stolen spoons.", "Léna Brook aurait volé des cuillères."),
            status="alleged",
            entities=["cook"],
            against=["cook"],
            reply="none",
            asks={"en": ["what did Lena Brook steal?"], "fr": ["qu'a volé Léna Brook ?"]},
        ),
    ]


def _changed() -> list[dict[str, object]]:
    corrected = fact(
        "ferry-fare",
        topic="port",
        statement=both("The ferry costs 3 crowns.", "Le bac coûte 3 couronnes."),
        asks={"en": ["what does the ferry cost?"], "fr": ["combien coûte le bac ?"]},
    )
    raise_revision(corrected, statement=both("The ferry costs 4 crowns.", "Le bac coûte 4 couronnes."))
    replaced = fact("pier-open", topic="port", statement=both("The pier is open.", "La jetée est ouverte."))
    raise_revision(replaced, "update", state="superseded", superseded_by="early-march-storm")
    withdrawn = fact("pier-burned", topic="port", statement=both("The pier burned.", "La jetée a brûlé."))
    raise_revision(withdrawn, "retraction", state="retracted")
    return [corrected, replaced, withdrawn]


__all__ = ["NOTHING_HELD", "NOW", "STORY", "asking", "newsroom"]
