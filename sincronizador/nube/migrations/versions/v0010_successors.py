"""A certificate may wait for its day."""

import sqlalchemy as sa
from alembic import op

from sincronizador.nube.tables import Moment

revision = "v0010"
down_revision = "v0009"


def upgrade() -> None:
    """Onwards; there is no way back but a copy."""
    op.add_column("certificate", sa.Column("since", Moment(), nullable=True))
