"""Notices name the decision they tell of; e-mail: mailboxes and mails"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "mailbox",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pending_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token_sha256", sa.LargeBinary(length=32), nullable=True),
        sa.Column("token_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("token_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stop_sha256", sa.LargeBinary(length=32), nullable=True),
        sa.Column("stop_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_mailbox_user_id_user")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_mailbox")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_mailbox_token_sha256")),
        sa.UniqueConstraint("stop_sha256", name=op.f("uq_mailbox_stop_sha256")),
    )
    op.create_table(
        "mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outbox_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=False),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handovers", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox_item.id"], name=op.f("fk_mail_outbox_id_outbox_item")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_mail_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("outbox_id", name=op.f("uq_mail_outbox_id")),
        sa.UniqueConstraint("message_id", name=op.f("uq_mail_message_id")),
    )
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mail_user_id"), ["user_id"], unique=False)

    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.alter_column("berkas_id", existing_type=sa.Integer(), nullable=True)
        batch_op.add_column(sa.Column("movement_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("mail_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_notice_movement_id_movement"), "movement", ["movement_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_notice_mail_id_mail"), "mail", ["mail_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_notice_mail_id"), ["mail_id"], unique=False)


def downgrade():
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_mail_id"))
        batch_op.drop_constraint(batch_op.f("fk_notice_mail_id_mail"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_notice_movement_id_movement"), type_="foreignkey")
        batch_op.drop_column("mail_id")
        batch_op.drop_column("movement_id")
    op.execute("DELETE FROM notice WHERE berkas_id IS NULL")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.alter_column("berkas_id", existing_type=sa.Integer(), nullable=False)
    op.drop_table("mail")
    op.drop_table("mailbox")
