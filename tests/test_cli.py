from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.briefing.card import plain
from bot.desk import Desk
from bot.facts.revisions import LOCK_FILE
from tests import forked
from tests.conftest import CACHE
from tests.newsroom import NOW, STORY, asking, newsroom
from tests.seedfolder import both, raise_revision
from tests.world import PATIENCE

ANSWER = {
    "question", "language", "story", "outcome", "headline", "text", "facts", "disputes", "suggestions", "confidence",
}  # fmt: skip
CARD = {"kind", "language", "title", "text", "blocks", "suggestions", "suggestions_title"}
WHEN = "when did the strike begin?"


@dataclass(frozen=True)
class Done:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON value on standard output."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """The JSON values on standard output, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


class Cli:
    """The command line in a process of its own, with an environment of its own and in an empty folder."""

    def __init__(self, folder: Path, seeds: Path | None) -> None:
        self.folder, self.seeds = folder, seeds

    def __call__(self, *arguments: str | bytes, status: int = 0, stdin: str | bytes = "", **settings: str) -> Done:
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder)}
        environment |= {"BRIEFBOT_NOW": NOW.isoformat(), "BRIEFBOT_CACHE_DIR": str(CACHE)}
        if self.seeds:
            environment["BRIEFBOT_SEEDS_DIR"] = str(self.seeds)
        environment |= settings
        typed = stdin.encode() if isinstance(stdin, str) else stdin
        ended, out, err = forked.run(arguments, self.folder, environment, typed, timeout=PATIENCE)
        found = Done(ended, out.decode("utf-8"), err.decode("utf-8"))
        assert found.status == status, found
        assert "Traceback" not in found.err
        assert "\x1b" not in found.out + found.err
        return found

    def fails(self, *arguments: str | bytes, **settings: str) -> str:
        """What a failing command says: one line on standard error and nothing else."""
        done = self(*arguments, status=1, stdin="", **settings)
        assert done.out == ""
        (line,) = done.err.splitlines()
        assert line.startswith("briefbot: ")
        return line


@pytest.fixture(scope="module", name="seeds")
def _seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return newsroom(tmp_path_factory.mktemp("seeds")).write()


@pytest.fixture(name="cli")
def _cli(tmp_path: Path, seeds: Path) -> Cli:
    return Cli(tmp_path, seeds)


# Asking.


def test_an_answer_is_plain_when_piped_and_the_same_as_at_the_desk(cli: Cli, small: Desk) -> None:
    for question in ("how many dockers are on strike?", "qui est Brook ?"):
        done = cli("ask", question)
        assert done.out == plain(small.ask(question, asking()).card) + "\n"
        assert done.err == ""


def test_an_answer_object_is_as_the_contract_says(cli: Cli) -> None:
    done = cli("ask", "--json", "combien de dockers sont en grève ?")
    found = done.json
    assert done.err == ""
    assert "grève" in done.out
    assert set(found) == ANSWER
    assert (found["question"], found["language"]) == ("combien de dockers sont en grève ?", "fr")
    assert (found["outcome"], found["story"]) == ("answered", STORY)
    assert found["text"].startswith(found["headline"])
    assert found["facts"][0] == {
        "id": "many-strike",
        "statement": "Au moins 50 dockers sont en grève.",
        "status": "reported",
        "as_of": "2025-03-01",
        "attributions": [
            {"said_by": "une source syndicale non nommée", "manner": "anonymous", "via": ["gazette-report"]}
        ],
    }
    (dispute,) = found["disputes"]
    assert set(dispute) == {"id", "at_odds", "positions"}
    assert [set(position) for position in dispute["positions"]] == [{"statement", "said_by", "facts"}] * 2
    assert dispute["positions"][1]["said_by"] == ["un avis municipal"]
    assert isinstance(found["confidence"], float)


