"""The grid of stock positions; the browser brings and changes its rows."""

from __future__ import annotations

import dash_ag_grid as dag

THEME = (
    "themeQuartz.withParams({"
    "backgroundColor:'transparent',foregroundColor:'var(--text)',browserColorScheme:'inherit',"
    "headerBackgroundColor:'transparent',headerTextColor:'var(--dim)',borderColor:'var(--line)',"
    "fontFamily:'inherit',fontSize:13,headerFontSize:12,headerFontWeight:600,rowHeight:36,"
    "headerHeight:34,wrapperBorder:false,wrapperBorderRadius:0,cellHorizontalPadding:12,"
    "headerColumnResizeHandleColor:'transparent',oddRowBackgroundColor:'transparent',"
    "rowHoverColor:'var(--hover)',accentColor:'var(--accent)',"
    "valueChangeValueHighlightBackgroundColor:'var(--flash)'})"
)

STATUS_CLASSES = {
    f"status status-{status}": f"params.value === '{status}'"
    for status in ("oversold", "out", "low", "fine")
}


def stock_grid() -> dag.AgGrid:
    """Return the empty grid; rows are keyed by the id of their stock level."""
    return dag.AgGrid(
        id="stock-grid",
        rowData=[],
        columnDefs=_columns(),
        getRowId="params.data.id",
        defaultColDef={
            "sortable": True,
            "resizable": False,
            "suppressMovable": True,
            "suppressHeaderMenuButton": True,
        },
        dashGridOptions={
            "theme": {"function": THEME},
            "animateRows": False,
            "cellFlashDuration": 700,
            "cellFadeDuration": 600,
            "suppressNoRowsOverlay": True,
            "suppressCellFocus": False,
            "alwaysShowVerticalScroll": False,
            "rowBuffer": 4,
            "rowClassRules": {"row-risen": "params.data.hasRisen"},
        },
        dangerously_allow_code=False,
        style={"height": "100%", "width": "100%"},
    )


def _columns() -> list[dict[str, object]]:
    return [
        {
            "field": "status",
            "headerName": "Status",
            "width": 122,
            "minWidth": 36,
            "valueFormatter": {"function": "stockStatus(params.value)"},
            "tooltipValueGetter": {"function": "stockStatus(params.value)"},
            "cellClassRules": STATUS_CLASSES,
        },
        {"field": "product", "headerName": "Product", "flex": 1.6, "minWidth": 104},
        {"field": "sku", "headerName": "SKU", "width": 112, "cellClass": "cell-dim"},
        {"field": "location", "headerName": "Location", "flex": 1, "minWidth": 96},
        _quantity("change", "Change", 92, formatter="stockChange", flash=False)
        | {
            "cellClassRules": {
                "cell-rise": "params.value > 0",
                "cell-fall": "params.value < 0",
            }
        },
        _quantity("onHand", "On hand", 96)
        | {"cellClass": ["ag-right-aligned-cell", "cell-strong"]},
        _quantity("available", "Available", 100),
        _quantity("reorderPoint", "Reorder at", 106, flash=False),
    ]


def _quantity(
    field: str, name: str, width: int, *, formatter: str = "stockQuantity", flash: bool = True
) -> dict[str, object]:
    return {
        "field": field,
        "headerName": name,
        "width": width,
        "type": "rightAligned",
        "enableCellChangeFlash": flash,
        "valueFormatter": {"function": f"{formatter}(params.value)"},
    }
