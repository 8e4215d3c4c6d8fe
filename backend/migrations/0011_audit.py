"""Runs 0011_audit.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """The audit log, and the end of an organisation."""

    dependencies = [("retail", "0010_people")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
