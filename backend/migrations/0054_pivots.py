"""Runs 0054_pivots.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Pivots that somebody saved."""

    dependencies = [("retail", "0046_losses")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
