from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.adapters.terminal.scoring import read_questions
from bot.app import build_desk, caching
from bot.briefing.judging import load_judge
from bot.desk import Desk
from bot.facts.findings import SeedsError
from bot.facts.load import load_store
from bot.settings import Settings, cache_folder
from tests.conftest import ROOT
from tests.newsroom import NOW, asking, newsroom
from tests.seedfolder import SeedFolder, both, raise_revision
from tests.world import PATIENCE

ASKED = (
    "when did the strike begin?",
    "combien de dockers sont en grève ?",
    "who is Brook?",
    "Ada Marsh",
    "did Tom Brook take bribes?",
    "what is the capital of France?",
    "what does the zzyzx cost?",
    "who caled the strke?",
)


@pytest.fixture(name="seeds")
def _seeds(tmp_path: Path) -> SeedFolder:
    seeds = newsroom(tmp_path / "seeds")
    seeds.write()
    return seeds


@pytest.fixture(name="settings")
def _settings(tmp_path: Path, seeds: SeedFolder) -> Settings:
    # By words: what a cross-encoder reads is not in the cache, and takes a hundred times as long.
    return Settings(seeds_dir=seeds.root, cache_dir=tmp_path / "cache", cross_encoder=False)


def answers(desk: Desk, questions: tuple[str, ...] = ASKED) -> str:
    found = [desk.ask(question, asking()) for question in questions]
    return json.dumps([(answer.as_json(desk.store), answer.trace) for answer in found])


def files(settings: Settings) -> list[Path]:
    return sorted(cache_folder(settings).iterdir())


def test_every_answer_is_the_same_with_and_without_a_cache(tmp_path: Path) -> None:
    settings = Settings(seeds_dir=ROOT / "seeds", cache_dir=tmp_path / "cache", cross_encoder=False)
    paths = sorted((ROOT / "tests/questions").glob("*.yaml"))
    questions = tuple(question.q for path in paths for question in read_questions(path))[::9]
    plain = answers(Desk(load_store(ROOT / "seeds"), load_judge(reading=False)), questions)
    assert answers(build_desk(settings), questions) == plain
    (file,) = files(settings)
    written = file.read_bytes()
    assert answers(build_desk(settings), questions) == plain
    assert file.read_bytes() == written


