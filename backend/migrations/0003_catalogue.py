"""Runs 0003_catalogue.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Catalogue."""

    dependencies = [("retail", "0002_identity")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
