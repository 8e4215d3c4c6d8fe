"""Tables of devices and their reads."""

from tortoise import fields
from tortoise.models import Model


class ParkedCode(Model):
    """A code nobody knew, at a location: the database's key is (org_id, location_id, code)."""

    code = fields.CharField(4096, primary_key=True)
    org_id = fields.UUIDField()
    reason = fields.TextField()
    gtin = fields.TextField(null=True)
    reads = fields.BigIntField()
    device: fields.ForeignKeyRelation["Device"] = fields.ForeignKeyField(
        "retail.Device", related_name=False, db_constraint=False
    )
    location: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "retail.Location", related_name=False, db_constraint=False
    )
    first_seen_at = fields.DatetimeField()
    last_seen_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "parked_codes"
        app = "retail"


class Device(Model):
    """A scanner, reader or till in a place."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    code = fields.TextField()
    name = fields.TextField(null=True)
    location: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "retail.Location", related_name=False, db_constraint=False
    )
    last_read_at = fields.DatetimeField(null=True)
    clock_skew_ms = fields.IntField(null=True)
    updated_at = fields.DatetimeField()
    version = fields.BigIntField(default=1)

    class Meta(Model.Meta):
        table = "devices"
        app = "retail"
