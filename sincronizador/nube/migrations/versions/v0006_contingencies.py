"""Since when, why and where an installation went on by itself, and whether it still does."""

import sqlalchemy as sa
from alembic import op

from sincronizador.nube.tables import IS_CONTINGENCY, Moment

revision = "v0006"
down_revision = "v0005"


def upgrade() -> None:
    """Onwards; there is no way back but a copy."""
    with op.batch_alter_table("installation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("contingency_since", Moment(), nullable=True))
        batch_op.add_column(sa.Column("contingency_reason", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("contingency_branch", sa.String(length=4), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("contingency_open", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_document_contingency",
        "document",
        ["installation", "contingency_since"],
        unique=False,
        sqlite_where=IS_CONTINGENCY,
        postgresql_where=IS_CONTINGENCY,
    )
