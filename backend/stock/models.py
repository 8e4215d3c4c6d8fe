"""Tables of the ledger."""

from tortoise import fields
from tortoise.models import Model


class StockMovement(Model):
    """One change of one quantity; never updated, never deleted."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    location: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "retail.Location", related_name=False, db_constraint=False
    )
    product: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "retail.Product", related_name=False, db_constraint=False
    )
    quantity = fields.DecimalField(20, 4)
    reason = fields.TextField()
    reference = fields.TextField(null=True)
    occurred_at = fields.DatetimeField()
    recorded_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "stock_movements"
        app = "retail"


class StockLevel(Model):
    """The sum of the movements of a product at a location, and what of it is spoken for."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    location: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "retail.Location", related_name=False, db_constraint=False
    )
    product: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "retail.Product", related_name=False, db_constraint=False
    )
    on_hand = fields.DecimalField(20, 4, default=0)
    committed = fields.DecimalField(20, 4, default=0)
    unavailable = fields.DecimalField(20, 4, default=0)
    incoming = fields.DecimalField(20, 4, default=0)
    reorder_point = fields.DecimalField(20, 4, null=True)
    version = fields.BigIntField(default=1)
    updated_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "stock_levels"
        app = "retail"
