"""Tables of the locations."""

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model


class Location(Model):
    """A place where goods lie or are sold from."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    code = fields.TextField()
    name = fields.TextField()
    kind = fields.TextField()
    latitude = fields.FloatField(null=True)
    longitude = fields.FloatField(null=True)
    city = fields.TextField(null=True)
    state = fields.TextField(null=True)
    postal_code = fields.TextField(null=True)
    region = fields.TextField(null=True)
    country = fields.TextField(null=True)
    timezone = fields.TextField()
    opening_days = ArrayField("text")
    sales_source = fields.TextField(default="POS")
    attributes = fields.JSONField[dict[str, object]](default=dict)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    version = fields.BigIntField(default=1)

    class Meta(Model.Meta):
        table = "locations"
        app = "retail"
