"""Counts the statements a piece of work sends to PostgreSQL."""

import contextlib
from contextvars import ContextVar

from backend.identity.authentication import Identity

_is_counted = ContextVar("is_counted", default=False)
_OF_THE_DRIVER = ("typeinfo_tree", "'jit'")
"""In its questions about types, which it asks once per connection."""


@contextlib.contextmanager
def counted(app):
    """Yield a list to which every statement is added that is caused inside the block.

    What the application does by itself meanwhile is not counted.
    """
    seen = []
    listened = []

    def note(record):
        if _is_counted.get() and not any(mark in record.query for mark in _OF_THE_DRIVER):
            seen.append(record.query)

    def listen(connection):
        connection.add_query_logger(note)
        listened.append(connection)

    async def begin(connection):
        await initialise(connection)
        listen(connection)

    pool = app.state.services[Identity].database._app
    initialise = pool._init
    pool._init = begin
    for holder in pool._holders:
        if holder._con is not None:
            listen(holder._con)
    token = _is_counted.set(True)
    try:
        yield seen
    finally:
        _is_counted.reset(token)
        pool._init = initialise
        for connection in listened:
            connection.remove_query_logger(note)
