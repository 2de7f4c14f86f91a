"""Logo, office-level record, setup code, test letters, the worker's last look, first passwords that must be changed"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("office", schema=None) as batch_op:
        batch_op.add_column(sa.Column("logo_key", sa.String(length=120), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("logo_alt", sa.String(length=120), nullable=False, server_default=""))
    # Not as a batch: SQLite would make the table anew, and cannot drop the old one while rows name its people.
    op.add_column("user", sa.Column("must_change_password", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "office_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("previous", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_office_event_actor_id_user")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_office_event_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_event")),
        sa.UniqueConstraint("office_id", "sequence", name=op.f("uq_office_event_office_id_sequence")),
    )
    op.create_table(
        "setup_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setup_code")),
    )
    op.create_table(
        "trial_letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("identity", sa.LargeBinary(length=32), nullable=False),
        sa.Column("pdf_key", sa.String(length=120), nullable=False),
        sa.Column("picture_key", sa.String(length=120), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("millis", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["user.id"], name=op.f("fk_trial_letter_made_by_user")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_trial_letter_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial_letter")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )


def downgrade():
    raise NotImplementedError("the office-level record is append only")
