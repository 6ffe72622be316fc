"""Runs the migrations on the connection that ``core.register.log.database.migrate`` hands over."""

from __future__ import annotations

from alembic import context

from core.register.log.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
    render_as_batch=False,
)
context.run_migrations()
