"""A strict reader for seed files: YAML's plain core, with every scalar as a string.

PyYAML's own loaders turn `NO` into False and `12:30` into 750, let a duplicate key win
silently and follow anchors that explode. Here the event stream of libyaml is read directly:
no anchors, aliases or tags, no duplicate keys, bounded size and depth, and the line of each
value is kept for findings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.facts.findings import Finding

MOST_BYTES = 1_000_000
DEEPEST = 20

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

PathKey = tuple[str | int, ...]


@dataclass(slots=True)
class Tree:
    """What a file holds: plain dicts, lists, strings and None, and the line of each path."""

    data: Any = None
    lines: dict[PathKey, int] = field(default_factory=dict)

    def line(self, path: PathKey) -> int:
        """The line (from 1) of the value at `path`, or of the nearest value around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class _Refused(Exception):  # noqa: N818 (never leaves this file)
    def __init__(self, mark: Any, rule: str, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.line = mark.line + 1 if mark else 1
        self.rule, self.problem, self.remedy = rule, problem, remedy


def read_yaml(path: Path, name: str) -> tuple[Tree, list[Finding]]:
    """Read one file. `name` is what findings call it. A file that cannot be read is a finding."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            problem = f"the file has {size:,} bytes; at most {MOST_BYTES:,} are read."
            return Tree(), [Finding(name, 0, "too-large", problem, "Split it into several files of the same folder.")]
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        return Tree(), [Finding(name, 0, "encoding", f"byte {error.start} is not UTF-8.", "Save the file as UTF-8.")]
    except OSError as error:
        return Tree(), [Finding(name, 0, "unreadable", f"{error.strerror}.", "Check the path and its permissions.")]
    return read_text(text, name)


def read_text(text: str, name: str) -> tuple[Tree, list[Finding]]:
    """Read YAML from a string; see `read_yaml`."""
    tree = Tree()
    try:
        events = yaml.parse(text, Loader=LOADER)
        tree.data = _Builder(events, tree.lines).document()
    except _Refused as refused:
        return Tree(), [Finding(name, refused.line, refused.rule, refused.problem, refused.remedy)]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "is not valid YAML"
        line = mark.line + 1 if mark else 1
        remedy = "Look for a missing quote, colon or indent there or just above."
        return Tree(), [Finding(name, line, "yaml", f"not valid YAML: {problem}.", remedy)]
    return tree, []


class _Builder:
    def __init__(self, events: Iterator[Any], lines: dict[PathKey, int]) -> None:
        self.events = events
        self.lines = lines

    def document(self) -> Any:
        for event in self.events:
            if isinstance(event, (yaml.StreamStartEvent, yaml.DocumentStartEvent)):
                continue
            if isinstance(event, yaml.StreamEndEvent):
                return None
            value = self.value(event, ())
            for rest in self.events:
                if isinstance(rest, yaml.DocumentStartEvent):
                    raise _Refused(rest.start_mark, "documents", "a second YAML document begins here.", "Remove `---`.")
            return value
        return None

    def value(self, event: Any, path: PathKey) -> Any:
        self.lines[path] = event.start_mark.line + 1
        self.plain(event)
        if len(path) > DEEPEST:
            problem = f"values are nested more than {DEEPEST} deep."
            raise _Refused(event.start_mark, "too-deep", problem, "Check brackets and indentation.")
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(path)
        plain_null = event.implicit[0] and event.value in ("", "null", "~")
        return None if plain_null else event.value

    def plain(self, event: Any) -> None:
        """Refuse what YAML can do beyond writing a value or key down."""
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise _Refused(event.start_mark, "anchor", "anchors and aliases are not read.", "Write the value out.")
        if event.tag is not None:
            raise _Refused(event.start_mark, "tag", f"the tag {event.tag[:40]!r} is not read.", "Remove it.")

    def mapping(self, path: PathKey) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            self.plain(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise _Refused(event.start_mark, "key", "a key must be a word.", "Put quotes around it.")
            key = event.value
            if key in found:
                remedy = "Keep one; the other would silently win."
                raise _Refused(event.start_mark, "duplicate-key", f"the key `{key[:40]}` stands here twice.", remedy)
            found[key] = self.value(next(self.events), (*path, key))
        return found

    def sequence(self, path: PathKey) -> list[Any]:
        found: list[Any] = []
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            found.append(self.value(event, (*path, len(found))))
        return found
