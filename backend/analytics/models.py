"""Table of goals."""

from tortoise import fields
from tortoise.models import Model


class Goal(Model):
    """An amount planned for a period and a part of the business."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    period = fields.TextField()
    kind = fields.TextField()
    dimension = fields.TextField()
    member = fields.TextField()
    measure = fields.TextField()
    amount = fields.DecimalField(20, 4)
    location_id = fields.UUIDField(null=True)
    latched = fields.TextField(null=True)
    version = fields.BigIntField()
    updated_at = fields.DatetimeField()
    updated_by = fields.TextField()

    class Meta(Model.Meta):
        table = "goals"
        app = "retail"
