"""Reads a question beside what a unit says, and tells how likely the one is answered by the other.

A cross-encoder: a transformer of 24 million weights that sees both texts at once. It weighs
what editors wrote and writes nothing itself. `tests/benchmarks/fit_cross_encoder.py` makes it.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import as_file, files

import numpy as np
import onnxruntime
from sentencepiece import SentencePieceProcessor

MOST_OF_A_QUESTION, MOST_OF_A_PASSAGE = 36, 176  # pieces that are read; the rest is cut off
BEGIN, END = 0, 2  # pieces
SURE = 8.0  # a logit that it hardly ever passes
AT_HAND = 4_096  # passages in pieces, and readings, that are kept


class CrossEncoder:
    """Loaded weights. Reading takes some 5 to 20 ms for each passage on one core, by its length."""

    def __init__(self, network: str, pieces: str) -> None:
        """`network` is the path of an ONNX file, `pieces` that of a SentencePiece model."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
        self._pieces = SentencePieceProcessor(model_file=pieces)
        self._encoded = lru_cache(maxsize=AT_HAND)(self._encode)
        self._read = lru_cache(maxsize=AT_HAND)(self._logit)

    def read(self, question: str, passage: str) -> float:
        """How far the passage answers the question: its logit, from -`SURE` to `SURE`, brought to 0 to 1."""
        return (min(max(self._read(question, passage), -SURE), SURE) + SURE) / (2 * SURE)

    def _logit(self, question: str, passage: str) -> float:
        asked = [BEGIN, *self._encode(question, MOST_OF_A_QUESTION), END]
        told = [*self._encoded(passage, MOST_OF_A_PASSAGE), END]
        pieces = np.array([asked + told], np.int64)
        sides = np.array([[0] * len(asked) + [1] * len(told)], np.int64)
        (logits,) = self._session.run(None, {"pieces": pieces, "sides": sides})
        return float(logits[0])

    def _encode(self, text: str, most: int) -> list[int]:
        # Half of a surrogate pair, which some program sent, is no text that can be cut into pieces.
        found: list[int] = self._pieces.encode(text.encode(errors="replace").decode())
        return found[:most]


@lru_cache(maxsize=1)
def load_cross_encoder() -> CrossEncoder:
    """The packaged one; it takes some 0.4 s and 75 MB."""
    data = files("bot.briefing") / "data"
    with as_file(data / "cross_encoder.onnx") as network, as_file(data / "pieces.model") as pieces:
        return CrossEncoder(str(network), str(pieces))
