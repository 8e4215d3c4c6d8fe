"""Table of shelves. Its primary key is (org_id, id); Tortoise maps `id` alone."""

from tortoise import fields
from tortoise.models import Model


class Shelf(Model):
    """Boards at a location, and what stands on them."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    location_id = fields.UUIDField()
    code = fields.TextField()
    name = fields.TextField()
    refill_days = fields.SmallIntField()
    version = fields.BigIntField()
    updated_at = fields.DatetimeField()
    updated_by = fields.TextField()

    class Meta(Model.Meta):
        table = "shelves"
        app = "retail"
