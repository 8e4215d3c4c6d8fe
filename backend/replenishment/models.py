"""Tables of replenishment."""

from tortoise import fields
from tortoise.models import Model


class SupplyTerms(Model):
    """How goods are supplied, for a part of the business; what is null there means all."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    distributor_id = fields.UUIDField(null=True)
    product_id = fields.UUIDField(null=True)
    location_id = fields.UUIDField(null=True)
    lead_time_days = fields.SmallIntField(null=True)
    review_days = fields.SmallIntField(null=True)
    service_level = fields.DecimalField(4, 4, null=True)
    pack_size = fields.DecimalField(20, 4, null=True)
    minimum = fields.DecimalField(20, 4, null=True)
    cover_days = fields.SmallIntField(null=True)
    version = fields.BigIntField()
    updated_at = fields.DatetimeField()
    updated_by = fields.TextField()

    class Meta(Model.Meta):
        table = "supply_terms"
        app = "retail"
