"""How Alembic runs here: on the connection that `nube.store` gives it, in that one transaction."""

from alembic import context

from sincronizador.nube.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
