"""Runs 0001_foundation.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Foundation."""

    dependencies = []
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
