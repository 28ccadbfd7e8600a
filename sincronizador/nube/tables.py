"""
The tables of the base, for SQLite and PostgreSQL alike. `migrations/` makes them; a test compares the two.

What the law asks to be unique is unique here: a number of an issuer has one document, a key one that counts.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware time as text in UTC of fixed width, so that its order is the text's, in every database."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """To the base."""
        return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Out of the base."""
        return None if value is None else datetime.fromisoformat(value)


Id = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only when the key is an INTEGER."""

base = Table(
    "base",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("identity", String(32), nullable=False),
    Column("environment", String(16), nullable=False),
    Column("server_epoch", String(32), nullable=False),
    Column("restores", Integer, nullable=False),
    # A new epoch is this at least: above every epoch of an earlier server_epoch.
    Column("epoch_floor", BigInteger, nullable=False),
    Column("recovering_since", Moment),
)
"""One row: the founding facts."""

issuer = Table(
    "issuer",
    metadata,
    Column("rut", String(12), primary_key=True),
    Column("country", String(2), nullable=False),
    Column("ajustes", Text, nullable=False),
    # One more with each transaction that writes for the issuer: the order of its commits.
    Column("seq", BigInteger, nullable=False),
    Column("touched", Moment, nullable=False),
    Column("recovering", Boolean, nullable=False),
)

branch = Table(
    "branch",
    metadata,
    Column("id", Id, primary_key=True),
    Column("rut", ForeignKey("issuer.rut"), nullable=False),
    Column("code", String(4), nullable=False),
    Column("emisor", Text, nullable=False),
    UniqueConstraint("rut", "code"),
)

certificate = Table(
    "certificate",
    metadata,
    Column("id", Id, primary_key=True),
    Column("rut", ForeignKey("issuer.rut"), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("der", LargeBinary, nullable=False),
    Column("pkcs12", LargeBinary),
    Column("password", LargeBinary),
    Column("installed", Moment, nullable=False),
    Column("revoked", Moment),
    # When it takes the place of the one before it; empty: when it was installed.
    Column("since", Moment),
    UniqueConstraint("rut", "fingerprint"),
)
"""`pkcs12` and `password` are sealed, and absent where only the certificate is known."""

installation = Table(
    "installation",
    metadata,
    Column("id", Id, primary_key=True),
    Column("rut", ForeignKey("issuer.rut"), nullable=False),
    Column("code", String(16), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("machine", String(100), nullable=False),
    Column("raised", Moment),
    # The server_epoch under which it has sent everything.
    Column("recovered", String(32), nullable=False),
    Column("dead", Moment),
    # Which start of which machine speaks for it, and how many there were in this epoch.
    Column("run", String(64), nullable=False, server_default=""),
    Column("turn", BigInteger, nullable=False, server_default="0"),
    Column("run_name", String(100), nullable=False, server_default=""),
    Column("run_since", Moment),
    # Copies of the machine that were refused, and what the last of them knew.
    Column("clones", Integer, nullable=False, server_default="0"),
    Column("refused", String(64)),
    # The newest contingencia that it handed documents over of, and whether it still goes on by itself.
    Column("contingency_since", Moment),
    Column("contingency_reason", Text, nullable=False, server_default=""),
    Column("contingency_branch", String(4), nullable=False, server_default=""),
    Column("contingency_open", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("rut", "code"),
)

past_run = Table(
    "past_run",
    metadata,
    Column("installation", ForeignKey("installation.id"), primary_key=True),
    Column("run", String(64), primary_key=True),
    Column("ended", Moment, nullable=False),
)
"""Runs of before: what names one of them was held up in the network, and is no copy of the machine."""

token = Table(
    "token",
    metadata,
    Column("id", Id, primary_key=True),
    Column("installation", ForeignKey("installation.id"), nullable=False, index=True),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("created", Moment, nullable=False),
    Column("revoked", Moment),
)

cae = Table(
    "cae",
    metadata,
    Column("id", Id, primary_key=True),
    Column("rut", ForeignKey("issuer.rut"), nullable=False),
    Column("cae", String(11), nullable=False),
    Column("doc_type", Integer, nullable=False),
    Column("series", String(2), nullable=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    # The lowest number that was never given; held ranges may lie above it.
    Column("next", Integer, nullable=False),
    Column("expires", Date, nullable=False),
    Column("special", String(1), nullable=False),
    Column("reason", String(3), nullable=False),
    Column("imported", Moment, nullable=False),
    Column("file", LargeBinary, nullable=False),
    UniqueConstraint("rut", "cae"),
    Index("ix_cae_stock", "rut", "doc_type", "expires"),
)

lease = Table(
    "lease",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("installation", ForeignKey("installation.id"), nullable=False),
    Column("cae", ForeignKey("cae.id"), nullable=False, index=True),
    Column("epoch", BigInteger, nullable=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("state", String(8), nullable=False),
    # Numbers that were used, as told when it was closed: leased until their documents come.
    Column("used", Text, nullable=False),
    Column("idempotency", String(100)),
    Column("granted", Moment, nullable=False),
    UniqueConstraint("installation", "idempotency"),
)

annulled = Table(
    "annulled",
    metadata,
    Column("id", Id, primary_key=True),
    Column("cae", ForeignKey("cae.id"), nullable=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("day", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Index("ix_annulled_number", "cae", "last"),
)
"""Ranges of numbers that are annulled, with the day on which they became so. A given number that is neither here nor
in a lease nor has a document is doubtful: absence is the safe side."""

attempt = Table(
    "attempt",
    metadata,
    Column("installation", ForeignKey("installation.id"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("key", String(50), primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("counter", BigInteger, nullable=False),
    # The remarks with which this very attempt was refused; empty when it was not.
    Column("refusal", Text, nullable=False),
)
"""The highest attempt that was seen of a key, known or not."""

IS_MAIN = text("state <> 'voided' AND NOT extra")
"""The document of its key that counts. Queries use these very words, or no database finds the index for them."""

IS_UNSORTED = text("state = 'confirmed' AND alone IS NULL")
"""Documents that count and of which nobody has said yet how they reach the authority."""
IS_WAITING = text("state = 'confirmed' AND alone")
"""Documents that go to the authority one by one, and of which it has said nothing yet."""

IS_UNANSWERED = text("state IN ('confirmed', 'sent') AND alone")
"""The same, and those that it has and has not decided about."""

IS_UNADDRESSED = text(
    "recipient IS NULL AND (state IN ('sent', 'accepted', 'reported') OR (state = 'confirmed' AND NOT alone))"
)
"""Documents that may go to their receivers, the authority first, and of which nobody has said yet who that is."""
IS_UNPOSTED = text("recipient <> '' AND NOT posted")
"""Documents for a company that lie in no delivery."""
IS_REJECTED = text("state = 'rejected'")
"""Documents that the authority rejected."""
IS_REJECTED_ONE = text("document.state = 'rejected'")
"""The same in a question about other tables too."""

IS_CONTINGENCY = text("contingency_since IS NOT NULL")
"""Documents that an installation signed while it had no line."""

document = Table(
    "document",
    metadata,
    Column("id", Id, primary_key=True),
    Column("rut", ForeignKey("issuer.rut"), nullable=False),
    Column("installation", ForeignKey("installation.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("key", String(50), nullable=False),
    Column("extra", Boolean, nullable=False),
    Column("attempt_epoch", BigInteger, nullable=False),
    Column("attempt_counter", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("doc_type", Integer, nullable=False),
    Column("series", String(2), nullable=False),
    Column("number", Integer, nullable=False),
    Column("signed", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content_sha256", String(64), nullable=False),
    Column("signed_at", Moment, nullable=False),
    # Of the report that it belongs to.
    Column("day", Date, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("server_epoch", String(32), nullable=False),
    Column("signed_here", Boolean, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("anexo", Text, nullable=False),
    Column("terminal", String(100), nullable=False),
    Column("contingency_since", Moment),
    Column("contingency_reason", Text, nullable=False),
    Column("authority", Text, nullable=False),
    Column("stored", Moment, nullable=False),
    Column("changed", BigInteger, nullable=False),
    # Whether it goes to the authority one by one, not only in the report of its day; NULL: nobody has looked yet.
    Column("alone", Boolean),
    # Fingerprint of the certificate that signed it.
    Column("signer", String(64)),
    # RUT of its receiver, empty where that is no other company; NULL: nobody has looked yet.
    Column("recipient", String(12)),
    # Whether it lies in a delivery for that company, or in none for good.
    Column("posted", Boolean, nullable=False, server_default=false()),
    # What its receiver answered who does not want it, a sentence.
    Column("receiver_said", Text, nullable=False, server_default=""),
    UniqueConstraint("rut", "doc_type", "series", "number"),
    Index(
        "uq_document_of_key",
        "installation",
        "kind",
        "key",
        unique=True,
        sqlite_where=IS_MAIN,
        postgresql_where=IS_MAIN,
    ),
    Index("ix_document_changed", "installation", "changed", "id"),
    Index(
        "ix_document_prepared",
        "rut",
        "stored",
        sqlite_where=text("state = 'prepared'"),
        postgresql_where=text("state = 'prepared'"),
    ),
    Index("ix_document_unsorted", "rut", "id", sqlite_where=IS_UNSORTED, postgresql_where=IS_UNSORTED),
    Index("ix_document_waiting", "rut", "signed_at", "id", sqlite_where=IS_WAITING, postgresql_where=IS_WAITING),
    Index("ix_document_unanswered", "rut", "stored", sqlite_where=IS_UNANSWERED, postgresql_where=IS_UNANSWERED),
    Index("ix_document_unaddressed", "rut", "id", sqlite_where=IS_UNADDRESSED, postgresql_where=IS_UNADDRESSED),
    Index("ix_document_unposted", "rut", "recipient", "id", sqlite_where=IS_UNPOSTED, postgresql_where=IS_UNPOSTED),
    Index("ix_document_rejected", "rut", "id", sqlite_where=IS_REJECTED, postgresql_where=IS_REJECTED),
    Index("ix_document_day", "rut", "day"),
    Index(
        "ix_document_contingency",
        "installation",
        "contingency_since",
        sqlite_where=IS_CONTINGENCY,
        postgresql_where=IS_CONTINGENCY,
    ),
)
"""A voided one keeps its row: its number is never given again, and its bytes are evidence."""

corrected = Table(
    "corrected",
    metadata,
    Column("id", Id, primary_key=True),
    Column("document", ForeignKey("document.id"), nullable=False, index=True),
    Column("signed", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("signed_at", Moment, nullable=False),
    Column("state", String(16), nullable=False),
    Column("authority", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
"""What a paper's transcription said before it was corrected under its number: the authority has seen it."""

