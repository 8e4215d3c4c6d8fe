"""Runs 0023_currency_and_supply.sql."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """The currency stays once there are sales; suppliers follow their stock."""

    dependencies = [("retail", "0022_statistics")]
    operations = [ops.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