def test_refusing_and_asking_back_are_answers_too(cli: Cli) -> None:
    refused = cli("ask", "what is the capital of France?", "--json").json
    assert (refused["outcome"], refused["facts"], refused["disputes"]) == ("no_answer", [], [])
    asked_back = cli("ask", "who is Brook?", "--json").json
    assert (asked_back["outcome"], asked_back["facts"]) == ("clarify", [])
    assert asked_back["suggestions"] == ["who is Tom Brook?", "who is Lena Brook?"]
    assert not any(suggestion in asked_back["text"] for suggestion in asked_back["suggestions"])


def test_any_string_is_a_question_and_turned_down_in_words_when_it_is_none(cli: Cli) -> None:
    for question, said in (("", "no question"), ("\u200b\x1b\n", "no question"), ("who? " * 20_000, "too long")):
        found = cli("ask", "--json", question).json
        assert (found["outcome"], found["facts"], found["question"]) == ("no_answer", [], question)
        assert said in found["headline"]
    assert cli("ask", "--json", b"when did the strike begin?\xff").json["facts"]


def test_the_language_is_the_questions_the_options_or_the_settings(cli: Cli) -> None:
    assert cli("ask", "--json", WHEN, BRIEFBOT_LANG="fr").json["language"] == "en"
    assert cli("ask", "--json", "", BRIEFBOT_LANG="fr").json["language"] == "fr"
    assert cli("ask", "--json", "--lang", "fr", WHEN).json["language"] == "fr"


def test_wrong_usage_is_explained_with_status_2(cli: Cli) -> None:
    for arguments in (
        ["ask"],
        ["ask", WHEN, "--batch", "-", "--json"],
        ["ask", "--batch", "-"],
        ["ask", "--lang", "de", WHEN],
        ["nonsense"],
        ["fact"],
        ["timeline", "--loud"],
    ):
        done = cli(*arguments, status=2)
        assert done.out == ""
        assert "Error: " in done.err


def test_help_teaches(cli: Cli) -> None:
    text = cli("--help").out
    for command in ("ask", "chat", "timeline", "disputes", "sources", "stories", "who", "fact", "eval", "facts"):
        assert f"\n  {command} " in text
    assert "Try: briefbot ask" in text
    for option in ("--json", "--lang", "--story", "--batch", "Examples: briefbot ask"):
        assert option in cli("ask", "-h").out
    assert "Usage" in cli(status=2).out + cli(status=2).err


def test_a_failure_is_one_line_that_says_what_to_do(cli: Cli) -> None:
    assert f"Stories: {STORY}" in cli.fails("ask", "--story", "flood", WHEN)
    assert f"Stories: {STORY}" in cli.fails("timeline", "flood", "--json")
    assert "facts list --json" in cli.fails("fact", "flood")
    assert "Check the path" in cli.fails("ask", "--batch", "nowhere.jsonl", "--json")
    assert "Is a directory" in cli.fails("ask", "--batch", ".", "--json")
    assert "Check the path" in cli.fails("eval", "nowhere.yaml")
    assert "Check the path" in cli.fails("facts", "schema", f"{os.devnull}/schemas")
    assert "BRIEFBOT_LANG" in cli.fails("ask", WHEN, BRIEFBOT_LANG="de")
    assert "BRIEFBOT_NOW" in cli.fails("ask", WHEN, BRIEFBOT_NOW="noon")


# Batches.

BATCH = [
    '{"q": "who is Ada Marsh?", "id": "a", "thread": "one"}',
    '{"q": "when did she resign?", "id": 2, "thread": "one"}',
    '{"q": "when did she resign?", "id": "c"}',
    "",
    '{"q": "qui a peint la chapelle ?"}',
    '{"q": "", "id": "e", "lang": "fr"}',
    '{"q": "who',
    '{"q": "who?", "id": "g", "language": "en"}',
    '{"q": "who?", "id": "h", "story": "flood"}',
    f'{{"q": "{WHEN}", "id": "i"}}',
]


