"""Tables of identity: organisations, OAuth clients, people and their sign-ins."""

from typing import Any

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model


class Organisation(Model):
    """A retailer: everything belongs to exactly one."""

    id = fields.UUIDField(primary_key=True)
    code = fields.TextField()
    name = fields.TextField()
    currency = fields.CharField(max_length=3)
    timezone = fields.TextField()
    fiscal_year_start = fields.SmallIntField(default=1)
    fiscal_calendar = fields.TextField(default="CALENDAR")
    fiscal_year_end = fields.TextField(default="NEAREST")
    is_demo = fields.BooleanField(default=False)
    closed_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta(Model.Meta):
        """Table."""

        table = "organisations"


class Client(Model):
    """An OAuth client: a program that may act for the organisation."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    client_id = fields.TextField()
    name = fields.TextField()
    secret_hash = fields.TextField(null=True)
    previous_secret_hash = fields.TextField(null=True)
    previous_secret_until = fields.DatetimeField(null=True)
    kind = fields.TextField(default="CONFIDENTIAL")
    redirect_uris = ArrayField("text", default=list)
    jwks = fields.JSONField[dict[str, Any]](null=True)
    is_first_party = fields.BooleanField(default=False)
    scopes = ArrayField("text")
    role = fields.TextField(null=True)
    location_ids = ArrayField("uuid", null=True)
    distributor_id = fields.UUIDField(null=True)
    channel = fields.TextField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    last_used_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        """Table."""

        table = "clients"


class User(Model):
    """A person who may sign in, with a role and what limits it."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    email = fields.TextField()
    name = fields.TextField()
    password_hash = fields.TextField(null=True)
    role = fields.TextField()
    location_ids = ArrayField("uuid", null=True)
    distributor_id = fields.UUIDField(null=True)
    channel = fields.TextField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField()
    last_sign_in_at = fields.DatetimeField(null=True)
    disabled_at = fields.DatetimeField(null=True)
    version = fields.BigIntField(default=1)

    class Meta(Model.Meta):
        """Table."""

        table = "users"


class Session(Model):
    """A browser's sign-in."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    user_id = fields.UUIDField()
    digest = fields.BinaryField()
    address = fields.TextField()
    agent = fields.TextField()
    created_at = fields.DatetimeField(auto_now_add=True)
    last_seen_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        """Table."""

        table = "sessions"


class OneTimeLink(Model):
    """An invitation or a password reset."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    digest = fields.BinaryField()
    kind = fields.TextField()
    user_id = fields.UUIDField()
    created_at = fields.DatetimeField(auto_now_add=True)
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        """Table."""

        table = "one_time_links"


class AuditEntry(Model):
    """Who did what from where; appended by the database alone."""

    seq = fields.BigIntField(primary_key=True)
    org_id = fields.UUIDField()
    at = fields.DatetimeField()
    actor_kind = fields.TextField()
    actor_id = fields.TextField()
    client_id = fields.TextField(null=True)
    address = fields.TextField(null=True)
    action = fields.TextField()
    subject = fields.TextField(null=True)
    details = fields.JSONField[dict[str, Any]]()
    previous_hash = fields.BinaryField()
    hash = fields.BinaryField()

    class Meta(Model.Meta):
        """Table."""

        table = "audit_log"


class Grant(Model):
    """What a person allowed a client."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    client_id = fields.TextField()
    user_id = fields.UUIDField()
    session_id = fields.UUIDField()
    scopes = ArrayField("text")
    created_at = fields.DatetimeField()
    last_used_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        """Table."""

        table = "grants"
