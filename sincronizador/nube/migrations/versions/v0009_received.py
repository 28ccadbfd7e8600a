"""What other issuers send: letters, sobres, documents, and what is answered."""

import sqlalchemy as sa
from alembic import op

from sincronizador.nube.tables import IS_AT_HAND, IS_TAKEN, IS_UNANSWERED_LOT, IS_UNDECIDED, Moment

revision = "v0009"
down_revision = "v0008"


def upgrade() -> None:
    """Onwards; there is no way back but a copy."""
    op.create_table(
        "letter",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("arrived", Moment(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("rut", sa.String(length=12), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("sha256", name=op.f("uq_letter_sha256")),
    )
    op.create_index(
        "ix_letter_at_hand",
        "letter",
        ["state", "id"],
        unique=False,
        sqlite_where=IS_AT_HAND,
        postgresql_where=IS_AT_HAND,
    )
    op.create_table(
        "mailbox",
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due", Moment(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("trouble_since", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_mailbox")),
    )
    op.create_table(
        "received",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rut", sa.String(length=12), nullable=False),
        sa.Column("emisor", sa.String(length=12), nullable=False),
        sa.Column("doc_type", sa.Integer(), nullable=False),
        sa.Column("series", sa.String(length=2), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("signed", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("adenda", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("arrived", Moment(), nullable=False),
        sa.Column("estado", sa.String(length=12), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.Column("reason", sa.String(length=3), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["rut"], ["issuer.rut"], name=op.f("fk_received_rut")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received")),
        sa.UniqueConstraint(
            "rut", "emisor", "doc_type", "series", "number", name=op.f("uq_received_rut_emisor_doc_type_series_number")
        ),
    )
    op.create_index("ix_received_changed", "received", ["rut", "changed", "id"], unique=False)
    op.create_index(
        "ix_received_until",
        "received",
        ["until"],
        unique=False,
        sqlite_where=IS_UNDECIDED,
        postgresql_where=IS_UNDECIDED,
    )
    op.create_table(
        "received_sobre",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rut", sa.String(length=12), nullable=False),
        sa.Column("emisor", sa.String(length=12), nullable=False),
        sa.Column("idemisor", sa.BigInteger(), nullable=False),
        sa.Column("letter", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("received", Moment(), nullable=False),
        sa.Column("id_receptor", sa.BigInteger(), nullable=False),
        sa.Column("estado", sa.String(length=2), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("reply_to", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["letter"], ["letter.id"], name=op.f("fk_received_sobre_letter")),
        sa.ForeignKeyConstraint(["rut"], ["issuer.rut"], name=op.f("fk_received_sobre_rut")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received_sobre")),
    )
    op.create_index("ix_received_sobre_content", "received_sobre", ["rut", "sha256"], unique=False)
    op.create_index(
        "uq_received_sobre_taken",
        "received_sobre",
        ["rut", "emisor", "idemisor"],
        unique=True,
        sqlite_where=IS_TAKEN,
        postgresql_where=IS_TAKEN,
    )
    op.create_table(
        "reply",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sobre", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made", Moment(), nullable=False),
        sa.Column("due", Moment(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("sent", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["sobre"], ["received_sobre.id"], name=op.f("fk_reply_sobre")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply")),
    )
    op.create_index(
        "ix_reply_due",
        "reply",
        ["due"],
        unique=False,
        sqlite_where=sa.text("due IS NOT NULL"),
        postgresql_where=sa.text("due IS NOT NULL"),
    )
    op.create_index(op.f("ix_reply_sobre"), "reply", ["sobre"], unique=False)
    op.create_table(
        "received_lot",
        sa.Column("sobre", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("document", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reply", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["document"], ["received.id"], name=op.f("fk_received_lot_document")),
        sa.ForeignKeyConstraint(["reply"], ["reply.id"], name=op.f("fk_received_lot_reply")),
        sa.ForeignKeyConstraint(["sobre"], ["received_sobre.id"], name=op.f("fk_received_lot_sobre")),
        sa.PrimaryKeyConstraint("sobre", "ordinal", name=op.f("pk_received_lot")),
    )
    op.create_index(op.f("ix_received_lot_document"), "received_lot", ["document"], unique=False)
    op.create_index(
        "ix_received_lot_open",
        "received_lot",
        ["document"],
        unique=False,
        sqlite_where=IS_UNANSWERED_LOT,
        postgresql_where=IS_UNANSWERED_LOT,
    )
