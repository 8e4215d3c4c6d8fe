"""Tables of forecasting; what holds arrays is read and written by statements."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class ForecastModel(Model):
    """One version of a model; what it is made of lies in another table."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    version = fields.IntField()
    family = fields.TextField()
    kind = fields.TextField()
    origin = fields.TextField()
    parent_id = fields.UUIDField(null=True)
    root_id = fields.UUIDField()
    run_id = fields.UUIDField(null=True)
    status = fields.TextField()
    verdict = fields.TextField(null=True)
    seed = fields.BigIntField()
    horizon = fields.SmallIntField()
    series = fields.IntField()
    first_seen = fields.DateField()
    last_seen = fields.DateField()
    trained_through = fields.DatetimeField()
    trained_at = fields.DatetimeField()
    promoted_at = fields.DatetimeField(null=True)
    metrics = fields.JSONField[dict[str, Any]]()
    baselines = fields.JSONField[dict[str, Any]]()
    is_partial = fields.BooleanField(default=False)
    left_out = fields.IntField(default=0)

    class Meta(Model.Meta):
        table = "forecast_models"
        app = "retail"


class ForecastRun(Model):
    """One job that trains or updates, and what became of it."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    kind = fields.TextField()
    reason = fields.TextField()
    status = fields.TextField()
    step = fields.TextField()
    progress = fields.FloatField()
    attempts = fields.SmallIntField()
    requested_by = fields.TextField()
    requested_at = fields.DatetimeField()
    started_at = fields.DatetimeField(null=True)
    heard_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    model_id = fields.UUIDField(null=True)
    promoted = fields.BooleanField(null=True)
    verdict = fields.TextField(null=True)
    error = fields.JSONField[dict[str, Any]](null=True)
    left_out = fields.IntField(default=0)
    version = fields.BigIntField()

    class Meta(Model.Meta):
        table = "forecast_runs"
        app = "retail"
