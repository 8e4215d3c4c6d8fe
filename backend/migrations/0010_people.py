"""Runs 0010_people.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """People, their sign-ins, and clients that act for them."""

    dependencies = [("retail", "0009_alerts")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
