"""Runs the migrations on the connection that ``core.register.database.migrate`` hands over."""

from __future__ import annotations

from alembic import context

from core.register.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
    render_as_batch=False,
)
context.run_migrations()