def test_a_batch_answers_line_by_line_and_goes_on_after_bad_ones(cli: Cli) -> None:
    batch = cli.folder / "batch.jsonl"
    batch.write_text("\n".join(BATCH), encoding="utf-8")
    done = cli("ask", "--batch", str(batch), "--json", status=1)
    assert [(line.get("id"), line.get("outcome", "error")) for line in done.lines] == [
        ("a", "answered"),
        (2, "answered"),
        ("c", "clarify"),
        (None, "no_answer"),
        ("e", "no_answer"),
        (None, "error"),
        ("g", "error"),
        ("h", "error"),
        ("i", "answered"),
    ]
    for line in done.lines:
        keys = {"id", "error"} if "error" in line else ANSWER | ({"id"} if "id" in line else set())
        assert set(line) == keys
    assert [line["language"] for line in done.lines[:5]] == ["en", "en", "en", "fr", "fr"]
    assert [line.replace(":", "").split(" ")[:3] for line in done.err.splitlines()] == [
        ["briefbot", "Line", n] for n in ("7", "8", "9")
    ]
    assert "is no JSON" in done.lines[5]["error"]
    assert cli("ask", "--batch", "-", "--json", status=1, stdin=batch.read_bytes()).out == done.out


def test_a_batch_without_bad_lines_ends_well(cli: Cli) -> None:
    done = cli("ask", "--batch", "-", "--json", "--lang", "fr", stdin=f"{BATCH[-1]}\r\n\n".encode() + b'{"q": "\xff"}')
    assert [line["language"] for line in done.lines] == ["fr", "fr"]
    assert done.err == ""
    assert cli("ask", "--batch", "-", "--json").out == ""


# Cards.


def test_every_card_comes_as_text_and_as_json(cli: Cli) -> None:
    kinds = {
        ("timeline",): "timeline",
        ("disputes", STORY): "disputes",
        ("sources",): "sources",
        ("stories",): "stories",
        ("who", "Marsh"): "profile",
        ("who", "Brook"): "clarify",
        ("fact", "ferry-fare"): "fact",
    }
    for arguments, kind in kinds.items():
        card = cli(*arguments, "--json").json
        assert set(card) == CARD
        assert (card["kind"], card["language"]) == (kind, "en")
        assert all(
            set(b) - {"lead"} in ({"line", "role"}, {"statement", "sources", "status", "facts", "label"})
            for b in card["blocks"]
        )
    text = cli("fact", "ferry-fare", "--lang", "fr").out
    assert text.startswith("Fait ferry-fare, révision 2\nLe bac coûte 4 couronnes. — La Gazette (rapporté)\n")


def test_the_moment_can_be_fixed(cli: Cli) -> None:
    assert "re-check" not in cli("fact", "strike-began").out
    assert (
        "Due for a re-check: last checked 10 March 2025."
        in cli("fact", "strike-began", BRIEFBOT_NOW="2030-01-01T00:00Z").out
    )


def test_chat_reads_lines_until_it_is_told_to_leave(cli: Cli) -> None:
    done = cli("chat", stdin="fact ferry-fare\nexit\nstories\n")
    assert "What you can ask" in done.out
    assert "Fact ferry-fare, revision 2" in done.out
    assert "1 dispute" not in done.out


# The digest, in a chat and beside it.


def test_a_chat_delivers_the_digest_when_its_clock_moves_and_not_again_in_the_next(cli: Cli) -> None:
    lines = "digest subscribe quiet Europe/Paris\n:clock +1d\n:clock +1m\ndigest why\nexit\n"
    said = cli("chat", stdin=lines).out
    parts = (
        "What you can ask",
        "Subscribed.",
        "Next: 13 March 2025 at 08:00.",
        "It is now 2025-03-13 12:00 UTC.",
        "Digest, 13 March 2025",
        "A quiet day: nothing has changed since your last digest.",
        "This digest is late.",
        "It is now 2025-03-13 12:01 UTC.",
        "13 March 2025: sent late, on 13 March 2025 at 13:00; it was due on 13 March 2025 at 08:00.",
    )
    places = [said.index(part) for part in parts]
    assert places == sorted(places)
    assert said.count("Digest, 13 March 2025") == 1
    again = cli("chat", stdin=":clock +1d\ndigest list\n").out
    assert "Digest, 13 March 2025" not in again
    assert "Next: 14 March 2025 at 08:00." in again


