"""Runs 0008_devices.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Devices."""

    dependencies = [("retail", "0007_sales")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
