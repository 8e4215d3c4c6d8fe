"""Tables of the fleet."""

from typing import Any

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model


class EnrolmentCode(Model):
    """A code that lets one agent in, once."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    digest = fields.BinaryField()
    name = fields.TextField(null=True)
    location: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "retail.Location", related_name=False, db_constraint=False
    )
    device_ids = ArrayField("uuid", null=True)
    made_at = fields.DatetimeField()
    made_by = fields.TextField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)
    withdrawn_at = fields.DatetimeField(null=True)
    client_id = fields.TextField(null=True)

    class Meta(Model.Meta):
        table = "enrolment_codes"
        app = "retail"


class Agent(Model):
    """A program beside the devices of a shop, and what it last said of itself."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    client_id = fields.TextField()
    name = fields.TextField()
    location_ids = ArrayField("uuid")
    state = fields.TextField()
    troubles = ArrayField("text")
    enrolled_at = fields.DatetimeField()
    enrolled_by = fields.TextField(null=True)
    software_version = fields.TextField(null=True)
    hostname = fields.TextField(null=True)
    boot_id = fields.TextField(null=True)
    started_at = fields.DatetimeField(null=True)
    sent_at = fields.DatetimeField(null=True)
    heard_at = fields.DatetimeField(null=True)
    clock_skew_ms = fields.IntField(null=True)
    outbox_depth = fields.BigIntField(default=0)
    outbox_bytes = fields.BigIntField(default=0)
    outbox_oldest_at = fields.DatetimeField(null=True)
    reads_refused = fields.BigIntField(default=0)
    reads_dropped = fields.BigIntField(default=0)
    reads_parked = fields.BigIntField(default=0)
    losing_at = fields.DatetimeField(null=True)
    last_error = fields.TextField(null=True)
    devices = fields.JSONField[list[dict[str, Any]]]()
    wanted_version = fields.IntField(null=True)
    configuration_version = fields.IntField(null=True)
    configuration_state = fields.TextField(null=True)
    configuration_error = fields.TextField(null=True)
    updated_at = fields.DatetimeField()
    version = fields.BigIntField(default=1)

    class Meta(Model.Meta):
        table = "agents"
        app = "retail"


class AgentConfiguration(Model):
    """A version of what agents are told to run with."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    version = fields.IntField()
    document = fields.TextField()
    note = fields.TextField(null=True)
    based_on = fields.IntField(null=True)
    location_ids = ArrayField("uuid")
    made_at = fields.DatetimeField()
    made_by = fields.TextField()

    class Meta(Model.Meta):
        table = "agent_configurations"
        app = "retail"


class AgentRollout(Model):
    """One configuration on its way to agents, wave after wave."""

    id = fields.UUIDField(primary_key=True)
    org_id = fields.UUIDField()
    configuration_version = fields.IntField()
    state = fields.TextField()
    wave = fields.IntField()
    waves = fields.IntField()
    trial_seconds = fields.IntField()
    grace_seconds = fields.IntField()
    location_ids = ArrayField("uuid")
    started_at = fields.DatetimeField()
    started_by = fields.TextField()
    wave_started_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)
    reason = fields.TextField(null=True)
    version = fields.BigIntField(default=1)

    class Meta(Model.Meta):
        table = "agent_rollouts"
        app = "retail"