def test_a_correction_reaches_the_chat_in_which_the_old_version_was_shown(cli: Cli) -> None:
    own = newsroom(cli.folder / "own")
    cli.seeds = own.write()
    cli("facts", "record")
    assert "The ferry costs 4 crowns." in cli("chat", stdin="what does the ferry cost?\n").out
    assert "Correction" not in cli("chat", stdin="help\n").out
    raise_revision(own.fact("ferry-fare"), statement=both("The ferry costs 5 crowns."))
    own.write()
    said = cli("chat", stdin="help\n").out
    assert "1 statement that was shown here has been corrected." in said
    assert "Before: The ferry costs 4 crowns." in said
    assert "Now: The ferry costs 5 crowns." in said
    assert "1 statement" not in cli("chat", stdin="help\n").out
    (report,) = cli("corrections", "--json").json
    assert (report["facts"], report["reached"], report["open"], report["seen"]) == (["ferry-fare"], 1, 0, 0)
    assert "1 place to reach; 1 reached" in cli("corrections").out
    assert "1 atteints" in cli("corrections", "--lang", "fr").out


def test_a_preview_needs_no_subscription(cli: Cli) -> None:
    cli("db", "upgrade", BRIEFBOT_NOW="2025-03-01T00:00Z")
    assert cli("digest", "preview").out.startswith("Digest, 12 March 2025\n")
    since = cli("digest", "preview", "--since", "2025-03-01", "--json").json
    assert set(since) == CARD
    assert since["kind"] == "digest"
    assert "new facts" in since["blocks"][0]["line"]
    french = cli("digest", "preview", "--since", "2025-03-01", "--lang", "fr", "--full", "--story", STORY)
    assert "nouveaux faits" in french.out
    assert len(french.out) > len(cli("digest", "preview", "--since", "2025-03-01", "--lang", "fr").out)
    assert "Write the date as 2026-11-20." in cli.fails("digest", "preview", "--since", "yesterday")
    assert f"Stories: {STORY}" in cli.fails("digest", "preview", "--story", "flood")


def test_the_state_of_delivery_and_of_corrections_can_be_looked_at(cli: Cli) -> None:
    assert "0 active, 0 paused, 0 stopped" in cli("digest", "status").out
    assert "No correction has had to reach anybody yet." in cli("corrections").out
    assert cli("corrections", "--json").json == []
    cli("chat", stdin="digest subscribe quiet\n:clock +1d\n")
    assert "1 active, 0 paused, 0 stopped" in cli("digest", "status").out
    assert "Deliveries: sent 1." in cli("digest", "status").out
    assert set(cli("digest", "status", "--json").json) == CARD


def test_what_is_kept_of_a_person_is_handed_out_and_deleted(cli: Cli) -> None:
    cli("chat", stdin="digest subscribe\nwhat is the capital of France?\n", LOGNAME="ada")
    kept = cli("people", "export", "terminal/local/ada").json
    assert [row["text"] for row in kept["questions"]] == ["what is the capital of France?"]
    assert len(kept["subscriptions"]) == len(kept["places"]) == 1
    said = cli("people", "forget", "terminal/local/ada").out
    assert "questions: 1" in said
    assert "subscriptions: 1" in said
    assert not any(cli("people", "export", "terminal/local/ada").json.values())
    assert cli("people", "forget", "terminal/local/ada").out == "Nothing was kept.\n"
    for wrong in ("ada", "terminal/local", "terminal//ada", "a/b/c/d"):
        assert "platform/workspace/id" in cli.fails("people", "export", wrong)


def test_the_database_is_made_where_the_settings_say(cli: Cli) -> None:
    done = cli("db", "upgrade")
    assert done.out.startswith("The database is up to date (sqlite")
    assert (cli.folder / ".local" / "share" / "briefbot" / "briefbot.db").is_file()
    cli("db", "upgrade", BRIEFBOT_DATA_DIR=str(cli.folder / "data"))
    assert (cli.folder / "data" / "briefbot.db").is_file()
    cli("db", "upgrade", DATABASE_URL=f"sqlite:///{cli.folder / 'own.db'}")
    assert (cli.folder / "own.db").is_file()


