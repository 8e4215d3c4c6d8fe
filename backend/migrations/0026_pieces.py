"""Runs 0026_pieces.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """The register of pieces."""

    dependencies = [("retail", "0025_concerns")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
