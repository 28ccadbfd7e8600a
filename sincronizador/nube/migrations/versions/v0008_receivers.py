"""What goes to receivers: the register of electronic issuers, deliveries, what lies in them."""

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

from sincronizador.nube.tables import Moment

revision = "v0008"
down_revision = "v0007"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Onwards; there is no way back but a copy."""
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("recipient", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("posted", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("receiver_said", sa.Text(), nullable=False, server_default=""))
        may_go = "(state IN ('sent', 'accepted', 'reported') OR (state = 'confirmed' AND NOT alone))"
        _partial(batch_op, "ix_document_unaddressed", ["rut", "id"], f"recipient IS NULL AND {may_go}")
        _partial(batch_op, "ix_document_unposted", ["rut", "recipient", "id"], "recipient <> '' AND NOT posted")
        _partial(batch_op, "ix_document_rejected", ["rut", "id"], "state = 'rejected'")
    _register()
    _courier()
    _delivery()


def _register() -> None:
    op.create_table(
        "register",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("whole", Moment(), nullable=True),
        sa.Column("asked", Moment(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due", Moment(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("trouble_since", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register")),
    )
    op.create_table(
        "receiver",
        sa.Column("rut", sa.String(length=12), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("mail", sa.Text(), nullable=False),
        sa.Column("web_service", sa.Text(), nullable=False),
        sa.Column("asked", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("rut", name=op.f("pk_receiver")),
    )


def _courier() -> None:
    op.create_table(
        "courier",
        sa.Column("rut", sa.String(length=12), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due", Moment(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("trouble_since", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["rut"], ["issuer.rut"], name=op.f("fk_courier_rut_issuer")),
        sa.PrimaryKeyConstraint("rut", name=op.f("pk_courier")),
    )


def _delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", _ID, nullable=False),
        sa.Column("rut", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("receiver", sa.String(length=12), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("web_service", sa.Text(), nullable=False),
        sa.Column("sent", sa.LargeBinary(), nullable=True),
        sa.Column("mail", sa.LargeBinary(), nullable=True),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("made", Moment(), nullable=False),
        sa.Column("due", Moment(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("left", Moment(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["rut"], ["issuer.rut"], name=op.f("fk_delivery_rut_issuer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("rut", "number", name=op.f("uq_delivery_rut_number")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        _partial(batch_op, "ix_delivery_due", ["rut", "due"], "state = 'made'")
        _partial(batch_op, "ix_delivery_unacknowledged", ["rut", "left"], "state = 'sent' AND kind = 'sobre'")
    op.create_table(
        "parcel",
        sa.Column("id", _ID, nullable=False),
        sa.Column("delivery", _ID, nullable=False),
        sa.Column("document", _ID, nullable=False),
        sa.Column("estado", sa.String(length=2), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("decided", Moment(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["delivery"], ["delivery.id"], name=op.f("fk_parcel_delivery_delivery")),
        sa.ForeignKeyConstraint(["document"], ["document.id"], name=op.f("fk_parcel_document_document")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcel")),
        sa.UniqueConstraint("delivery", "document", name=op.f("uq_parcel_delivery_document")),
    )
    with op.batch_alter_table("parcel", schema=None) as batch_op:
        batch_op.create_index("ix_parcel_document", ["document"], unique=False)


def _partial(batch_op: BatchOperations, name: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    batch_op.create_index(name, columns, unique=False, sqlite_where=condition, postgresql_where=condition)
