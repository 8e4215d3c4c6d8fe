"""Every analysis, one after the other: the sweep of all fields asks for a few of them only."""

import json

from backend.analytics.presets.catalogue import PRESETS
from tests.attack.test_within import FACTS, insider, seen_and_all, singing
from tests.attack.victim import tokens_in
from tests.contract import documents

DOCUMENT = documents.operation("Query", "analysis")
__all__ = ["insider"]


async def test_no_analysis_tells_who_is_limited_of_the_rest(insider, victim, settings, owner_url):
    attacker, known, limits = insider
    seen, everything = await seen_and_all(settings, owner_url, victim.org_id, limits)
    hidden = [rows - seen[name] for name, rows in everything.items()]
    open_ = {row for name, rows in seen.items() if name != FACTS for row in rows}
    secrets = singing(hidden) - singing([open_]) - tokens_in(json.dumps(known.anything))
    assert len(secrets) >= 10

    for name in PRESETS:
        for chosen in (
            None,
            {"skus": known.by_name["sku"]},
            {"locations": known.by_name["location"]},
        ):
            body = {"query": DOCUMENT, "variables": {"name": name, "filter": chosen}}
            response = await attacker.send(body)
            assert response.status_code == 200, (name, response.text)
            assert "INTERNAL_ERROR" not in response.text, (name, response.text)
            assert not tokens_in(response.text) & secrets, (name, response.text)


async def test_no_analysis_tells_another_retailer_anything(victim, stranger):
    secrets = victim.known.secrets - stranger.known.secrets

    for name in PRESETS:
        for chosen in (None, {"skus": victim.known.by_name["sku"]}):
            body = {"query": DOCUMENT, "variables": {"name": name, "filter": chosen}}
            response = await stranger.admin.send(body)
            assert not tokens_in(response.text) & secrets, (name, response.text)
