"""The pages that list records, and those of analysis, in the order of the navigation."""

from __future__ import annotations

from dashboard.pages import (
    analyses,
    audit,
    boards,
    channels,
    clients,
    customers,
    devices,
    distributors,
    forecast,
    goals,
    organisation,
    pivot,
    places,
    products,
    profit,
    reorder,
    reports,
    sales,
    shelf,
    sign_ins,
    trends,
    users,
)

RECORD_PAGES = (
    goals.PAGE,
    reorder.PAGE,
    shelf.PAGE,
    reports.PAGE,
    devices.PAGE,
    users.PAGE,
    clients.PAGE,
    sign_ins.PAGE,
    organisation.PAGE,
    audit.PAGE,
)
ANALYSIS_PAGES = (
    sales.PAGE,
    trends.PAGE,
    places.PAGE,
    products.PAGE,
    profit.PAGE,
    channels.PAGE,
    distributors.PAGE,
    customers.PAGE,
    analyses.PAGE,
    pivot.PAGE,
    boards.PAGE,
    forecast.PAGE,
)
