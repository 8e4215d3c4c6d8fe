"""Counts the statements a piece of work sends to PostgreSQL."""

import contextlib

from backend.identity.service import Identity


@contextlib.contextmanager
def counted(app):
    """Yield a list to which every statement of the application's requests is added."""
    seen = []

    def note(record):
        seen.append(record.query)

    pool = app.state.services[Identity].database._app
    connections = [holder._con for holder in pool._holders if holder._con is not None]
    for connection in connections:
        connection.add_query_logger(note)
    try:
        yield seen
    finally:
        for connection in connections:
            connection.remove_query_logger(note)
