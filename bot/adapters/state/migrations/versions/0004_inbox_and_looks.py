"""Requests of a platform are written down before they are acknowledged; when somebody last looked is remembered.

Revision ID: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import bot.adapters.state.schema

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("received_at", bot.adapters.state.schema.Instant(timezone=True), nullable=False),
        sa.Column("lease_until", bot.adapters.state.schema.Instant(timezone=True), nullable=False),
        sa.Column("done_at", bot.adapters.state.schema.Instant(timezone=True), nullable=True),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("platform", "key", name=op.f("pk_inbox")),
    )
    op.create_index(op.f("ix_inbox_received_at"), "inbox", ["received_at"])
    op.create_table(
        "looks",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("since_at", bot.adapters.state.schema.Instant(timezone=True), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("seen_at", bot.adapters.state.schema.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["places.id"], name=op.f("fk_looks_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_looks")),
    )
    op.add_column(
        "channel_settings", sa.Column("in_channel", sa.Boolean(), server_default=sa.text("(false)"), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("channel_settings", "in_channel")
    op.drop_table("looks")
    op.drop_table("inbox")
