"""What others find: three search engines over the same statements, one sentence a hit."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence

from bot.facts.text import fold

Search = Callable[[str], list[int]]
HITS = 5
WORD = re.compile(r"[^\W_]+")


def engines(statements: Sequence[str]) -> dict[str, Search]:
    """A search for each engine: a question in, the numbers of the best statements out, best first."""
    return {"tantivy": _tantivy(statements), "bm25s": _bm25s(statements), "SQLite FTS5": _fts5(statements)}


def _tantivy(statements: Sequence[str]) -> Search:
    import tantivy  # noqa: PLC0415 (of the extra `bench`)

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text")
    builder.add_unsigned_field("number", stored=True)
    index = tantivy.Index(builder.build())
    writer = index.writer()
    for number, statement in enumerate(statements):
        writer.add_document(tantivy.Document(text=fold(statement), number=number))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def search(question: str) -> list[int]:
        query = index.parse_query(" ".join(WORD.findall(fold(question))).lower() or "?", ["text"])
        return [searcher.doc(address)["number"][0] for _, address in searcher.search(query, HITS).hits]

    return search


def _bm25s(statements: Sequence[str]) -> Search:
    import bm25s  # noqa: PLC0415 (of the extra `bench`)

    retriever = bm25s.BM25()
    tokens = bm25s.tokenize([fold(s) for s in statements], stopwords=None, show_progress=False)
    retriever.index(tokens, show_progress=False)
    known = retriever.vocab_dict

    def search(question: str) -> list[int]:
        words = [word for word in WORD.findall(fold(question)) if word in known]
        if not words:
            return []
        found, _ = retriever.retrieve([words], k=min(HITS, len(statements)), show_progress=False, n_threads=0)
        return [int(number) for number in found[0]]

    return search


def _fts5(statements: Sequence[str]) -> Search:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE facts USING fts5(text)")
    rows = ((number, fold(statement)) for number, statement in enumerate(statements))
    database.executemany("INSERT INTO facts (rowid, text) VALUES (?, ?)", rows)
    database.commit()

    def search(question: str) -> list[int]:
        match = " OR ".join(f'"{word}"' for word in WORD.findall(fold(question)))
        if not match:
            return []
        query = "SELECT rowid FROM facts WHERE facts MATCH ? ORDER BY bm25(facts) LIMIT ?"
        return [row[0] for row in database.execute(query, (match, HITS))]

    return search
