"""Table of alerts."""

from tortoise import fields
from tortoise.models import Model


class Alert(Model):
    """Something that needs attention, from its opening to its resolution."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    kind = fields.TextField()
    severity = fields.TextField()
    state = fields.TextField()
    location: fields.ForeignKeyNullableRelation[Model] = fields.ForeignKeyField(
        "retail.Location", related_name=False, null=True, db_constraint=False
    )
    product: fields.ForeignKeyNullableRelation[Model] = fields.ForeignKeyField(
        "retail.Product", related_name=False, null=True, db_constraint=False
    )
    subject = fields.TextField(null=True)
    value = fields.DecimalField(20, 4, null=True)
    threshold = fields.DecimalField(20, 4, null=True)
    opened_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    acknowledged_at = fields.DatetimeField(null=True)
    acknowledged_by = fields.TextField(null=True)
    note = fields.TextField(null=True)
    resolved_at = fields.DatetimeField(null=True)
    version = fields.BigIntField(default=1)

    class Meta(Model.Meta):
        table = "alerts"
        app = "retail"