def test_a_start_from_the_cache_reads_no_seed_files_as_yaml(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = answers(build_desk(settings))
    monkeypatch.setattr(caching, "_made", lambda _: pytest.fail("the facts were read again"))
    assert answers(build_desk(settings)) == first


def test_changed_facts_are_read_and_go_back_to_the_same_file(settings: Settings, seeds: SeedFolder) -> None:
    before, (file,) = answers(build_desk(settings)), files(settings)
    raise_revision(seeds.fact("strike-began"), statement=both("It all began in March.", "Tout a débuté en mars."))
    seeds.write()
    assert "It all began in March." in answers(build_desk(settings))
    assert len(files(settings)) == 2
    newsroom(seeds.root).write()
    assert answers(build_desk(settings)) == before
    assert file in files(settings)
    assert len(files(settings)) == 2


def test_other_code_and_other_packages_use_another_file(
    tmp_path: Path, seeds: SeedFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = caching.key_of(seeds.root)
    assert caching.key_of(newsroom(tmp_path / "elsewhere").write()) == key
    with monkeypatch.context() as patched:
        patched.setattr(caching, "version", lambda name: f"{name} 99")
        assert caching.key_of(seeds.root) != key
    code = tmp_path / "bot"
    (code / "facts").mkdir(parents=True)
    monkeypatch.setattr(caching, "CODE", code)
    assert len({key, caching.key_of(seeds.root)}) == 2
    (code / "facts" / "model.py").write_text("pass", encoding="utf-8")
    changed = caching.key_of(seeds.root)
    (code / "facts" / "model.py").rename(code / "facts" / "text.py")
    assert len({key, changed, caching.key_of(seeds.root)}) == 3


def damaged(content: bytes) -> dict[str, bytes]:
    size = len(content)
    flipped = {
        f"byte {at}": content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]
        for at in (*range(0, 200, 7), *range(200, size, size // 40), *range(size - 300, size, 11))
    }
    cuts = {f"first {n}": content[:n] for n in (0, 1, 30, size // 2, size - 1)}
    return {**flipped, **cuts, "text": b"not a cache", "pickle": b"\x80\x04N.", "behind": content[100:]}


def test_a_damaged_file_is_made_anew(settings: Settings) -> None:
    before, (file,) = answers(build_desk(settings)), files(settings)
    content = file.read_bytes()
    for what, wrong in damaged(content).items():
        file.write_bytes(wrong)
        index = caching.read_index(file)
        if index is not None:  # a byte that nothing depends on
            assert answers(Desk(index.store, load_judge(reading=False), index=index)) == before, what
    file.write_bytes(content[: len(content) // 2])
    assert answers(build_desk(settings)) == before
    assert file.read_bytes() == content
    file.unlink()
    file.mkdir()
    assert answers(build_desk(settings)) == before


def test_a_folder_that_cannot_be_written_is_done_without(settings: Settings, tmp_path: Path) -> None:
    before = answers(build_desk(settings))
    (tmp_path / "file").write_text("", encoding="utf-8")
    for folder in (tmp_path / "file", tmp_path / "file" / "below", Path(os.devnull) / "below", Path("/proc/none")):
        assert answers(build_desk(settings.model_copy(update={"cache_dir": folder}))) == before


def test_an_interrupted_write_leaves_nothing_behind(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("numpy.savez", full)
    before = answers(build_desk(settings))
    assert files(settings) == []
    monkeypatch.undo()
    assert answers(build_desk(settings)) == before


def test_facts_that_cannot_be_used_are_refused_every_time(settings: Settings, seeds: SeedFolder) -> None:
    build_desk(settings)
    seeds.facts[0]["topic"] = "nowhere"
    seeds.write()
    for _ in range(2):
        with pytest.raises(SeedsError):
            build_desk(settings)
    assert len(files(settings)) == 1


def test_facts_saved_while_they_are_read_are_not_kept_under_the_old_name(
    settings: Settings, seeds: SeedFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = caching._made

    def meanwhile(folder: Path) -> object:
        seeds.put("notes.txt", str(time.monotonic_ns()))
        return made(folder)

    monkeypatch.setattr(caching, "_made", meanwhile)
    build_desk(settings)
    assert not cache_folder(settings).exists()


def test_the_files_used_last_are_kept_and_unfinished_ones_are_not(settings: Settings, seeds: SeedFolder) -> None:
    folder = cache_folder(settings)
    build_desk(settings)
    (first,) = files(settings)
    old = time.time() - 2 * caching.ABANDONED
    for number in range(caching.MOST_KEPT + 2):
        other = folder / f"facts-{number}.npz"
        other.touch()
        os.utime(other, (old + number, old + number))
    (folder / "facts-new.part").touch()
    (folder / "facts-old.part").touch()
    os.utime(folder / "facts-old.part", (old, old))
    (folder / "something-else").touch()
    os.utime(first, (old - 9, old - 9))
    build_desk(settings)  # used again
    seeds.put("notes.txt", "changed")
    build_desk(settings)
    names = {path.name for path in files(settings)}
    assert first.name in names
    assert {"facts-new.part", "something-else"} < names
    assert "facts-old.part" not in names
    assert len([name for name in names if name.endswith(".npz")]) == caching.MOST_KEPT


def test_several_processes_may_start_at_once(settings: Settings, seeds: SeedFolder) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "BRIEFBOT_SEEDS_DIR": str(seeds.root),
        "BRIEFBOT_CACHE_DIR": str(cache_folder(settings)),
        "BRIEFBOT_NOW": NOW.isoformat(),
        "BRIEFBOT_CROSS_ENCODER": "false",
    }
    command = [sys.executable, "-m", "bot", "ask", "--json", ASKED[0]]
    started = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) for _ in range(3)]
    printed = {process.communicate(timeout=PATIENCE)[0] for process in started}
    assert [process.returncode for process in started] == [0, 0, 0]
    assert len(printed) == 1
    assert json.loads(printed.pop())["facts"]
    assert [path.suffix for path in files(settings)] == [".npz"]
