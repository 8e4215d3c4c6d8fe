"""How much anybody may ask for: the settings that protect a process from its clients."""

from datetime import timedelta
from typing import Annotated, Final

from pydantic import Field, PositiveFloat, PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict

Duration = Annotated[timedelta, Field(gt=timedelta(0))]


class Limits(BaseSettings):
    """The part of the settings that docs/limits.md explains, each with its code and figure."""

    model_config = SettingsConfigDict(
        env_prefix="SHELFCAST_", frozen=True, extra="ignore", use_attribute_docstrings=True
    )

    max_body_bytes: PositiveInt = 4_000_000
    """Largest request body."""
    body_timeout: Duration = timedelta(seconds=30)
    """Longest time a request's body may take to arrive."""
    max_batch: PositiveInt = 500
    """Most rows of one mutation."""

    max_document_length: PositiveInt = 50_000
    """Most characters of a GraphQL document."""
    max_document_tokens: PositiveInt = 2_000
    """Most tokens of a GraphQL document."""
    max_document_depth: PositiveInt = 12
    """Most levels of a GraphQL document."""
    max_document_aliases: PositiveInt = 100
    """Most aliases of a GraphQL document."""
    max_document_fields: PositiveInt = 1_000
    """Most fields of a GraphQL document, its fragments spread."""

    max_query_cost: PositiveInt = 10_000
    """Highest cost of one operation."""
    query_cost_burst: PositiveInt = 50_000
    """Cost that a client may ask for at once after a rest."""
    query_cost_rate: PositiveFloat = 2_000
    """Cost per second that a client may ask for all the time."""
    row_burst: PositiveInt = 200_000
    """Rows that a client may hand in at once after a rest."""
    row_rate: PositiveFloat = 20_000
    """Rows per second that a client may hand in all the time."""

    max_connections: PositiveInt = 1_000
    """Most open sockets and event streams of one client in one process."""
    max_subscriptions: PositiveInt = 50
    """Most operations open on one socket."""
    max_message_bytes: PositiveInt = 1_000_000
    """Largest message that a socket takes."""
    init_timeout: Duration = timedelta(seconds=10)
    """Longest time until a new socket says who it is."""
    idle_timeout: Duration = timedelta(minutes=5)
    """Longest life of a socket on which nothing runs."""
    send_timeout: Duration = timedelta(seconds=30)
    """Longest time a client may take to receive one message."""

    token_failures: PositiveInt = 10
    """Wrong secrets of one client from one address in a minute until it has to wait."""
    token_address_failures: PositiveInt = 60
    """Wrong secrets from one address in a minute until it has to wait."""
    login_failures: PositiveInt = 10
    """Wrong passwords for one e-mail address in five minutes until it has to wait."""
    login_address_failures: PositiveInt = 60
    """Wrong passwords from one address in five minutes until it has to wait."""
    enrolment_failures: PositiveInt = 10
    """Enrolment codes that are not good from one address in a minute until it has to wait."""


DEFAULTS: Final = Limits.model_construct()
"""What holds where nobody sets anything; the environment is not read."""
