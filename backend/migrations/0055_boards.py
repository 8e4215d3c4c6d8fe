"""Runs 0055_boards.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Boards, their versions and comments."""

    dependencies = [("retail", "0057_goals")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
