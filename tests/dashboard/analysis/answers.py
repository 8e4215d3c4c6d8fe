"""A backend at the dashboard's HTTP port that adds nothing up: every summary is the same."""

import json
import re

import httpx2

FIGURES = {
    "units": "10",
    "grossSales": "50",
    "discount": "5",
    "netSales": "45",
    "netSalesWithoutCost": "0",
    "orders": 2,
    "returns": "0",
    "cost": "20",
    "profit": "25",
}
ORDER = (
    *("units", "grossSales", "discount", "netSales", "netSalesWithoutCost", "returns"),
    *("cost", "profit", "orders"),
)
AS_OF = "2018-03-05T12:00:00Z"
CHOICES = {
    "organisation": {
        "name": "Corner",
        "currency": "USD",
        "timezone": "UTC",
        "isDemo": False,
        "fiscalCalendar": "FISCAL",
    },
    "salesKeptFrom": None,
    "businessYears": [
        {
            "id": f"FY{year}",
            "from": f"{year - 1}-04-01",
            "to": f"{year}-03-31",
            "months": [
                *(f"{year - 1}-{month:02}-01" for month in range(4, 13)),
                *(f"{year}-{month:02}-01" for month in range(1, 4)),
            ],
        }
        for year in range(2015, 2030)
    ],
    "locations": {"nodes": []},
    "analyses": [
        {"name": "WEEKS_OF_SUPPLY", "title": "Weeks of supply", "refusedFilters": ["regions"]}
    ],
    "goods": {
        "rows": [{"keys": [{"id": "Food", "label": "Food"}, {"id": "Drinks", "label": "Drinks"}]}]
    },
    "ships": {"rows": []},
    "segments": {"rows": []},
    "sellers": {"rows": []},
}


def summary(dimensions, rows=1):
    figures = [FIGURES[name] for name in ORDER]
    cells = [
        [
            *(f"{one}-{n}" for one in dimensions),
            *(f"{one} {n}" for one in dimensions),
            *figures,
            None,
        ]
        for n in range(1, rows + 1)
    ]
    return {"asOf": AS_OF, "cells": cells, "totals": FIGURES}


def refusal(code, **more):
    error = {"message": f"no: {code}", "extensions": {"code": code}, **more}
    return httpx2.Response(200, json={"data": None, "errors": [error]})


class Adder(httpx2.AsyncBaseTransport):
    """`refused` maps a dimension to the error code with which summaries by it are refused.

    More than `most` summaries at once are refused as a whole; each has so many `rows`.
    """

    def __init__(self):
        self.asked = []
        self.refused = {}
        self.most = 100
        self.rows = 1
        self.kept_from = None
        self.recorded_from = "2018-03-01"
        self.name = "Corner"
        self.has_choices = True
        self.choices_asked = 0

    async def handle_async_request(self, request):
        body = json.loads(await request.aread())
        days = [{"from": self.recorded_from, "to": "2018-03-05"}]
        if "AnalysisChoices" in body["query"]:
            self.choices_asked += 1
            if not self.has_choices:
                return refusal("QUERY_TOO_EXPENSIVE")
            organisation = {**CHOICES["organisation"], "name": self.name}
            said = {"organisation": organisation, "salesKeptFrom": self.kept_from}
            return httpx2.Response(200, json={"data": {**CHOICES, **said, "recordedDays": days}})
        if "RecordedDays" in body["query"]:
            return httpx2.Response(200, json={"data": {"recordedDays": days}})
        self.asked.append(body)
        dimensions = {
            alias: body["variables"][f"{alias}_groupBy"]
            for alias in re.findall(r"^  (c\d+): salesSummary", body["query"], re.MULTILINE)
        }
        if len(dimensions) > self.most:
            return refusal("QUERY_TOO_EXPENSIVE")
        for alias, by in dimensions.items():
            for code in (self.refused[one] for one in by if one in self.refused):
                return refusal(code, path=[alias])
        data = {alias: summary(by, self.rows) for alias, by in dimensions.items()}
        return httpx2.Response(200, json={"data": data})
