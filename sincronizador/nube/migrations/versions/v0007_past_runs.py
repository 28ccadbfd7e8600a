"""Every run of before, not only the latest ones."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from sincronizador.nube.tables import Moment

revision = "v0007"
down_revision = "v0006"


def upgrade() -> None:
    """Onwards; there is no way back but a copy."""
    past_run = op.create_table(
        "past_run",
        sa.Column("installation", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("ended", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["installation"], ["installation.id"], name=op.f("fk_past_run_installation_installation")
        ),
        sa.PrimaryKeyConstraint("installation", "run", name=op.f("pk_past_run")),
    )
    known = op.get_bind().execute(sa.text("SELECT id, past_runs FROM installation")).all()
    ended = datetime.now(UTC)
    rows = [
        {"installation": id_, "run": run, "ended": ended} for id_, runs in known for run in dict.fromkeys(runs.split())
    ]
    if rows:
        op.bulk_insert(past_run, rows)
    with op.batch_alter_table("installation", schema=None) as batch_op:
        batch_op.drop_column("past_runs")
