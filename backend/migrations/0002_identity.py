"""Runs 0002_identity.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Identity."""

    dependencies = [("retail", "0001_foundation")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
