"""The tables of the first cloud."""

import sqlalchemy as sa
from alembic import op

from sincronizador.nube.tables import Moment

revision = "v0001"
down_revision = None


def upgrade() -> None:
    """Onwards; there is no way back but a copy."""
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rut", sa.String(length=12), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_table(
        "base",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("identity", sa.String(length=32), nullable=False),
        sa.Column("environment", sa.String(length=16), nullable=False),
        sa.Column("server_epoch", sa.String(length=32), nullable=False),
        sa.Column("restores", sa.Integer(), nullable=False),
        sa.Column("epoch_floor", sa.BigInteger(), nullable=False),
        sa.Column("recovering_since", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_base")),
    )
    op.create_table(
        "issuer",
        sa.Column("rut", sa.String(length=12), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("ajustes", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("touched", Moment(), nullable=False),
        sa.Column("recovering", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("rut", name=op.f("pk_issuer")),
    )
    op.create_table(
        "alarm",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rut", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("dismissed", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["rut"], ["issuer.rut"], name=op.f("fk_alarm_rut")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
    )
    with op.batch_alter_table("alarm", schema=None) as batch_op:
        batch_op.create_index("ix_alarm_open", ["rut", "dismissed"], unique=False)

    op.create_table(
        "branch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rut", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("emisor", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["rut"], ["issuer.rut"], name=op.f("fk_branch_rut")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_branch")),
        sa.UniqueConstraint("rut", "code", name=op.f("uq_branch_rut_code")),
    )
    op.create_table(
        "cae",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rut", sa.String(length=12), nullable=False),
        sa.Column("cae", sa.String(length=11), nullable=False),
        sa.Column("doc_type", sa.Integer(), nullable=False),
        sa.Column("series", sa.String(length=2), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("next", sa.Integer(), nullable=False),
        sa.Column("expires", sa.Date(), nullable=False),
        sa.Column("special", sa.String(length=1), nullable=False),
        sa.Column("reason", sa.String(length=3), nullable=False),
        sa.Column("imported", Moment(), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["rut"], ["issuer.rut"], name=op.f("fk_cae_rut")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cae")),
        sa.UniqueConstraint("rut", "cae", name=op.f("uq_cae_rut_cae")),
    )
    with op.batch_alter_table("cae", schema=None) as batch_op:
        batch_op.create_index("ix_cae_stock", ["rut", "doc_type", "expires"], unique=False)

    op.create_table(
        "certificate",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rut", sa.String(length=12), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("pkcs12", sa.LargeBinary(), nullable=True),
        sa.Column("password", sa.LargeBinary(), nullable=True),
        sa.Column("installed", Moment(), nullable=False),
        sa.Column("revoked", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["rut"], ["issuer.rut"], name=op.f("fk_certificate_rut")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("rut", "fingerprint", name=op.f("uq_certificate_rut_fingerprint")),
    )
    op.create_table(
        "day",
        sa.Column("rut", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("changed", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["rut"], ["issuer.rut"], name=op.f("fk_day_rut")),
        sa.PrimaryKeyConstraint("rut", "day", name=op.f("pk_day")),
    )
    op.create_table(
        "highest",
        sa.Column("rut", sa.String(length=12), nullable=False),
        sa.Column("doc_type", sa.Integer(), nullable=False),
        sa.Column("series", sa.String(length=2), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["rut"], ["issuer.rut"], name=op.f("fk_highest_rut")),
        sa.PrimaryKeyConstraint("rut", "doc_type", "series", name=op.f("pk_highest")),
    )
    op.create_table(
        "installation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rut", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("machine", sa.String(length=100), nullable=False),
        sa.Column("raised", Moment(), nullable=True),
        sa.Column("recovered", sa.String(length=32), nullable=False),
        sa.Column("dead", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["rut"], ["issuer.rut"], name=op.f("fk_installation_rut")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
        sa.UniqueConstraint("rut", "code", name=op.f("uq_installation_rut_code")),
    )
    op.create_table(
        "annulled",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cae", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["cae"], ["cae.id"], name=op.f("fk_annulled_cae")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annulled")),
    )
    with op.batch_alter_table("annulled", schema=None) as batch_op:
        batch_op.create_index("ix_annulled_number", ["cae", "last"], unique=False)

    op.create_table(
        "attempt",
        sa.Column("installation", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=50), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["installation"], ["installation.id"], name=op.f("fk_attempt_installation")),
        sa.PrimaryKeyConstraint("installation", "kind", "key", name=op.f("pk_attempt")),
    )
    op.create_table(
        "document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rut", sa.String(length=12), nullable=False),
        sa.Column("installation", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=50), nullable=False),
        sa.Column("extra", sa.Boolean(), nullable=False),
        sa.Column("attempt_epoch", sa.BigInteger(), nullable=False),
        sa.Column("attempt_counter", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("doc_type", sa.Integer(), nullable=False),
        sa.Column("series", sa.String(length=2), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("signed", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("signed_at", Moment(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("server_epoch", sa.String(length=32), nullable=False),
        sa.Column("signed_here", sa.Boolean(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("anexo", sa.Text(), nullable=False),
        sa.Column("terminal", sa.String(length=100), nullable=False),
        sa.Column("contingency_since", Moment(), nullable=True),
        sa.Column("contingency_reason", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("stored", Moment(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["installation"], ["installation.id"], name=op.f("fk_document_installation")),
        sa.ForeignKeyConstraint(["rut"], ["issuer.rut"], name=op.f("fk_document_rut")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("rut", "doc_type", "series", "number", name=op.f("uq_document_rut_doc_type_series_number")),
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index("ix_document_changed", ["installation", "changed", "id"], unique=False)
        batch_op.create_index(
            "ix_document_prepared",
            ["rut", "stored"],
            unique=False,
            sqlite_where=sa.text("state = 'prepared'"),
            postgresql_where=sa.text("state = 'prepared'"),
        )
        batch_op.create_index(
            "uq_document_of_key",
            ["installation", "kind", "key"],
            unique=True,
            sqlite_where=sa.text("state <> 'voided' AND NOT extra"),
            postgresql_where=sa.text("state <> 'voided' AND NOT extra"),
        )

    op.create_table(
        "lease",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("installation", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cae", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("used", sa.Text(), nullable=False),
        sa.Column("idempotency", sa.String(length=100), nullable=True),
        sa.Column("granted", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["cae"], ["cae.id"], name=op.f("fk_lease_cae")),
        sa.ForeignKeyConstraint(["installation"], ["installation.id"], name=op.f("fk_lease_installation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lease")),
        sa.UniqueConstraint("installation", "idempotency", name=op.f("uq_lease_installation_idempotency")),
    )
    with op.batch_alter_table("lease", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lease_cae"), ["cae"], unique=False)

    op.create_table(
        "token",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("installation", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("revoked", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["installation"], ["installation.id"], name=op.f("fk_token_installation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
        sa.UniqueConstraint("sha256", name=op.f("uq_token_sha256")),
    )
    with op.batch_alter_table("token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_token_installation"), ["installation"], unique=False)
