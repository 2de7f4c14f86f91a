"""Letter templates that an admin put in force"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "letter_template_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("loaded_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["loaded_by"], ["user.id"], name=op.f("fk_letter_template_version_loaded_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_template_version")),
    )
    op.create_index(op.f("ix_letter_template_version_key"), "letter_template_version", ["key"])
