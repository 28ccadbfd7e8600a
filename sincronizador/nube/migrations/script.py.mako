"""${message}."""

import sqlalchemy as sa
from alembic import op

from sincronizador.nube.tables import Moment

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Onwards; there is no way back but a copy."""
    ${upgrades if upgrades else "pass"}
