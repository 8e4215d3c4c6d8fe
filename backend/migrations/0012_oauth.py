"""Runs 0012_oauth.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """What people allow clients, and what proves it."""

    dependencies = [("retail", "0011_audit")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
