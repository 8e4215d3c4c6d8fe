"""Sales per minute by channel, as stacked bars that the browser keeps filling."""

from __future__ import annotations

import plotly.graph_objects as go

MINUTES = 60

CHANNELS = {"IN_STORE": "In store", "ONLINE": "Online", "MARKETPLACE": "Marketplace"}
"""Channels from the bottom of the stack to its top, with the names people see."""

PATTERNS = {"IN_STORE": "", "ONLINE": "/", "MARKETPLACE": "."}
"""A pattern per channel, because colour is never the only sign."""


def sales_per_minute() -> go.Figure:
    """Return the empty chart; colours come from the theme, in the browser."""
    figure = go.Figure(
        [
            go.Bar(
                name=name,
                x=list(range(MINUTES)),
                y=[0] * MINUTES,
                meta=channel,
                hovertemplate="<b>" + name + "</b><br>%{customdata}<extra></extra>",
                marker={"pattern": {"shape": PATTERNS[channel], "size": 5, "solidity": 0.3}},
            )
            for channel, name in CHANNELS.items()
        ]
    )
    return figure.update_layout(
        barmode="stack",
        bargap=0.3,
        barcornerradius=3,
        showlegend=False,
        hovermode="closest",
        uirevision="sales-per-minute",
        margin={"l": 8, "r": 8, "t": 8, "b": 28},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "'Inter Variable', system-ui, sans-serif", "size": 12},
        xaxis={
            "range": [-0.6, MINUTES - 0.4],
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
            "tickmode": "array",
            "tickvals": [],
            "ticktext": [],
        },
        yaxis={
            "fixedrange": True,
            "zeroline": False,
            "rangemode": "tozero",
            "nticks": 6,
            "automargin": True,
            "ticklabelposition": "outside",
        },
    )
