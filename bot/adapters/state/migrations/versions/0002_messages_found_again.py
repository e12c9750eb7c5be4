"""A message is found again by its id or token: shared, flagged, asked for more.

Revision ID: 0002
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_sightings_message", "sightings", ["message"])


def downgrade() -> None:
    op.drop_index("ix_sightings_message", "sightings")
