"""Table of pieces."""

from tortoise import fields
from tortoise.models import Model


class Piece(Model):
    """A single object with a serial number of its own."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    gtin = fields.TextField()
    serial = fields.TextField()
    epc = fields.TextField()
    epc_hex = fields.TextField(null=True)
    product: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "retail.Product", related_name=False, db_constraint=False
    )
    units = fields.DecimalField(20, 4)
    lot = fields.TextField(null=True)
    expires_on = fields.DateField(null=True)
    state = fields.TextField()
    is_suspect = fields.BooleanField(default=False)
    location: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "retail.Location", related_name=False, db_constraint=False
    )
    read_point = fields.TextField()
    stock_location: fields.ForeignKeyNullableRelation[Model] = fields.ForeignKeyField(
        "retail.Location", related_name=False, null=True, db_constraint=False
    )
    first_seen_at = fields.DatetimeField()
    last_seen_at = fields.DatetimeField()
    inside_at = fields.DatetimeField(null=True)
    left_at = fields.DatetimeField(null=True)
    sold_at = fields.DatetimeField(null=True)
    bought_at = fields.DatetimeField(null=True)
    bought_location_id = fields.UUIDField(null=True)
    decided_at = fields.DatetimeField(null=True)
    changed_at = fields.DatetimeField()
    version = fields.BigIntField(default=1)

    class Meta(Model.Meta):
        table = "pieces"
        app = "retail"
