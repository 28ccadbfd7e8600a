"""What transcriptions of paper said before they were corrected."""

import sqlalchemy as sa
from alembic import op

from sincronizador.nube.tables import Moment

revision = "v0002"
down_revision = "v0001"


def upgrade() -> None:
    """Onwards; there is no way back but a copy."""
    op.create_table(
        "corrected",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("signed", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("signed_at", Moment(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["document"], ["document.id"], name=op.f("fk_corrected_document")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrected")),
    )
    with op.batch_alter_table("corrected", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_corrected_document"), ["document"], unique=False)
