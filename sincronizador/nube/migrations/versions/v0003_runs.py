"""Which start of which machine an installation is."""

import sqlalchemy as sa
from alembic import op

from sincronizador.nube.tables import Moment

revision = "v0003"
down_revision = "v0002"


def upgrade() -> None:
    """Onwards; there is no way back but a copy."""
    with op.batch_alter_table("installation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("run", sa.String(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("turn", sa.BigInteger(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("run_name", sa.String(length=100), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("run_since", Moment(), nullable=True))
        batch_op.add_column(sa.Column("past_runs", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("clones", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("refused", sa.String(length=64), nullable=True))