def test_a_database_that_cannot_be_used_is_explained_without_its_password(cli: Cli) -> None:
    for command in (
        ("chat",),
        ("db", "upgrade"),
        ("digest", "status"),
        ("corrections",),
        ("people", "export", "a/b/c"),
    ):
        for url in ("mysql://user:hunter2@host/x", "postgresql://user:hunter2@127.0.0.1:1/x"):
            said = cli.fails(*command, DATABASE_URL=url)
            assert "DATABASE_URL" in said
            assert "hunter2" not in said
    assert cli("ask", WHEN, DATABASE_URL="mysql://user:hunter2@host/x").out


# Facts.


def test_facts_are_listed_one_object_a_line_whatever_their_state(cli: Cli, small: Desk) -> None:
    listed = {line["id"]: line for line in cli("facts", "list", "--json").lines}
    assert list(listed) == list(small.store.facts)
    assert listed["few-strike"] == {
        "id": "few-strike",
        "revision": 1,
        "state": "current",
        "story": STORY,
        "topic": "strike-size",
        "statement": {"en": "At most 40 dockers are on strike.", "fr": "Au plus 40 dockers sont en grève."},
        "status": "reported",
        "as_of": "2025-03-01",
        "checked": "2025-03-10",
        "date": None,
        "value": {"min": None, "max": 40, "unit": "dockers", "bound": "at_most"},
        "entities": [],
        "origins": 1,
        "attributions": [{"said_by": "a town notice", "manner": "document", "via": ["town-notice"]}],
    }
    assert listed["mayor-resigned"]["date"] == "2025-03-04?"
    states = {fact_id: listed[fact_id]["state"] for fact_id in ("pier-open", "pier-burned")}
    assert states == {"pier-open": "superseded", "pier-burned": "retracted"}
    assert len(cli("facts", "list").out.splitlines()) == len(listed)


def test_revisions_are_recorded_and_then_the_check_is_clean(cli: Cli) -> None:
    cli.seeds = newsroom(cli.folder / "own").write()
    unrecorded = cli("facts", "check", status=1).out
    assert "facts record" in unrecorded
    number = sum(len(fact.history) + 1 for fact in newsroom(cli.folder / "own").load().facts.values())
    assert cli("facts", "record").out == f"{number} revision(s) recorded in {cli.seeds / LOCK_FILE}.\n"
    assert cli("facts", "check").out == f"No findings in {cli.seeds}.\n"
    assert cli("facts", "check", "--json").json == []
    assert cli("facts", "record").out.startswith("0 revision(s)")


def test_broken_facts_explain_themselves(cli: Cli) -> None:
    seeds = newsroom(cli.folder / "own")
    seeds.facts[0]["topic"] = "nowhere"
    seeds.entities[0]["described_by"] = ["nothing"]
    cli.seeds = seeds.write()
    assert "facts check" in cli.fails("ask", WHEN)
    assert "facts check" in cli.fails("facts", "list", "--json")
    checked = cli("facts", "check", status=1)
    findings = [f for f in cli("facts", "check", "--json", status=1).json if f["rule"] != "unrecorded"]
    assert [(f["file"], set(f)) for f in findings] == [
        (f"{STORY}/entities.yaml", {"file", "line", "rule", "problem", "remedy"}),
        (f"{STORY}/facts.yaml", {"file", "line", "rule", "problem", "remedy"}),
    ]
    for finding in findings:
        assert f"{finding['file']}:{finding['line']}  {finding['problem']} {finding['remedy']}\n" in checked.out
    cli.seeds = cli.folder / "nowhere"
    assert "BRIEFBOT_SEEDS_DIR" in cli.fails("ask", WHEN)
    assert "BRIEFBOT_SEEDS_DIR" in cli("facts", "check", status=1).out


