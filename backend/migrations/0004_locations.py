"""Runs 0004_locations.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Locations."""

    dependencies = [("retail", "0003_catalogue")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