highest = Table(
    "highest",
    metadata,
    Column("rut", ForeignKey("issuer.rut"), primary_key=True),
    Column("doc_type", Integer, primary_key=True),
    Column("series", String(2), primary_key=True),
    Column("number", Integer, nullable=False),
)
"""The highest number that installations knew of, as they told after a restore: for CAEs that the copy did not have."""

day = Table(
    "day",
    metadata,
    Column("rut", ForeignKey("issuer.rut"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("changed", Moment, nullable=False),
    # The issuer's transaction that changed it.
    Column("seq", BigInteger, nullable=False, server_default="0"),
    # Why no report can be made of it, and when that is tried again.
    Column("trouble", Text, nullable=False, server_default=""),
    Column("due", Moment),
)
"""Closed days in which something changed after their report was made, or of which none can be made: it goes again."""

filer = Table(
    "filer",
    metadata,
    Column("rut", ForeignKey("issuer.rut"), primary_key=True),
    # The last number given to a sobre: it only grows.
    Column("idemisor", BigInteger, nullable=False),
    # The first day that is reported, where a person said so; up to which day there is a report of each.
    Column("since", Date),
    Column("reported", Date),
    # Of days up to this one the authority may have reports that a restored base forgot: it is asked first.
    Column("ask_until", Date),
    # The line: how often in a row it failed, when it is tried again, what was said.
    Column("tries", Integer, nullable=False),
    Column("due", Moment),
    Column("trouble", Text, nullable=False),
    Column("trouble_since", Moment),
)
"""How an issuer stands with the authority; one row each, made at its first sweep."""

IS_UNDER_WAY = text("state IN ('made', 'taken')")
"""Sobres and reports of which the authority has not said the last word."""

sobre = Table(
    "sobre",
    metadata,
    Column("id", Id, primary_key=True),
    Column("rut", ForeignKey("issuer.rut"), nullable=False),
    Column("idemisor", BigInteger, nullable=False),
    # The exact bytes that are sent, as often as need be.
    Column("sent", LargeBinary, nullable=False),
    Column("documents", Integer, nullable=False),
    Column("state", String(8), nullable=False),
    Column("made", Moment, nullable=False),
    Column("due", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    # What the authority gave for asking about its documents.
    Column("id_receptor", String(20), nullable=False),
    Column("token", Text, nullable=False),
    Column("trouble", Text, nullable=False),
    UniqueConstraint("rut", "idemisor"),
    Index("ix_sobre_due", "rut", "due", sqlite_where=IS_UNDER_WAY, postgresql_where=IS_UNDER_WAY),
)

IS_IN_HAND = text("state IN ('sent', 'accepted', 'held')")
"""A document lies in one sobre only, unless that one or the document in it was refused."""

shipment = Table(
    "shipment",
    metadata,
    Column("id", Id, primary_key=True),
    Column("sobre", ForeignKey("sobre.id"), nullable=False),
    Column("document", ForeignKey("document.id"), nullable=False),
    # Of its bytes: a paper may be corrected under its number.
    Column("sha256", String(64), nullable=False),
    Column("state", String(8), nullable=False),
    Column("reasons", Text, nullable=False),
    UniqueConstraint("sobre", "document"),
    Index("ix_shipment_document", "document"),
    Index("uq_shipment_in_hand", "document", unique=True, sqlite_where=IS_IN_HAND, postgresql_where=IS_IN_HAND),
)
"""Which document lies in which sobre, and what the authority said of it."""

report = Table(
    "report",
    metadata,
    Column("id", Id, primary_key=True),
    Column("rut", ForeignKey("issuer.rut"), nullable=False),
    Column("day", Date, nullable=False),
    Column("secuencia", Integer, nullable=False),
    # The exact signed bytes that are sent, as often as need be.
    Column("sent", LargeBinary, nullable=False),
    # Of what it says, whatever its sequence and the time of its signature.
    Column("content_sha256", String(64), nullable=False),
    # The issuer's last transaction that it knows of.
    Column("seq", BigInteger, nullable=False),
    Column("state", String(8), nullable=False),
    Column("made", Moment, nullable=False),
    Column("due", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("id_receptor", String(20), nullable=False),
    Column("trouble", Text, nullable=False),
    # One that was refused used no sequence up.
    Index(
        "uq_report_rut_day_secuencia",
        "rut",
        "day",
        "secuencia",
        unique=True,
        sqlite_where=text("state <> 'refused'"),
        postgresql_where=text("state <> 'refused'"),
    ),
    Index("ix_report_due", "rut", "due", sqlite_where=IS_UNDER_WAY, postgresql_where=IS_UNDER_WAY),
)
"""The daily reports, as they were sent."""

answer = Table(
    "answer",
    metadata,
    Column("id", Id, primary_key=True),
    Column("sobre", ForeignKey("sobre.id"), index=True),
    Column("report", ForeignKey("report.id"), index=True),
    Column("at", Moment, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
"""What the authority answered about a sobre or a report, signed by it: evidence."""

rate = Table(
    "rate",
    metadata,
    Column("currency", String(3), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("pesos", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("imported", Moment, nullable=False),
)
"""Pesos of one of a currency at the close of a day, with all decimals, and who says so."""

alarm = Table(
    "alarm",
    metadata,
    Column("id", Id, primary_key=True),
    Column("rut", ForeignKey("issuer.rut"), nullable=False),
    Column("code", String(8), nullable=False),
    Column("at", Moment, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("dismissed", Moment),
    Index("ix_alarm_open", "rut", "dismissed"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("rut", String(12), nullable=False),
    Column("who", String(200), nullable=False),
    Column("act", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Column("detail", Text, nullable=False),
)

IS_AT_HAND = text("state IN ('new', 'apart')")
"""Letters that were not read yet, and those that wait for a person."""

mailbox = Table(
    "mailbox",
    metadata,
    Column("source", String(200), primary_key=True),
    # Of IMAP: the number of its numbering, and the last letter of it that is in the base.
    Column("validity", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    # How often in a row it could not be looked into, when it is tried again, what was said.
    Column("tries", Integer, nullable=False),
    Column("due", Moment),
    Column("trouble", Text, nullable=False),
    Column("trouble_since", Moment),
)
"""Where letters come from."""

letter = Table(
    "letter",
    metadata,
    Column("id", Id, primary_key=True),
    # The same bytes are the same letter, wherever they are found.
    Column("sha256", String(64), nullable=False, unique=True),
    Column("source", String(200), nullable=False),
    Column("name", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("arrived", Moment, nullable=False),
    Column("state", String(8), nullable=False),
    # Whose it is, as far as that is known.
    Column("rut", String(12), nullable=False),
    Column("trouble", Text, nullable=False),
    Index("ix_letter_at_hand", "state", "id", sqlite_where=IS_AT_HAND, postgresql_where=IS_AT_HAND),
)
"""What others sent, as it came: kept before it is read."""

IS_TAKEN = text("estado = 'AS'")
"""Sobres that were taken in; one that was not may come again, mended, under its number."""

received_sobre = Table(
    "received_sobre",
    metadata,
    Column("id", Id, primary_key=True),
    Column("rut", ForeignKey("issuer.rut"), nullable=False),
    Column("emisor", String(12), nullable=False),
    Column("idemisor", BigInteger, nullable=False),
    Column("letter", ForeignKey("letter.id"), nullable=False),
    Column("name", String(100), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("documents", Integer, nullable=False),
    Column("received", Moment, nullable=False),
    # Our own number of it.
    Column("id_receptor", BigInteger, nullable=False),
    Column("estado", String(2), nullable=False),
    # What was refused of it, or all of it: sentences.
    Column("reasons", Text, nullable=False),
    # Where its letter says that answers go; the register of issuers comes before it.
    Column("reply_to", Text, nullable=False),
    Index(
        "uq_received_sobre_taken",
        "rut",
        "emisor",
        "idemisor",
        unique=True,
        sqlite_where=IS_TAKEN,
        postgresql_where=IS_TAKEN,
    ),
    Index("ix_received_sobre_content", "rut", "sha256"),
)
"""Sobres that other issuers sent to one of ours."""

IS_UNDECIDED = text("estado = 'RECIBIDO'")
"""Received documents that may still be rejected."""

received = Table(
    "received",
    metadata,
    Column("id", Id, primary_key=True),
    Column("rut", ForeignKey("issuer.rut"), nullable=False),
    Column("emisor", String(12), nullable=False),
    Column("doc_type", Integer, nullable=False),
    Column("series", String(2), nullable=False),
    Column("number", Integer, nullable=False),
    Column("signed", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("adenda", Text, nullable=False),
    # What is told of it, as the wire tells it.
    Column("facts", Text, nullable=False),
    Column("arrived", Moment, nullable=False),
    Column("estado", String(12), nullable=False),
    # Until when it may be rejected.
    Column("until", Moment, nullable=False),
    Column("reason", String(3), nullable=False),
    Column("detail", Text, nullable=False),
    Column("changed", BigInteger, nullable=False),
    UniqueConstraint("rut", "emisor", "doc_type", "series", "number"),
    Index("ix_received_changed", "rut", "changed", "id"),
    Index("ix_received_until", "until", sqlite_where=IS_UNDECIDED, postgresql_where=IS_UNDECIDED),
)
"""Documents that other issuers made out to one of ours, with good signatures."""

IS_UNANSWERED_LOT = text("reply IS NULL")
"""Documents of a sobre about which nothing was answered yet."""

reply = Table(
    "reply",
    metadata,
    Column("id", Id, primary_key=True),
    Column("sobre", ForeignKey("received_sobre.id"), nullable=False, index=True),
    Column("name", String(120), nullable=False),
    # The exact signed bytes that are sent, as often as need be.
    Column("content", LargeBinary, nullable=False),
    Column("made", Moment, nullable=False),
    Column("due", Moment),
    Column("tries", Integer, nullable=False),
    Column("trouble", Text, nullable=False),
    Column("sent", Moment),
    Index("ix_reply_due", "due", sqlite_where=text("due IS NOT NULL"), postgresql_where=text("due IS NOT NULL")),
)
"""What is answered about sobres of others; one with a `due` is still to be sent."""

received_lot = Table(
    "received_lot",
    metadata,
    Column("sobre", ForeignKey("received_sobre.id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("document", ForeignKey("received.id"), nullable=False, index=True),
    Column("reply", ForeignKey("reply.id")),
    Index("ix_received_lot_open", "document", sqlite_where=IS_UNANSWERED_LOT, postgresql_where=IS_UNANSWERED_LOT),
)
"""Which received document lies where in which sobre, and the answer that told what became of it there."""

taxpayer = Table(
    "taxpayer",
    metadata,
    Column("country", String(2), primary_key=True),
    Column("number", String(20), primary_key=True),
    Column("asked", Moment, nullable=False),
    Column("document", LargeBinary),
    Column("fault", Integer),
    Column("fault_text", Text, nullable=False),
)
"""The newest word of the authority about a taxpayer: its document, or the code with which it refused one."""

register = Table(
    "register",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    # When the whole of it was told, and when what changed since.
    Column("whole", Moment),
    Column("asked", Moment),
    Column("tries", Integer, nullable=False),
    Column("due", Moment),
    Column("trouble", Text, nullable=False),
    Column("trouble_since", Moment),
)
"""How the authority's register of electronic issuers was asked for: one row, once somebody asked."""

receiver = Table(
    "receiver",
    metadata,
    Column("rut", String(12), primary_key=True),
    Column("name", Text, nullable=False),
    Column("since", Date),
    Column("until", Date),
    # Where it takes the documents of other issuers; empty where it has none.
    Column("mail", Text, nullable=False),
    Column("web_service", Text, nullable=False),
    Column("asked", Moment, nullable=False),
)
"""The authority's register of electronic issuers, as it was told last."""

courier = Table(
    "courier",
    metadata,
    Column("rut", ForeignKey("issuer.rut"), primary_key=True),
    # What was stored before it goes to nobody by itself.
    Column("since", Moment, nullable=False),
    # The line to the mail server: how often in a row it failed, when it is tried again, what was said.
    Column("tries", Integer, nullable=False),
    Column("due", Moment),
    Column("trouble", Text, nullable=False),
    Column("trouble_since", Moment),
)
"""How an issuer stands with those who receive its documents; one row each, made when it is first looked at."""

IS_TO_LEAVE = text("state = 'made'")
"""Deliveries of which nobody has said yet that they arrived."""
IS_UNACKNOWLEDGED = text("state = 'sent' AND kind = 'sobre'")
"""Sobres that a receiver has and has not answered."""

delivery = Table(
    "delivery",
    metadata,
    Column("id", Id, primary_key=True),
    Column("rut", ForeignKey("issuer.rut"), nullable=False),
    Column("kind", String(8), nullable=False),
    # Idemisor of a sobre, IDComunicacion of what tells rejections; of the same count, so that no two are alike.
    Column("number", BigInteger, nullable=False),
    # RUT of the receiver; empty for a person who gave an address.
    Column("receiver", String(12), nullable=False),
    Column("address", Text, nullable=False),
    # Where it goes by web service; empty: by mail.
    Column("web_service", Text, nullable=False),
    # The exact XML that leaves, as often as need be; none for a person, whose mail has the document.
    Column("sent", LargeBinary),
    # The exact mail, from when it was made until the mail server took it.
    Column("mail", LargeBinary),
    Column("documents", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("made", Moment, nullable=False),
    Column("due", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    # When somebody took it, and what was said, or why nobody does.
    Column("left", Moment),
    Column("trouble", Text, nullable=False),
    UniqueConstraint("rut", "number"),
    Index("ix_delivery_due", "rut", "due", sqlite_where=IS_TO_LEAVE, postgresql_where=IS_TO_LEAVE),
    Index(
        "ix_delivery_unacknowledged", "rut", "left", sqlite_where=IS_UNACKNOWLEDGED, postgresql_where=IS_UNACKNOWLEDGED
    ),
)
"""What goes to receivers: sobres between companies, rejections of the authority, mails to persons."""

parcel = Table(
    "parcel",
    metadata,
    Column("id", Id, primary_key=True),
    Column("delivery", ForeignKey("delivery.id"), nullable=False),
    Column("document", ForeignKey("document.id"), nullable=False),
    # What the receiver decided about it, AE or BE, and when it signed that; empty while it has not.
    Column("estado", String(2), nullable=False),
    Column("reasons", Text, nullable=False),
    Column("decided", Moment),
    # The receiver was told, or need not be, that the authority rejected it.
    Column("withdrawn", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("delivery", "document"),
    Index("ix_parcel_document", "document"),
)
"""Which document lies in which delivery, and what its receiver said of it."""
