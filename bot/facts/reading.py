"""Reading a folder of seed files against their schema, with the place of every value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from bot.facts.findings import Finding
from bot.facts.model import (
    Asks,
    BriefsFile,
    DisputesFile,
    DocumentsFile,
    EntitiesFile,
    FactsFile,
    LocalText,
    StoryFile,
)
from bot.facts.store import FactStore
from bot.facts.yamlread import PathKey, Tree, read_yaml

DOCUMENTS_FILE = "documents.yaml"
KINDS: dict[str, type[BaseModel]] = {
    "story": StoryFile,
    "entities": EntitiesFile,
    "facts": FactsFile,
    "briefs": BriefsFile,
    "disputes": DisputesFile,
}


Place = tuple[str, Tree, PathKey]  # file, its tree, path of the item in it


@dataclass(slots=True)
class Loading:
    """What one pass over the files gave: values, where each stands, and findings."""

    items: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {
            kind: {}
            for kind in ("publishers", "documents", "stories", "topics", "entities", "facts", "briefs", "disputes")
        }
    )
    story_of: dict[str, str] = field(default_factory=dict)
    places: dict[tuple[str, str], Place] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)  # ids of items that have findings of their own
    unread: set[str] = field(default_factory=set)  # kinds of which a file could not be read

    def finding(self, kind: str, item_id: str, path: PathKey, rule: str, problem: str, remedy: str) -> None:
        """Note a finding about part of an item, at its line."""
        file, tree, base = self.places[kind, item_id]
        self.findings.append(Finding(file, tree.line((*base, *path)), rule, f"{item_id}: {problem}", remedy))

    def store(self) -> FactStore:
        """The store of what could be read."""
        stories = sorted(self.items["stories"].values(), key=lambda story: (story.rank, story.id))
        items: dict[str, Any] = {**self.items, "stories": {s.id: s for s in stories}}
        return FactStore(**items, story_of=self.story_of)


def read_folder(folder: Path) -> Loading:
    """Read every seed file of a folder, noting what does not fit its schema."""
    loading = Loading()
    if not (folder / DOCUMENTS_FILE).is_file():
        problem = f"there is no {DOCUMENTS_FILE} in {folder}."
        loading.findings.append(
            Finding(
                DOCUMENTS_FILE, 0, "no-documents", problem, "Point BRIEFBOT_SEEDS_DIR to the folder with the facts."
            )
        )
        loading.unread.update(loading.items)
        return loading
    for path, kind, story in seed_files(folder):
        name = path.relative_to(folder).as_posix()
        model = DocumentsFile if kind == "documents" else KINDS[kind]
        if not path.resolve().is_relative_to(folder.resolve()):
            remedy = "Copy the file into the folder."
            loading.findings.append(Finding(name, 0, "outside", "the file leads out of the seeds folder.", remedy))
            loading.unread.update(model.model_fields)
            continue
        _read_file(loading, path, name, model, story)
    for path in _overlooked(folder):
        name = path.relative_to(folder).as_posix()
        names = ", ".join(f"{kind}.yaml" for kind in KINDS)
        remedy = f"Call it {names} in a story's folder, or begin its name with `_`."
        loading.findings.append(Finding(name, 0, "not-read", "no file of this name is read here.", remedy))
    for story_folder in _story_folders(folder):
        if story_folder.name not in loading.items["stories"] and not loading.findings:
            remedy = f"Write story.yaml with `id: {story_folder.name}`, the name of its folder."
            file = f"{story_folder.name}/story.yaml"
            loading.findings.append(Finding(file, 0, "no-story", "the story is not described.", remedy))
    return loading


def _story_folders(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith((".", "_")))


def seed_files(folder: Path) -> Iterator[tuple[Path, str, str | None]]:
    """Each seed file with its kind and the story it belongs to, in reading order."""
    yield folder / DOCUMENTS_FILE, "documents", None
    for story in _story_folders(folder):
        for kind in KINDS:
            single, several = story / f"{kind}.yaml", story / kind
            if single.is_file():
                yield single, kind, story.name
            if several.is_dir():
                for path in sorted(several.glob("*.yaml")):
                    yield path, kind, story.name


def _overlooked(folder: Path) -> list[Path]:
    """YAML that an editor put where nothing is read: `facts.yml`, `fact.yaml`."""
    read = {path for path, *_ in seed_files(folder)}
    return sorted(
        path
        for path in folder.rglob("*.y*ml")
        if path not in read and not any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)
    )


def _read_file(loading: Loading, path: Path, name: str, model: type[BaseModel], story: str | None) -> None:
    tree, findings = read_yaml(path, name)
    loading.findings += findings
    if findings:
        loading.unread.update(model.model_fields)
        return
    if not isinstance(tree.data, dict):
        loading.unread.update(model.model_fields)
        remedy = f"Begin it with `{next(iter(model.model_fields))}:`."
        loading.findings.append(Finding(name, 1, "shape", "the file holds no keys.", remedy))
        return
    for key in sorted(tree.data.keys() - model.model_fields.keys()):
        remedy = f"A file of this kind holds: {', '.join(model.model_fields)}."
        loading.findings.append(
            Finding(name, tree.line((key,)), "extra-forbidden", f"the key `{key}` is not known.", remedy)
        )
    for key, field_info in model.model_fields.items():
        value = tree.data.get(key)
        if key == "story":
            _read_item(
                loading, StoryFile.model_fields["story"].annotation, "stories", value, (name, tree, (key,)), story
            )
        elif isinstance(value, list):
            item_type = get_args(field_info.annotation)[0]
            for number, item in enumerate(value):
                _read_item(loading, item_type, key, item, (name, tree, (key, number)), story)
        elif value is not None or field_info.is_required():
            loading.unread.add(key)
            problem = f"`{key}` is missing or no list."
            loading.findings.append(
                Finding(name, tree.line((key,)), "shape", problem, f"Write `{key}:` and items below it.")
            )


def _read_item(loading: Loading, item_type: Any, kind: str, value: Any, place: Place, story: str | None) -> None:
    file, tree, base = place
    try:
        item = item_type.model_validate(value)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        loading.findings += [_as_finding(file, tree, base, e) for e in errors if not _follows(e, errors)]
        if isinstance(value, dict) and isinstance(value.get("id"), str):
            loading.broken.add(value["id"])
        if kind == "disputes":
            loading.unread.add(kind)  # what it declares is not known
        return
    _add(loading, kind, item, place, story)


def _follows(error: Any, errors: list[Any]) -> bool:
    """Whether a list only counts as too short because an item of it has an error of its own."""
    place = error["loc"]
    return error["type"] == "too_short" and any(e["loc"][: len(place)] == place and e is not error for e in errors)


def _add(loading: Loading, kind: str, item: Any, place: Place, story: str | None) -> None:
    if item.id in loading.items[kind]:
        file, tree, base = place
        first = loading.places[kind, item.id]
        problem = f"{item.id}: this id is taken, in {first[0]}:{first[1].line(first[2])}."
        loading.findings.append(Finding(file, tree.line(base), "duplicate-id", problem, "Give one of them another id."))
        return
    if story and loading.story_of.get(item.id, story) != story:
        file, tree, base = place
        loading.broken.add(item.id)
        problem = f"{item.id}: the story `{loading.story_of[item.id]}` has this id for something of its own."
        loading.findings.append(Finding(file, tree.line(base), "duplicate-id", problem, "Give one of them another id."))
        return
    loading.items[kind][item.id] = item
    loading.places[kind, item.id] = place
    if story:
        loading.story_of[item.id] = story


IN_BOTH_LANGUAGES = (LocalText.__name__, Asks.__name__)
REMEDIES = {
    "missing": "Add it.",
    "one-language": "Write it in both languages: `{{en: …, fr: …}}`.",
    "no-keys": "Write its keys below it.",
    "extra_forbidden": "Remove it, or mend its spelling.",
    "string_too_long": "Make two facts of it.",
    "too_short": "Give at least {min_length}.",
    "string_pattern_mismatch": "Use lower-case letters, digits and hyphens.",
    "enum": "Choose one of these.",
    "literal_error": "Choose one of these.",
}


def _as_finding(file: str, tree: Tree, base: PathKey, details: Any) -> Finding:
    path: PathKey = (*base, *details["loc"])
    kind = details["type"]
    label = ".".join(str(part) for part in path[len(base) :] if not isinstance(part, int))
    said = details["msg"].removeprefix("Value error, ")
    if kind == "missing":
        said = "is missing"
    elif kind == "extra_forbidden":
        said = "is not a known key"
    elif kind == "too_short":
        said = "is too short" if details["ctx"]["actual_length"] else "is empty"
    elif kind == "model_type":
        kind = "one-language" if details["ctx"]["class_name"] in IN_BOTH_LANGUAGES else "no-keys"
        said = "is no set of keys"
    name = _item_name(tree, base)
    problem = (
        f"{name}`{label}` {said}." if kind in REMEDIES and label else f"{name}{label + ': ' if label else ''}{said}."
    )
    return Finding(
        file, tree.line(path), kind.replace("_", "-"), problem, REMEDIES.get(kind, "").format(**details.get("ctx", {}))
    )


def _item_name(tree: Tree, base: PathKey) -> str:
    """The id of the item at a path, for a finding to name."""
    value: Any = tree.data
    for part in base:
        value = value[part]
    return f"{value['id']}: " if isinstance(value, dict) and isinstance(value.get("id"), str) else ""
