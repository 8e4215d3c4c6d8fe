"""Runs 0046_losses.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """An index of what was lost."""

    dependencies = [("retail", "0045_folded_rollups")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
