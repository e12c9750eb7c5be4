"""Where a conversation is, and who is in it; every id goes with its platform and workspace."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Visibility(StrEnum):
    """Who sees what is said in a place."""

    ALL = "all"  # everyone in the place; in a direct conversation that is the one person
    PRIVATE = "private"  # one person only, in the midst of others


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on a platform."""

    platform: str
    workspace: str
    id: str

    @property
    def own_place(self) -> Place:
        """The direct conversation with this person, whether or not it is open."""
        return Place(self.platform, self.workspace, f"@{self.id}", "", direct=True)


@dataclass(frozen=True, slots=True)
class Place:
    """A channel, a thread in it, or a direct conversation with one person.

    `channel` is the platform's id, and `@<person>` for a `direct` conversation, which only one
    person and the bot are in; `thread` is empty outside of one. `address` is what the platform
    calls a direct conversation, once it is open; it does not make another place.
    """

    platform: str
    workspace: str
    channel: str
    thread: str = ""
    direct: bool = False
    address: str = field(default="", compare=False)

    @property
    def scope(self) -> str:
        """What the platform's limits and tokens are counted by."""
        return f"{self.platform}:{self.workspace}"

    @property
    def whole_channel(self) -> Place:
        """The channel that a thread is in; the place itself outside of one."""
        return Place(self.platform, self.workspace, self.channel, "", self.direct, self.address)


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """What those who manage a channel chose for it: the story that questions are about, who sees answers.

    Where a platform opens threads for talk, an answer for all starts one, unless it shall stand `in_channel`.
    """

    story: str = ""
    public: bool = False
    in_channel: bool = False

    @property
    def visibility(self) -> Visibility:
        """Who sees an answer to one person there."""
        return Visibility.ALL if self.public else Visibility.PRIVATE
