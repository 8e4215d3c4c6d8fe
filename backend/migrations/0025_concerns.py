"""Runs 0025_concerns.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Alerts about what is no stock level."""

    dependencies = [("retail", "0024_audit_ends")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
