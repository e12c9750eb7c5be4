"""The cache: the facts as they were read, checked and indexed, for the next start.

A file is named after everything that it was made from: the seed files, the code and word lists
that read them, the packages that these use. So none is ever out of date, only unused. Without a
cache, or with one that is damaged or cannot be written, all works the same and starts later.
"""

from __future__ import annotations

import hashlib
import logging
import platform
import struct
import time
import unicodedata
import zipfile
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np

from bot.briefing.index import Index
from bot.briefing.packing import pack, unpack
from bot.facts.arrays import Arrays
from bot.settings import Settings, cache_folder, seeds_folder

log = logging.getLogger(__name__)

CODE = Path(__file__).parent.parent  # of which these rooms decide what is in a cache
ROOMS, SUFFIXES = ("facts", "briefing"), (".py", ".yaml")
PACKAGES = ("babel", "numpy", "pydantic", "pyspellchecker", "pyyaml", "snowballstemmer")
MOST_KEPT = 4  # files; a newsroom goes back and forth between a few states of its facts
ABANDONED = 3600.0  # seconds after which an unfinished file is no longer being written
# What reading a file can run into that is cut off, damaged or something else altogether.
DAMAGE = (
    *(OSError, ValueError, KeyError, TypeError, EOFError, RuntimeError, OverflowError, SyntaxError),
    *(struct.error, zipfile.BadZipFile),
)


def load_index(settings: Settings) -> Index:
    """The facts that the settings point to, indexed; from the cache when it has them.

    Raises:
        SeedsError: the facts cannot be used.
    """
    seeds, folder = seeds_folder(settings).resolve(), cache_folder(settings)
    key = key_of(seeds)
    file = folder / f"facts-{key}.npz"
    index = read_index(file)
    if index is None:
        index = _made(seeds)
        if key_of(seeds) == key:  # nobody saved anything meanwhile
            write_index(file, pack(index))
    return index


def key_of(seeds: Path) -> str:
    """A name for what an index of these seeds is made from."""
    said = [platform.python_version(), unicodedata.unidata_version, *(f"{name} {version(name)}" for name in PACKAGES)]
    made = hashlib.blake2b("\n".join(said).encode(), digest_size=16)
    code = (path for room in ROOMS for path in (CODE / room).rglob("*") if path.suffix in SUFFIXES)
    for root, paths in ((CODE, code), (seeds, seeds.rglob("*.*"))):
        for path in sorted(paths):
            with suppress(OSError):  # what cannot be read is told of when the facts are read
                content = path.read_bytes()
                made.update(f"\n{path.relative_to(root).as_posix()} {len(content)}\n".encode(errors="surrogateescape"))
                made.update(content)
    return made.hexdigest()


def _made(seeds: Path) -> Index:
    # What a start from the cache does not need is not imported.
    from bot.briefing.indexing import build  # noqa: PLC0415
    from bot.briefing.lexicon import load_lexicon  # noqa: PLC0415
    from bot.facts.load import load_store  # noqa: PLC0415

    return build(load_store(seeds), load_lexicon())


def read_index(file: Path) -> Index | None:
    """The index in a cache file; None when there is none, or none that can be used."""
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            index = unpack({name: arrays[name] for name in arrays.files})
    except FileNotFoundError:
        return None
    except DAMAGE as error:
        log.warning("The cache %s cannot be used and is made anew: %s", file, error)
        return None
    with suppress(OSError):
        file.touch()  # so that the files in use are kept
    return index


def write_index(file: Path, arrays: Arrays) -> None:
    """Write the whole file or none of it: it appears under its name when it is complete."""
    folder = file.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder, prefix="facts-", suffix=".part", delete=False) as part:
            path = Path(part.name)
            try:
                np.savez(part, **arrays)  # type: ignore[arg-type]  # its own flag beside the arrays' names
                part.close()
                path.replace(file)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        _tidy(folder)
    except OSError as error:
        log.info("No cache is kept in %s: %s", folder, error)


def _tidy(folder: Path) -> None:
    """Keep the files that were used last, and none that nobody finished."""
    used: list[tuple[float, Path]] = []
    for path in folder.glob("facts-*"):
        with suppress(OSError):  # another process may tidy up too
            used.append((path.stat().st_mtime, path))
    whole = sorted(((at, path) for at, path in used if path.suffix == ".npz"), reverse=True)
    parts = [path for at, path in used if path.suffix == ".part" and at < time.time() - ABANDONED]
    for path in (*(path for _, path in whole[MOST_KEPT:]), *parts):
        with suppress(OSError):
            path.unlink()
