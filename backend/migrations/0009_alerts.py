"""Runs 0009_alerts.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Alerts."""

    dependencies = [("retail", "0008_devices")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
