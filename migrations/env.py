"""Alembic's entry: runs migrations on the connection that signer.migrating hands over."""

from alembic import context

import signer.accounts
import signer.tables.admin
import signer.tables.batch
import signer.tables.berkas
import signer.tables.contacts
import signer.tables.incoming
import signer.tables.letters
import signer.tables.mail
import signer.tables.office
import signer.tables.record  # noqa: F401 (importing a module registers its tables)
from signer.tables.base import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
