"""Letters that were opened, and letters signed together"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "letter_opening",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("rendering_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("berkas_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["berkas_id"], ["berkas.id"], name=op.f("fk_letter_opening_berkas_id_berkas")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_letter_opening_user_id_user")),
        sa.PrimaryKeyConstraint("user_id", "rendering_sha256", name=op.f("pk_letter_opening")),
    )
    op.create_table(
        "signing_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_signing_batch_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_batch")),
        sa.UniqueConstraint("code", name=op.f("uq_signing_batch_code")),
    )
    with op.batch_alter_table("signing_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signing_batch_user_id"), ["user_id"], unique=False)

    op.create_table(
        "signing_batch_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("berkas_id", sa.Integer(), nullable=False),
        sa.Column("rendering_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("opened", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_code", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reason_en", sa.Text(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["signing_batch.id"], name=op.f("fk_signing_batch_item_batch_id_signing_batch")
        ),
        sa.ForeignKeyConstraint(["berkas_id"], ["berkas.id"], name=op.f("fk_signing_batch_item_berkas_id_berkas")),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_signing_batch_item_letter_id_letter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_batch_item")),
        sa.UniqueConstraint("batch_id", "berkas_id", name=op.f("uq_signing_batch_item_batch_id_berkas_id")),
    )
    with op.batch_alter_table("signing_batch_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signing_batch_item_berkas_id"), ["berkas_id"], unique=False)
