"""Runs 0022_statistics.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Fresh statistics after an import."""

    dependencies = [("retail", "0020_parked_reads")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
