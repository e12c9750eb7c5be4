"""People watch facts; an editor's answer to a question or flag goes by the ledger.

Revision ID: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import bot.adapters.state.schema

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "watches",
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("fact", sa.String(length=60), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("since", bot.adapters.state.schema.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["places.id"], name=op.f("fk_watches_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", "fact", name=op.f("pk_watches")),
    )
    op.create_index("ix_watches_fact", "watches", ["fact"])
    with op.batch_alter_table("flags") as batch_op:
        batch_op.add_column(sa.Column("settled_by", sa.String(length=60), server_default="", nullable=False))
    for table in ("questions", "flags"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column("delivery_id", NUMBER, nullable=True))
            batch_op.create_foreign_key(
                op.f(f"fk_{table}_delivery_id"), "deliveries", ["delivery_id"], ["id"], ondelete="SET NULL"
            )
            batch_op.create_index(op.f(f"ix_{table}_delivery_id"), ["delivery_id"])


def downgrade() -> None:
    for table in ("questions", "flags"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_index(op.f(f"ix_{table}_delivery_id"))
            batch_op.drop_constraint(op.f(f"fk_{table}_delivery_id"), type_="foreignkey")
            batch_op.drop_column("delivery_id")
    with op.batch_alter_table("flags") as batch_op:
        batch_op.drop_column("settled_by")
    op.drop_table("watches")
