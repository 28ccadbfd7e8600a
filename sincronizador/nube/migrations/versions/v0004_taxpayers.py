"""What the authority said of taxpayers."""

import sqlalchemy as sa
from alembic import op

from sincronizador.nube.tables import Moment

revision = "v0004"
down_revision = "v0003"


def upgrade() -> None:
    """Onwards; there is no way back but a copy."""
    op.create_table(
        "taxpayer",
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("asked", Moment(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=True),
        sa.Column("fault", sa.Integer(), nullable=True),
        sa.Column("fault_text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("country", "number", name=op.f("pk_taxpayer")),
    )
