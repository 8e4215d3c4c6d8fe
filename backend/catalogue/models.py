"""Tables of the catalogue. Their primary keys are (org_id, id); Tortoise maps `id` alone."""

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model


class Distributor(Model):
    """Who supplies products, or sells ours on."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    code = fields.TextField()
    name = fields.TextField()
    latitude = fields.FloatField(null=True)
    longitude = fields.FloatField(null=True)
    city = fields.TextField(null=True)
    state = fields.TextField(null=True)
    postal_code = fields.TextField(null=True)
    region = fields.TextField(null=True)
    country = fields.TextField(null=True)
    attributes = fields.JSONField[dict[str, object]](default=dict)
    updated_at = fields.DatetimeField()
    version = fields.BigIntField(default=1)

    class Meta(Model.Meta):
        table = "distributors"
        app = "retail"


class Category(Model):
    """One of two levels: a subcategory has a parent."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    name = fields.TextField()
    parent_id = fields.UUIDField(null=True)

    class Meta(Model.Meta):
        table = "categories"
        app = "retail"


class Product(Model):
    """What is sold: one sellable variant."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    sku = fields.TextField()
    name = fields.TextField()
    category: fields.ForeignKeyNullableRelation[Category] = fields.ForeignKeyField(
        "retail.Category", related_name=False, null=True, db_constraint=False
    )
    subcategory: fields.ForeignKeyNullableRelation[Category] = fields.ForeignKeyField(
        "retail.Category", related_name=False, null=True, db_constraint=False
    )
    distributor: fields.ForeignKeyNullableRelation[Distributor] = fields.ForeignKeyField(
        "retail.Distributor", related_name=False, null=True, db_constraint=False
    )
    reorder_point = fields.DecimalField(20, 4, null=True)
    status = fields.TextField(default="ACTIVE")
    attributes = fields.JSONField[dict[str, object]](default=dict)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    version = fields.BigIntField(default=1)

    class Meta(Model.Meta):
        table = "products"
        app = "retail"


class Promotion(Model):
    """A price cut known ahead. Empty lists of products or locations mean all."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    code = fields.TextField()
    name = fields.TextField()
    starts_on = fields.DateField()
    ends_on = fields.DateField()
    discount_rate = fields.DecimalField(6, 4)
    product_ids = ArrayField("uuid")
    location_ids = ArrayField("uuid")
    updated_at = fields.DatetimeField()
    version = fields.BigIntField(default=1)

    class Meta(Model.Meta):
        table = "promotions"
        app = "retail"
