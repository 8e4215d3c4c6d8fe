"""The page that defines every analysis, made from the table of them."""

from typing import Final

from backend.analytics.presets.catalogue import PRESETS
from backend.analytics.presets.choices import NAMES
from backend.analytics.presets.graphql import QUESTIONS
from backend.analytics.presets.preset import Preset

_HEAD: Final = """\
# Analyses

Every question asked again and again has a name. `analyses` lists them with what each takes, shows
and means; `analysis` answers one. Made by `shelfcast schema --analyses > docs/analyses.md`;
[figures and dimensions](analytics.md) say what sales, profit and orders are.

```graphql
query {
  analysis(name: TOP_AND_BOTTOM_WITHIN, filter: { from: "2018-01-01", to: "2018-12-31" },
           choice: { within: STATE, measure: PROFIT, top: 3 }) {
    asOf from to isPartial
    columns { name label kind currency dimension labelOf }
    rows totals
    notes { code message field value }
  }
}
```

* **Answers** are tables. A row is a list with a cell per column: text, a whole number, a decimal
  as a string, or null for what is not known. `kind` says how to show it: `PERCENT` is a part of
  one, `MONEY` is in `currency`. A column with `dimension` holds ids as a filter takes them, so
  that a click drills down; a column with `labelOf` holds their names.
* **Choices** stand below with the default first. What an analysis does not take is refused:
  `INVALID_ANALYSIS` with `field` and `value`.
* **Days**: `from` and `to` are the business days it is about; `isPartial` says that the last of
  them goes on.
* **Rights**: `sales:read`, and what the table below adds. Columns of cost and profit need
  `analytics:read`; without it they are left out and the note `COLUMNS_HIDDEN` says which. Whoever
  is limited to locations, a distributor or a channel gets answers about these only.
* **Not wholly known**: where no sales at all are recorded for more than two weeks, and for ten
  times as long as usual, days are [not known](analytics.md#comparing). What is compared with such
  days has no rate of change but a note: `PERIOD_INCOMPLETE` and `BASELINE_INCOMPLETE` (how many of
  how many days are known), `BASELINE_CHANGED` (other days were taken), `RUN_CHOSEN` (only the
  longest run of whole periods counts). In `GROWTH` the column `incomplete` says it row by row.
* **Nothing found**: no rows and a note that says why: `NO_SALES_IN_RANGE`, `UNKNOWN_VALUE` (with
  the filter's `field` and `value`), `NO_SALES`, `NOTHING_FOUND`.
* **Too much**: where nobody chose a `grain` and there would be more than 50,000 rows, or more than
  7,500 of a list over time, the periods are longer (`GRAIN_CHOSEN` says which), and where not even
  years fit in 50,000 rows, the 10,000 largest come (`ROWS_LEFT_OUT`). Otherwise more than 50,000
  rows are refused with `TOO_MANY_GROUPS`, more than `SHELFCAST_STATEMENT_TIMEOUT` with
  `SUMMARY_TOO_SLOW`. An analysis [costs](limits.md) its passes × 50, twice that beyond a year.
* **Pictures**: `GET /api/profit_by_item` and `/api/frequency_of_sale` draw bar graphs, with the
  same access token, rights and costs. `Accept` chooses `image/png` (the default), `image/svg+xml`
  or `application/json`. Parameters: `from`, `to`, the lists of `SalesFilter` (repeat the parameter:
  `?states=Vermont&states=Maine`), `top` and `bottom` (how many bars of the largest and smallest),
  `theme` (`light`, `dark`), `zoom` (1 to 3 pixels a point). `ETag` with `If-None-Match` saves the
  drawing; `INVALID_PARAMETER` names what is wrong.

| name | question | choices | scopes | passes | formula | source |
|---|---|---|---|---|---|---|"""


def analyses_document() -> str:
    """Return docs/analyses.md."""
    return "\n".join([_HEAD, *map(_line, PRESETS.values())])


def _line(preset: Preset) -> str:
    scopes = " ".join(f"`{scope}`" for scope in sorted(preset.scopes))
    parts = (
        f"`{preset.name}`",
        QUESTIONS[preset.name],
        _choices(preset),
        scopes,
        str(preset.passes),
        preset.formula,
        preset.source,
    )
    return f"| {' | '.join(parts)} |"


def _choices(preset: Preset) -> str:
    options = preset.options
    choices = [
        f"{name}: {' '.join(f'`{one}`' for one in getattr(options, name))}"
        + (" or none" if name in options.may_omit else "")
        for name in NAMES
        if getattr(options, name)
    ]
    if options.top is not None:
        choices.append(f"top: {options.top or 'all'}")
    return "; ".join(choices)
