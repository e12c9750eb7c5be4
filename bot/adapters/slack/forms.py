"""The windows in which something is typed or chosen, and how what was sent in is read.

What a form is about stands in its `private_metadata`, so that it outlives a restart.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from slack_sdk.models.blocks import (
    ConversationFilter,
    ConversationSelectElement,
    ExternalDataSelectElement,
    InputBlock,
    InputInteractiveElement,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    RadioButtonsElement,
    StaticMultiSelectElement,
    StaticSelectElement,
    TimePickerElement,
)
from slack_sdk.models.views import View

from bot.adapters.slack.controls import VERSION
from bot.adapters.slack.layout import TITLE
from bot.adapters.slack.text import cut, visible
from bot.adapters.slack.whereabouts import Scene
from bot.briefing.wording import Wording, wording
from bot.desk.queue import reason_words
from bot.digest.schedule import Cadence, zone_names
from bot.digest.subscriptions import Wish
from bot.facts.model import Language, State
from bot.facts.store import FactStore
from bot.facts.text import fold

LONGEST_NOTE = 1_000
LONGEST_ASKED = 1_000
LONGEST_OPTION = 75
MOST_OPTIONS = 100
FACT_MENU, ZONE_MENU = f"{VERSION}:fact:0", f"{VERSION}:zone:0"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class About:
    """What a form is about: where it was opened, and the message or subscription that it concerns."""

    channel: str = ""
    thread: str = ""
    label: str = ""
    direct: bool = False
    token: str = ""
    question: str = ""
    number: str = ""
    at_home: bool = False

    def text(self) -> str:
        """For `private_metadata`, which holds 3,000 characters."""
        return json.dumps({"v": VERSION, **{name: getattr(self, name) for name in self.__slots__}})

    def scene(self, scene: Scene) -> Scene:
        """The scene of the form's sending, with where it was opened."""
        return replace(scene, channel=self.channel, thread=self.thread, label=self.label, direct=self.direct)


def about(text: str) -> About | None:
    """What `private_metadata` holds; None when it is of another version."""
    try:
        values = json.loads(text)
        return About(**{name: values[name] for name in About.__slots__}) if values["v"] == VERSION else None
    except (ValueError, KeyError, TypeError):
        return None


def about_scene(scene: Scene, *, token: str = "", question: str = "", number: str = "") -> About:
    """Where a form is opened."""
    where = About(scene.channel, scene.thread, scene.label, scene.direct, at_home=scene.at_home)
    return replace(where, token=token, question=question, number=number)


def ask_form(language: Language, subject: About) -> dict[str, Any]:
    """One question."""
    say = wording(language)
    question = PlainTextInputElement(
        action_id="v",
        max_length=LONGEST_ASKED,
        focus_on_load=True,
        placeholder=_plain(say("Ask in your own words, in English or French")),
    )
    return _form("ask", say, subject, say("Ask"), [_input("question", say("What do you want to know?"), question)])


def flag_form(language: Language, subject: About) -> dict[str, Any]:
    """What is amiss, and a note."""
    say = wording(language)
    words = reason_words(say).items()
    reasons = RadioButtonsElement(action_id="v", options=[_option(name, reason.value) for reason, name in words])
    note = PlainTextInputElement(action_id="v", multiline=True, max_length=LONGEST_NOTE)
    inputs = [
        _input("reason", say("What is amiss?"), reasons),
        _input("note", say("What would be right, and who says so?"), note, optional=True),
    ]
    return _form("flag", say, subject, say("Tell the editors"), inputs)


def answer_form(language: Language, subject: About) -> dict[str, Any]:
    """The fact that answers what readers asked."""
    say = wording(language)
    fact = ExternalDataSelectElement(
        action_id=FACT_MENU, min_query_length=2, placeholder=_plain(say("Words of the fact, or its id"))
    )
    return _form("answer", say, subject, say("Answer"), [_input("fact", say("Answered by this fact"), fact)])


def facts(store: FactStore, language: Language, typed: str) -> list[Option]:
    """The facts that stand and hold every word that was typed."""
    wanted = fold(visible(typed)).split()
    found = []
    for fact in store.facts.values():
        statement = fact.statement.in_(language)
        if fact.state is State.CURRENT and all(word in fold(f"{fact.id} {statement}") for word in wanted):
            found.append(_option(statement, fact.id))
    return found[:MOST_OPTIONS]


