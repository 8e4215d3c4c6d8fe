"""The pages that list records, and those of analysis, in the order of the navigation."""

from __future__ import annotations

from dashboard.pages import audit, clients, organisation, sales, sign_ins, users

RECORD_PAGES = (users.PAGE, clients.PAGE, sign_ins.PAGE, organisation.PAGE, audit.PAGE)
ANALYSIS_PAGES = (sales.PAGE,)