def test_schemas_are_written_for_the_code_editor(cli: Cli) -> None:
    written = cli("facts", "schema", "schemas").out.splitlines()
    assert {Path(path).name for path in written} >= {"documents.schema.json", "facts.schema.json"}
    for path in written:
        assert json.loads((cli.folder / path).read_text(encoding="utf-8"))["type"] == "object"


# Scores.


def test_questions_are_scored(cli: Cli) -> None:
    good, bad = cli.folder / "good.yaml", cli.folder / "bad.yaml"
    good.write_text(f"- id: good\n  q: {WHEN}\n  abstain: false\n  must: [dockers]\n", encoding="utf-8")
    bad.write_text(f"- id: bad\n  q: {WHEN}\n  abstain: true\n", encoding="utf-8")
    report = cli("eval", "good.yaml", "bad.yaml", "--json").json
    assert (report["tallies"]["all"]["questions"], report["tallies"]["all"]["passed"]) == (2, 1)
    assert [failure["id"] for failure in report["failures"]] == ["bad"]
    assert cli("eval", "good.yaml", "--fail", "--json").json["failures"] == []
    assert "answered what the facts do not hold" in cli("eval", "bad.yaml", "--fail", status=1).out
    assert "answered what" not in cli("eval", "bad.yaml", "--quiet").out
    bad.write_text("- id: bad\n  q: why?\n  abstain: 7\n", encoding="utf-8")
    assert "bad.yaml:3  `abstain`" in cli.fails("eval", "good.yaml", "bad.yaml")


# The facts that come with the package.


def test_without_settings_the_packaged_facts_answer_from_any_folder(tmp_path: Path) -> None:
    found = Cli(tmp_path, None)("ask", "--json", "how many soldiers were arrested in Mali?").json
    assert (found["story"], found["outcome"]) == ("mali-arrests", "answered")
    assert found["disputes"]
    assert list(tmp_path.iterdir()) == []


def test_without_a_token_there_is_nothing_to_run(cli: Cli) -> None:
    told = cli("run", status=1).err
    assert told.startswith("briefbot: No token is set")
    assert len(told.splitlines()) == 1
    cli("run", "--only", "teletext", status=2)


def test_the_doctor_tells_in_words_and_as_json(cli: Cli) -> None:
    seen = {finding["subject"]: finding for finding in cli("doctor", "--json").json}
    assert seen["facts"]["level"] == "fine"
    assert seen["tokens"]["level"] == "warning"
    text = cli("doctor", BRIEFBOT_ZOEN="x", DATABASE_URL="postgresql://u:hunter2@127.0.0.1:1/x", status=1)
    assert "Did you mean BRIEFBOT_ZONE?" in text.out
    assert "failure" in text.out
    assert "hunter2" not in text.out + text.err


def test_a_backup_is_restored_into_another_database(cli: Cli) -> None:
    cli("chat", stdin="digest subscribe\nwhat does the ferry cost?\n")
    assert "records in backup.gz" in cli("db", "backup", "backup.gz").out
    refused = cli("db", "restore", "backup.gz", status=1)
    assert "an empty one" in refused.err
    assert "records restored" in cli("db", "restore", "backup.gz", DATABASE_URL="sqlite:///other.db").out
    assert "subscribe" not in cli("chat", stdin="digest list\n", DATABASE_URL="sqlite:///other.db").err
    assert "Next" in cli("chat", stdin="digest list\n", DATABASE_URL="sqlite:///other.db").out
    cli("db", "backup", "nowhere/backup.gz", status=1)
    assert "no whole backup" in cli("db", "restore", "nothing.gz", DATABASE_URL="sqlite:///third.db", status=1).err


def test_without_settings_the_cache_is_the_users_own(tmp_path: Path, seeds: Path) -> None:
    Cli(tmp_path, seeds)("ask", WHEN, BRIEFBOT_CACHE_DIR="")
    assert [path.suffix for path in (tmp_path / ".cache" / "briefbot").iterdir()] == [".npz"]
