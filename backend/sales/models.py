"""Tables of sales."""

from tortoise import fields
from tortoise.models import Model


class Sale(Model):
    """A sale or a return; never updated, never deleted."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    kind = fields.TextField()
    idempotency_key = fields.TextField()
    source = fields.TextField()
    location: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "retail.Location", related_name=False, db_constraint=False
    )
    channel = fields.TextField()
    sale_type = fields.TextField()
    sold_at = fields.DatetimeField()
    business_day = fields.DateField()
    recorded_at = fields.DatetimeField()
    distributor: fields.ForeignKeyNullableRelation[Model] = fields.ForeignKeyField(
        "retail.Distributor", related_name=False, null=True, db_constraint=False
    )
    sold_by = fields.TextField(null=True)
    customer_id = fields.UUIDField(null=True)
    segment = fields.TextField(null=True)
    ship_city = fields.TextField(null=True)
    ship_state = fields.TextField(null=True)
    ship_postal_code = fields.TextField(null=True)
    ship_region = fields.TextField(null=True)
    ship_country = fields.TextField(null=True)
    currency = fields.CharField(3)
    exchange_rate = fields.DecimalField(20, 10)
    return_of = fields.UUIDField(null=True)

    class Meta(Model.Meta):
        table = "sales"
        app = "retail"
