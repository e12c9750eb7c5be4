"""The last step before an answer: whether what was found is sure enough to be one.

A logistic model over the figures of a match, one of which is what the cross-encoder reads in it.
Where nothing was read, another model judges by words alone, and a third where a question was read
together with the one before it. `tests/benchmarks/fit_judge.py` fits them, and `data/judge.yaml`
holds them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bot.briefing.fitting import STRICT
from bot.briefing.kinds import Kind
from bot.briefing.lexicon import read_data
from bot.briefing.matching import Match
from bot.briefing.passages import passage
from bot.briefing.question import Query
from bot.errors import SettingsError
from bot.facts.model import Brief, Dispute, Fact, Language
from bot.facts.store import FactStore

if TYPE_CHECKING:
    from bot.briefing.cross_encoder import CrossEncoder


def figures(query: Query, match: Match) -> dict[str, float]:
    """What the models see of a match, each between 0 and 1; `read` is 0 where nothing was read."""
    fit = match.fit
    return {
        "read": match.read or 0.0,
        "unfilled": float(not match.fills),
        "unnamed": float(not match.named),
        "unlike": float(fit.agreement < LEAST_AGREEMENT),
        "agreement": fit.agreement,
        "backing": fit.backing,
        "echoed": float(_echoed(query, match)),
        "seconded": match.seconded,
        "whole": float(match.coverage > ALL and (fit.telling or fit.direct > ALL)),
        "of_kind": fit.of_kind,
        "kind_share": fit.kind_share,
        "other_kind": float(query.kind in STRICT and not fit.same_kind),
        "thing_unsaid": float(not match.thing_said),
        "thing_unasked": float(not match.thing_asked),
        "who": float(query.kind is Kind.WHO),
        "where": float(query.kind is Kind.WHERE),
        "how_many": float(query.kind is Kind.HOW_MANY),
        "short": 1 / max(FEW, len(query.slots)),
        "long": min(1.0, len(query.slots) / LONG),
    }


def _echoed(query: Query, match: Match) -> bool:
    """Whether one of the unit's questions asks the very same, and others nearly so."""
    fit = match.fit
    return fit.agreement > ALL and fit.same_kind and fit.backing >= BACKED and len(query.slots) >= FEW


ALL = 0.999
BACKED = 0.7
FEW = 2  # slots
LONG = 10  # slots
IN_A_TALK = 0.8  # of confidence: enough for a question that takes its words from one just asked
HIGHEST = 0.78  # that the cross-encoder ever reads, with room to spare
SURER = 0.8  # of confidence: for what by its words is not in line for an answer
BEYOND_DOUBT = 0.9  # of confidence: where it was asked nothing like it besides
LEAST_AGREEMENT = 0.4  # below it no question of the unit's own was asked, whatever words they share


def alike(match: Match) -> bool:
    """Whether the match can be an answer as far as words tell: of the kind asked for, and asked in words of its own."""
    return match.fills and match.named and match.fit.agreement >= LEAST_AGREEMENT


@dataclass(frozen=True)
class Model:
    """Weights of figures, and how sure an answer has to be."""

    bias: float
    weights: Mapping[str, float]
    threshold: float

    def confidence(self, seen: Mapping[str, float]) -> float:
        """How sure it is that these are the figures of an answer, from 0 to 1."""
        total = self.bias + sum(weight * seen[name] for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-total))


@dataclass(frozen=True)
class Judge:
    """Accepts or refuses matches; without `reading` by their words alone."""

    by_words: Model
    by_reading: Model
    in_talk: Model
    reading: bool = True

    def prepare(self) -> None:
        """Load what the first question would otherwise wait for.

        Raises:
            SettingsError: the cross-encoder is wanted and cannot be loaded.
        """
        if self.reading:
            _encoder()

    def read(self, query: Query, matches: Iterable[Match]) -> Iterator[Match]:
        """The matches with what the cross-encoder reads in them.

        A question that takes its words from the one before it cannot be read.
        """
        if not self.reading or query.whole is None:
            yield from matches
            return
        for match in matches:
            if self.worth_reading(query, match):
                yield match._replace(read=_reading(query.whole, match.unit.item, match.unit.store, query.language))
            else:
                yield match._replace(read=0.0)

    def surely(self, query: Query, matches: Iterable[Match]) -> Iterator[Match]:
        """Those of the matches that surely answer by what is read in them; none where nothing can be read."""
        if not self.reading or query.whole is None:
            return
        for match in matches:
            enough = SURER if match.fit.agreement >= LEAST_AGREEMENT else BEYOND_DOUBT
            if self.confidence(query, match._replace(read=HIGHEST)) < enough:
                continue  # whatever was read
            read = match._replace(read=_reading(query.whole, match.unit.item, match.unit.store, query.language))
            if self.confidence(query, read) >= enough:
                yield read

    def readings(self, query: Query, facts: Iterable[str], store: FactStore) -> dict[str, float]:
        """How far each fact, given by its id, answers the query by itself; empty where nothing is read."""
        if not self.reading or query.whole is None:
            return {}
        return {fact: _reading(query.whole, store.facts[fact], store, query.language) for fact in facts}

    def worth_reading(self, query: Query, match: Match) -> bool:
        """Whether there is anything that the cross-encoder could say for the match to be accepted."""
        return self.accepts(query, match._replace(read=HIGHEST))

    def confidence(self, query: Query, match: Match) -> float:
        """How sure it is that the match answers the query, from 0 to 1."""
        return self._model(query, match).confidence(figures(query, match))

    @staticmethod
    def allows(match: Match) -> bool:
        """Whether the match can be an answer at all, however sure it is: what was read may say it in other words."""
        return match.read is not None or alike(match)

    def accepts(self, query: Query, match: Match) -> bool:
        """Whether the match answers the query."""
        enough = IN_A_TALK if query.whole is None else self._model(query, match).threshold
        return self.allows(match) and self.confidence(query, match) >= enough

    def _model(self, query: Query, match: Match) -> Model:
        if match.read is None:
            return self.by_words
        return self.in_talk if query.in_talk else self.by_reading


def _reading(question: str, item: Fact | Brief | Dispute, store: FactStore, language: Language) -> float:
    return _encoder().read(question, passage(item, store, language))


def _encoder() -> CrossEncoder:
    try:
        from bot.briefing.cross_encoder import load_cross_encoder  # noqa: PLC0415 (0.4 s that only a question needs)

        return load_cross_encoder()
    except Exception as error:  # whatever a native library finds missing on a machine
        remedy = "Set BRIEFBOT_CROSS_ENCODER=false to answer by words alone, or install briefbot anew."
        raise SettingsError(f"the cross-encoder cannot be loaded ({error}). {remedy}") from error


@lru_cache(maxsize=2)
def load_judge(*, reading: bool = True) -> Judge:
    """The judge with its fitted weights; `reading` is whether it uses the cross-encoder."""
    data = read_data("judge.yaml")
    return Judge(_fitted(data["by_words"]), _fitted(data["by_reading"]), _fitted(data["in_talk"]), reading)


def _fitted(data: Mapping[str, Any]) -> Model:
    weights = {name: float(weight) for name, weight in data["weights"].items()}
    return Model(float(data["bias"]), weights, float(data["threshold"]))