def digest_form(language: Language, store: FactStore, wish: Wish, subject: About) -> dict[str, Any]:
    """A subscription's wish; a new one also says where it goes to."""
    say, schedule = wording(language), wish.schedule
    stories = [_option(story.title.in_(language), story.id) for story in store.stories.values()][:MOST_OPTIONS]
    chosen = [option for option in stories if option.value in wish.stories]
    whole = StaticMultiSelectElement(
        action_id="v", options=stories, initial_options=chosen or None, placeholder=_plain(say("All stories"))
    )
    inputs = [] if subject.number else [_where(say, subject)]
    inputs += [
        _input("stories", say("Stories"), whole, optional=True),
        _input("cadence", say("How often"), _chosen(_cadences(say), _cadence_of(wish))),
        _input("at", say("Time"), TimePickerElement(action_id="v", initial_time=schedule.at.strftime("%H:%M"))),
        _input("zone", say("Time zone"), _zone_select(say, schedule.zone)),
        _input("language", say("Language"), _chosen([("en", say("English")), ("fr", say("French"))], wish.language)),
        _input("form", say("Form"), _chosen([("short", say("short")), ("full", say("full"))], _form_of(wish))),
        _input("quiet", say("Quiet days"), _chosen(_quiet(say), "quiet" if wish.quiet_line else "silent")),
    ]
    send = say("Change the digest") if subject.number else say("Subscribe")
    return _form("change" if subject.number else "digest", say, subject, send, inputs)


def zones(typed: str) -> list[Option]:
    """The time zones that hold what was typed, those that begin with it first."""
    wanted = visible(typed).casefold().replace(" ", "_")
    found = [name for name in zone_names() if wanted in name.casefold()]
    found.sort(key=lambda name: (not name.rpartition("/")[2].casefold().startswith(wanted), name))
    return [_option(name, name) for name in found[:MOST_OPTIONS]]


def values_of(view: dict[str, Any]) -> dict[str, Any]:
    """What was typed and chosen, by the name of its block."""
    state: dict[str, Any] = (view.get("state") or {}).get("values") or {}
    return {block: _value(next(iter(actions.values()), {})) for block, actions in state.items()}


def wish_line(values: dict[str, Any], stories: Iterable[str]) -> str:
    """A subscription's form in the words of the desk's grammar."""
    chosen = [story for story in stories if story in (values.get("stories") or ())]
    words = [*(chosen or ["all"]), str(values.get("cadence") or "daily"), f"at {values.get('at') or '08:00'}"]
    words += [str(values.get(name) or "") for name in ("zone", "language", "form", "quiet")]
    return " ".join(word for word in words if word)


def _value(state: dict[str, Any]) -> Any:
    if "selected_options" in state:
        return [option["value"] for option in state["selected_options"] or ()]
    if state.get("selected_option"):
        return state["selected_option"]["value"]
    for name in ("value", "selected_time", "selected_conversation"):
        if state.get(name):
            return state[name]
    return ""


def _where(say: Wording, subject: About) -> InputBlock:
    kinds = ConversationFilter(include=["public", "private"], exclude_external_shared_channels=False)
    select = ConversationSelectElement(
        action_id="v",
        filter=kinds,
        initial_conversation=None if subject.direct else subject.channel or None,
        placeholder=_plain(say("A direct message to me")),
    )
    return _input("where", say("Where"), select, optional=True)


def _zone_select(say: Wording, zone: str) -> ExternalDataSelectElement:
    return ExternalDataSelectElement(
        action_id=ZONE_MENU,
        min_query_length=2,
        initial_option=_option(zone, zone),
        placeholder=_plain(say("Time zone, such as Europe/Paris")),
    )


def _cadences(say: Wording) -> list[tuple[str, str]]:
    weekly = [(f"weekly {day}", say("every {day}", day=say.weekday(number))) for number, day in enumerate(DAYS)]
    return [("daily", say("every day")), ("weekdays", say("Monday to Friday")), *weekly]


def _cadence_of(wish: Wish) -> str:
    weekly = f"weekly {DAYS[wish.schedule.weekday]}"
    return {Cadence.DAILY: "daily", Cadence.WEEKDAYS: "weekdays", Cadence.WEEKLY: weekly}[wish.schedule.cadence]


def _form_of(wish: Wish) -> str:
    return "full" if wish.full else "short"


def _quiet(say: Wording) -> list[tuple[str, str]]:
    return [("silent", say("nothing on quiet days")), ("quiet", say("a line on quiet days"))]


def _chosen(choices: Sequence[tuple[str, str]], value: str) -> StaticSelectElement:
    options = [_option(name, key) for key, name in choices]
    initial = next((option for option in options if option.value == value), options[0])
    return StaticSelectElement(action_id="v", options=options, initial_option=initial)


def _input(name: str, label: str, element: InputInteractiveElement, *, optional: bool = False) -> InputBlock:
    return InputBlock(block_id=name, label=_plain(label), element=element, optional=optional)


def _form(kind: str, say: Wording, subject: About, submit: str, inputs: Sequence[InputBlock]) -> dict[str, Any]:
    view = View(
        type="modal",
        callback_id=f"{VERSION}:{kind}",
        title=_plain(TITLE),
        submit=_plain(cut(submit, 24)),
        close=_plain(say("Cancel")),
        private_metadata=subject.text(),
        blocks=list(inputs),
    )
    made: dict[str, Any] = view.to_dict()
    return made


def _option(name: str, value: str) -> Option:
    return Option(text=_plain(cut(visible(name), LONGEST_OPTION)), value=value)


def _plain(text: str) -> PlainTextObject:
    return PlainTextObject(text=text, emoji=False)
