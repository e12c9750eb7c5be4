"""Revisions as values: what a revision said, as a fingerprint, and the record of them.

`revisions.lock` in the seeds folder holds one line for every revision that was ever
published: fact, revision, fingerprint. It is how a changed statement without a new revision
number is found without a database. `briefbot facts record` adds lines; nothing removes any.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from bot.facts.findings import Finding
from bot.facts.model import Content, Fact

LOCK_FILE = "revisions.lock"
HEADER = (
    "# One line for each revision ever published. Written by `briefbot facts record`; never edit or remove a line.\n"
)

Lock = Mapping[tuple[str, int], str]


def fingerprint(content: Content) -> str:
    """Sixteen hex digits that change whenever a reader would be told something else."""
    told = {name: getattr(content, name) for name in Content.model_fields}
    plain = {
        name: value.model_dump(mode="json") if hasattr(value, "model_dump") else value for name, value in told.items()
    }
    plain["attributions"] = [a.model_dump(mode="json") for a in content.attributions]
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def revisions(fact: Fact) -> Iterable[tuple[int, Content]]:
    """Every revision of a fact, the first one first."""
    yield from ((past.revision, past) for past in fact.history)
    yield fact.revision, fact


def read_lock(folder: Path) -> tuple[Lock, list[Finding]]:
    """Read the record. A line that makes no sense is a finding."""
    path = folder / LOCK_FILE
    if not path.is_file():
        return {}, []
    lock: dict[tuple[str, int], str] = {}
    findings = []
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match line.split():
            case [fact_id, revision, digest] if revision.isdecimal():
                lock[fact_id, int(revision)] = digest
            case _:
                remedy = "Restore the line from version control."
                findings.append(Finding(LOCK_FILE, number, "lock", f"the line {line[:40]!r} is not readable.", remedy))
    return lock, findings


def record(folder: Path, facts: Iterable[Fact]) -> int:
    """Add every revision that is not recorded yet; returns how many were added."""
    lock, _ = read_lock(folder)
    new = {
        (fact.id, number): fingerprint(content)
        for fact in facts
        for number, content in revisions(fact)
        if (fact.id, number) not in lock
    }
    merged = sorted({**lock, **new}.items())
    lines = [f"{fact_id} {number} {digest}\n" for (fact_id, number), digest in merged]
    (folder / LOCK_FILE).write_text(HEADER + "".join(lines), encoding="utf-8")
    return len(new)
