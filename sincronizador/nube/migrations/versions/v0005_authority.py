"""What stands between an issuer and the authority: sobres, what lies in them, daily reports, rates."""

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

from sincronizador.nube.tables import Moment

revision = "v0005"
down_revision = "v0004"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Onwards; there is no way back but a copy."""
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("alone", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("signer", sa.String(length=64), nullable=True))
        _partial(batch_op, "ix_document_unsorted", ["rut", "id"], "state = 'confirmed' AND alone IS NULL")
        _partial(batch_op, "ix_document_waiting", ["rut", "signed_at", "id"], "state = 'confirmed' AND alone")
        unanswered = "state IN ('confirmed', 'sent') AND alone"
        _partial(batch_op, "ix_document_unanswered", ["rut", "stored"], unanswered)
        batch_op.create_index("ix_document_day", ["rut", "day"], unique=False)
    with op.batch_alter_table("day", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seq", sa.BigInteger(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("trouble", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("due", Moment(), nullable=True))
    _filer()
    _sobre()
    _report()
    op.create_table(
        "rate",
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("pesos", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("imported", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("currency", "day", name=op.f("pk_rate")),
    )


def _filer() -> None:
    op.create_table(
        "filer",
        sa.Column("rut", sa.String(length=12), nullable=False),
        sa.Column("idemisor", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("reported", sa.Date(), nullable=True),
        sa.Column("ask_until", sa.Date(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due", Moment(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("trouble_since", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["rut"], ["issuer.rut"], name=op.f("fk_filer_rut")),
        sa.PrimaryKeyConstraint("rut", name=op.f("pk_filer")),
    )


def _sobre() -> None:
    op.create_table(
        "sobre",
        sa.Column("id", _ID, nullable=False),
        sa.Column("rut", sa.String(length=12), nullable=False),
        sa.Column("idemisor", sa.BigInteger(), nullable=False),
        sa.Column("sent", sa.LargeBinary(), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("made", Moment(), nullable=False),
        sa.Column("due", Moment(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("id_receptor", sa.String(length=20), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["rut"], ["issuer.rut"], name=op.f("fk_sobre_rut")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sobre")),
        sa.UniqueConstraint("rut", "idemisor", name=op.f("uq_sobre_rut_idemisor")),
    )
    with op.batch_alter_table("sobre", schema=None) as batch_op:
        _partial(batch_op, "ix_sobre_due", ["rut", "due"], "state IN ('made', 'taken')")
    op.create_table(
        "shipment",
        sa.Column("id", _ID, nullable=False),
        sa.Column("sobre", _ID, nullable=False),
        sa.Column("document", _ID, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["document"], ["document.id"], name=op.f("fk_shipment_document")),
        sa.ForeignKeyConstraint(["sobre"], ["sobre.id"], name=op.f("fk_shipment_sobre")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment")),
        sa.UniqueConstraint("sobre", "document", name=op.f("uq_shipment_sobre_document")),
    )
    with op.batch_alter_table("shipment", schema=None) as batch_op:
        batch_op.create_index("ix_shipment_document", ["document"], unique=False)
        _partial(batch_op, "uq_shipment_in_hand", ["document"], "state IN ('sent', 'accepted', 'held')", unique=True)


def _report() -> None:
    op.create_table(
        "report",
        sa.Column("id", _ID, nullable=False),
        sa.Column("rut", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("secuencia", sa.Integer(), nullable=False),
        sa.Column("sent", sa.LargeBinary(), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("made", Moment(), nullable=False),
        sa.Column("due", Moment(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("id_receptor", sa.String(length=20), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["rut"], ["issuer.rut"], name=op.f("fk_report_rut")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
    )
    with op.batch_alter_table("report", schema=None) as batch_op:
        key = ["rut", "day", "secuencia"]
        _partial(batch_op, "uq_report_rut_day_secuencia", key, "state <> 'refused'", unique=True)
        _partial(batch_op, "ix_report_due", ["rut", "due"], "state IN ('made', 'taken')")
    op.create_table(
        "answer",
        sa.Column("id", _ID, nullable=False),
        sa.Column("sobre", _ID, nullable=True),
        sa.Column("report", _ID, nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["report"], ["report.id"], name=op.f("fk_answer_report")),
        sa.ForeignKeyConstraint(["sobre"], ["sobre.id"], name=op.f("fk_answer_sobre")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
    )
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_answer_report"), ["report"], unique=False)
        batch_op.create_index(op.f("ix_answer_sobre"), ["sobre"], unique=False)


def _partial(batch_op: BatchOperations, name: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    batch_op.create_index(name, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)
