"""From a folder of seed files to a fact store: all of it, or every finding."""

from __future__ import annotations

from pathlib import Path

from bot.facts.check import check_references, check_revisions, check_wording
from bot.facts.findings import Finding, SeedsError
from bot.facts.reading import read_folder
from bot.facts.revisions import read_lock
from bot.facts.store import FactStore


def load_store(folder: Path) -> FactStore:
    """Read and check a folder of seeds.

    Facts that are not recorded in the lock file yet are loaded; a recorded revision whose
    content has changed is not.

    Raises:
        SeedsError: with every finding, when there is any; nothing is loaded then.
    """
    store, findings = _load(folder, unrecorded=False)
    if findings:
        raise SeedsError(findings)
    return store


def all_findings(folder: Path) -> list[Finding]:
    """Every finding of a folder, sorted by file and line."""
    return _load(folder, unrecorded=True)[1]


def _load(folder: Path, *, unrecorded: bool) -> tuple[FactStore, list[Finding]]:
    loading = read_folder(folder)
    store = loading.store()
    check_references(loading, store)
    check_wording(loading)
    lock, lock_findings = read_lock(folder)
    loading.findings += lock_findings
    check_revisions(loading, lock, unrecorded=unrecorded)
    return store, sorted(set(loading.findings))
