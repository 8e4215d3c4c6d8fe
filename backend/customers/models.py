"""Tables of the customers."""

from tortoise import fields
from tortoise.models import Model


class Customer(Model):
    """A customer: a digest of the shop's reference, a segment, and personal fields encrypted."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    reference_digest = fields.BinaryField()
    segment = fields.TextField(null=True)
    personal = fields.BinaryField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "customers"
        app = "retail"


class CustomerKey(Model):
    """The key of one person, itself encrypted. Without it `personal` is lost for good."""

    customer_id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    wrapped_key = fields.BinaryField()

    class Meta(Model.Meta):
        table = "customer_keys"
        app = "retail"
