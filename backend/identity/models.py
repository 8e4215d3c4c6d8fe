"""Tables of identity: organisations, OAuth clients."""

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
    is_demo = fields.BooleanField(default=False)
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
    secret_hash = fields.TextField()
    scopes = ArrayField("text")
    location_ids = ArrayField("uuid", null=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    last_used_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        """Table."""

        table = "clients"
