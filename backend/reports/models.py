"""Tables of reports."""

from typing import Any

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model


class ReportSchedule(Model):
    """What comes by itself, and when."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    name = fields.TextField()
    content = fields.JSONField[dict[str, Any]]()
    formats = ArrayField("text")
    frequency = fields.TextField()
    due_time = fields.TextField()
    due_day = fields.SmallIntField()
    resends_restated = fields.BooleanField()
    is_paused = fields.BooleanField(default=False)
    user_id = fields.UUIDField(null=True)
    client_id = fields.TextField()
    scopes = ArrayField("text")
    location_ids = ArrayField("uuid", null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    version = fields.BigIntField(default=1)

    class Meta(Model.Meta):
        table = "report_schedules"
        app = "retail"


class ReportRun(Model):
    """One report on its way to one reader, and what became of it."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    reason = fields.TextField()
    schedule_id = fields.UUIDField(null=True)
    recipient_id = fields.UUIDField(null=True)
    restates_id = fields.UUIDField(null=True)
    name = fields.TextField()
    content = fields.JSONField[dict[str, Any]]()
    formats = ArrayField("text")
    channel = fields.TextField()
    user_id = fields.UUIDField(null=True)
    client_id = fields.TextField()
    scopes = ArrayField("text", null=True)
    location_ids = ArrayField("uuid", null=True)
    timezone = fields.TextField()
    first_day = fields.DateField(null=True)
    last_day = fields.DateField(null=True)
    state = fields.TextField()
    progress = fields.SmallIntField(default=0)
    doing = fields.TextField(default="")
    attempts = fields.SmallIntField(default=0)
    queued_at = fields.DatetimeField()
    due_at = fields.DatetimeField(null=True)
    next_attempt_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)
    is_late = fields.BooleanField(default=False)
    restated_at = fields.DatetimeField(null=True)
    failure_code = fields.TextField(null=True)
    failure_message = fields.TextField(null=True)
    as_of = fields.DatetimeField(null=True)
    seen_with = ArrayField("text", null=True)
    totals = fields.JSONField[dict[str, Any]](null=True)
    restated_totals = fields.JSONField[dict[str, Any]](null=True)
    effect_key = fields.TextField()
    version = fields.BigIntField(default=1)

    class Meta(Model.Meta):
        table = "report_runs"
        app = "retail"


class Pivot(Model):
    """A pivot that somebody saved."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    name = fields.TextField()
    definition = fields.JSONField[dict[str, Any]]()
    sharing = fields.TextField()
    roles = ArrayField("text")
    owner_id = fields.TextField()
    version = fields.BigIntField(default=1)
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "pivots"
        app = "retail"


class Board(Model):
    """A board: its draft, and which of its versions is published."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    title = fields.TextField()
    blocks = fields.JSONField[list[Any]]()
    roles = ArrayField("text")
    location_ids = ArrayField("uuid")
    owner_id = fields.TextField()
    published_number = fields.IntField(null=True)
    version = fields.BigIntField(default=1)
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "boards"
        app = "retail"
