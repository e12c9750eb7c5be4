"""The tables. The same on SQLite and PostgreSQL; changed by a migration, never in place."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator

from bot.digest.ledger import OPEN, DeliveryState

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMES)


class Instant(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; SQLite keeps no zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment in the database needs a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware again."""
        return value.replace(tzinfo=UTC) if value is not None and dialect.name == "sqlite" else value


# SQLite numbers rows by itself only in a column that is INTEGER to the letter.
Number = BigInteger().with_variant(Integer(), "sqlite")


def _id() -> Column[int]:
    return Column("id", Number, primary_key=True, autoincrement=True)


def _to(name: str, target: str, **options: Any) -> Column[int]:
    return Column(name, Number, ForeignKey(f"{target}.id", ondelete="CASCADE"), **options)


def _answered_by() -> Column[int]:
    """The delivery that brings an editor's answer."""
    return Column("delivery_id", Number, ForeignKey("deliveries.id", ondelete="SET NULL"), index=True)


# A channel, a thread or a person; a person's own place has the channel "@<id>". `address` is what
# is written to where that differs; `opted` tells that this person takes direct messages.
places = Table(
    "places",
    metadata,
    _id(),
    Column("platform", String(20), nullable=False),
    Column("workspace", String(64), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("thread", String(64), nullable=False, server_default=""),
    Column("direct", Boolean, nullable=False, server_default=text("false")),
    Column("opted", Boolean, nullable=False, server_default=text("false")),
    Column("address", String(64), nullable=False, server_default=""),
    Column("label", String(120), nullable=False, server_default=""),
    Column("language", String(2), nullable=False, server_default="en"),
    Column("zone", String(60), nullable=False, server_default="UTC"),
    Column("suspended_at", Instant),
    Column("reason", String(200), nullable=False, server_default=""),
    Column("not_before", Instant),
    Column("failures", Integer, nullable=False, server_default="0"),
    UniqueConstraint("platform", "workspace", "channel", "thread"),
)

# What a whole workspace (or platform) has to wait for; `suspended` until somebody reopens it.
gates = Table(
    "gates",
    metadata,
    Column("scope", String(90), primary_key=True),
    Column("not_before", Instant),
    Column("suspended", Boolean, nullable=False, server_default=text("false")),
    Column("reason", String(200), nullable=False, server_default=""),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    _id(),
    _to("place_id", "places", nullable=False, index=True),
    _to("owner_id", "places", nullable=False, index=True),
    Column("cadence", String(10), nullable=False),
    Column("at", String(5), nullable=False),
    Column("zone", String(60), nullable=False),
    Column("weekday", Integer, nullable=False),
    Column("language", String(2), nullable=False),
    Column("stories", JSON, nullable=False),
    Column("full", Boolean, nullable=False),
    Column("quiet_line", Boolean, nullable=False),
    Column("standing", String(10), nullable=False),
    Column("reason", String(200), nullable=False, server_default=""),
    Column("covered", Number, nullable=False),
    Column("created", Instant, nullable=False),
    Column("next_day", Date, nullable=False),
    Column("next_due", Instant, nullable=False),
    Column("last_day", Date),
    Column("last_due", Instant),
    Column("ended_at", Instant),
    Index("ix_subscriptions_due", "standing", "next_due"),
)

editions = Table(
    "editions",
    metadata,
    _to("subscription_id", "subscriptions", primary_key=True),
    Column("day", Date, primary_key=True),
    Column("due", Instant, nullable=False, index=True),
    Column("outcome", String(10), nullable=False),
    Column("late", Boolean, nullable=False),
    Column("reason", String(200), nullable=False, server_default=""),
    Column("covers_from", Number),
    Column("covers_to", Number),
    Column("sent_at", Instant),
)

# A composed card, by the hash of its content: subscribers who get the same one share it.
cards = Table(
    "cards",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("body", Text, nullable=False),
)

IN_FLIGHT = f"state = '{DeliveryState.SENDING.value}'"
STILL_OPEN = "state IN ({})".format(", ".join(f"'{state.value}'" for state in OPEN))

# The ledger. `rank` sends what was wrong (0) before what is new (1).
deliveries = Table(
    "deliveries",
    metadata,
    _id(),
    _to("place_id", "places", nullable=False),
    Column("kind", String(12), nullable=False),
    Column("slot", String(120), nullable=False),
    Column("part", Integer, nullable=False, server_default="0"),
    _to("subscription_id", "subscriptions"),
    Column("day", Date),
    Column("late", Boolean, nullable=False, server_default=text("false")),
    Column("recording", Number),
    Column("rank", Integer, nullable=False),
    Column("due", Instant, nullable=False),
    Column("expires", Instant),
    Column("state", String(12), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("doubts", Integer, nullable=False, server_default="0"),
    Column("next_at", Instant, nullable=False),
    Column("first_try", Instant),
    Column("lease", String(32), nullable=False, server_default=""),
    Column("lease_until", Instant),
    Column("card_id", String(32), ForeignKey("cards.id")),
    Column("edits", String(64), nullable=False, server_default=""),
    Column("remote", String(64), nullable=False, server_default=""),
    Column("sent_at", Instant, index=True),
    Column("reason", String(200), nullable=False, server_default=""),
    UniqueConstraint("place_id", "kind", "slot", "part"),
    Index(
        "uq_deliveries_in_flight",
        "place_id",
        unique=True,
        sqlite_where=text(IN_FLIGHT),
        postgresql_where=text(IN_FLIGHT),
    ),
    Index("ix_deliveries_open", "rank", "due", "id", sqlite_where=text(STILL_OPEN), postgresql_where=text(STILL_OPEN)),
    Index(
        "ix_deliveries_open_in_place",
        "place_id",
        "due",
        "id",
        sqlite_where=text(STILL_OPEN),
        postgresql_where=text(STILL_OPEN),
    ),
    Index("ix_deliveries_slot", "subscription_id", "day"),
    Index("ix_deliveries_recording", "recording"),
)

# One reload that brought something new, numbered in the order of commits.
recordings = Table(
    "recordings",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
)

revisions = Table(
    "revisions",
    metadata,
    Column("fact", String(60), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("fingerprint", String(16), nullable=False),
    Column("change", String(12), nullable=False, server_default=""),
    Column("recording", Number, nullable=False, index=True),
)

disputes = Table(
    "disputes",
    metadata,
    Column("dispute", String(60), primary_key=True),
    Column("recording", Number, primary_key=True),
    Column("story", String(60), nullable=False),
    Column("open", Boolean, nullable=False),
    Column("headline", JSON, nullable=False),
    Column("facts", JSON, nullable=False),
)

# A fact was shown at a revision. `reader_id` is who is told of a correction: the place itself when
# all saw it, the person's own place when one did.
sightings = Table(
    "sightings",
    metadata,
    _id(),
    _to("reader_id", "places", nullable=False),
    _to("place_id", "places", nullable=False),
    Column("fact", String(60), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("shown_at", Instant, nullable=False, index=True),
    _to("delivery_id", "deliveries", index=True),
    Column("message", String(64), nullable=False, server_default=""),
    Column("card_id", String(32), ForeignKey("cards.id")),
    Index("ix_sightings_fact", "fact", "revision", "reader_id"),
    Index("ix_sightings_reader", "reader_id", "fact"),
    Index("ix_sightings_message", "message"),
)

# What a correction is about: which revision was seen, and when it was last shown.
correction_facts = Table(
    "correction_facts",
    metadata,
    _to("delivery_id", "deliveries", primary_key=True),
    Column("fact", String(60), primary_key=True),
    Column("seen", Integer, nullable=False),
    Column("shown_at", Instant, nullable=False),
)

seen_marks = Table(
    "seen_marks",
    metadata,
    _to("delivery_id", "deliveries", primary_key=True),
    _to("person_id", "places", primary_key=True),
    Column("at", Instant, nullable=False),
)

# `key` is the question folded, by which the same question of several people is counted as one.
questions = Table(
    "questions",
    metadata,
    _id(),
    Column("asked_at", Instant, nullable=False, index=True),
    _to("place_id", "places", nullable=False),
    _to("person_id", "places"),
    Column("private", Boolean, nullable=False),
    Column("text", Text, nullable=False),
    Column("key", String(300), nullable=False, index=True),
    Column("language", String(2), nullable=False),
    Column("story", String(60), nullable=False, server_default=""),
    Column("outcome", String(10), nullable=False),
    Column("settled_at", Instant),
    Column("settled_by", String(60), nullable=False, server_default=""),
    _answered_by(),
)

flags = Table(
    "flags",
    metadata,
    _id(),
    Column("at", Instant, nullable=False, index=True),
    _to("place_id", "places", nullable=False),
    _to("person_id", "places"),
    Column("reason", String(20), nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("facts", JSON, nullable=False),
    Column("question", Text, nullable=False, server_default=""),
    Column("settled_at", Instant),
    Column("settled_by", String(60), nullable=False, server_default=""),
    _answered_by(),
)

# Who is told when a fact changes; `revision` is what they know.
watches = Table(
    "watches",
    metadata,
    _to("person_id", "places", primary_key=True),
    Column("fact", String(60), primary_key=True, index=True),
    Column("revision", Integer, nullable=False),
    Column("since", Instant, nullable=False),
)

channel_settings = Table(
    "channel_settings",
    metadata,
    _to("place_id", "places", primary_key=True),
    Column("story", String(60), nullable=False, server_default=""),
    Column("public", Boolean, nullable=False, server_default=text("false")),
    Column("in_channel", Boolean, nullable=False, server_default=text("false")),
)

# Requests of a platform, known by its own id. The body is kept only until the request is done.
inbox = Table(
    "inbox",
    metadata,
    Column("platform", String(20), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("received_at", Instant, nullable=False, index=True),
    Column("lease_until", Instant, nullable=False),
    Column("done_at", Instant),
    Column("body", JSON(none_as_null=True)),
)

# What a person was last shown of what changed: the recording before, and the newest, with when that was.
looks = Table(
    "looks",
    metadata,
    _to("person_id", "places", primary_key=True),
    Column("since", Integer, nullable=False),
    Column("since_at", Instant, nullable=False),
    Column("seen", Integer, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    _id(),
    Column("at", Instant, nullable=False, index=True),
    _to("actor_id", "places"),
    Column("action", String(40), nullable=False),
    Column("subject", String(120), nullable=False, server_default=""),
    Column("detail", JSON, nullable=False),
    CheckConstraint("action <> ''", name="action"),
)

meta = Table(
    "meta",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("value", String(200), nullable=False),
)
