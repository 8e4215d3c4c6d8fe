"""Figures and pages, without a browser."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from dash import dcc, html

import dashboard
from dashboard import sessions
from dashboard.client import BackendClient, Tokens
from dashboard.figures import record
from dashboard.figures.agent import agent_name
from dashboard.figures.key_figure import key_figure
from dashboard.figures.panel import panel
from dashboard.figures.sales_per_minute import CHANNELS, sales_per_minute
from dashboard.figures.stock_grid import stock_grid
from dashboard.figures.store_map import store_map
from dashboard.pages import audit, shell, wall
from dashboard.people import WALL_SCOPES, Person
from dashboard.sessions import Session

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def as_person(dashboard_settings):
    """`as_person(role, *scopes)` lets the test act as somebody who signed in."""

    def enter(role, *scopes):
        session = Session(BackendClient(dashboard_settings), Tokens("a", "r", 0, 600))
        session.person = Person(
            id="1",
            name="Ada Lovelace",
            email="ada@corner.example",
            role=role,
            scopes=frozenset(scopes),
        )
        sessions.enter(session)

    return enter


def every_component(component) -> "Iterator[Any]":
    yield component
    yield from (child for child in component._traverse() if hasattr(child, "to_plotly_json"))


def ids(component):
    return {getattr(part, "id", None) for part in every_component(component)} - {None}


def links(component):
    shown = every_component(component)
    return [getattr(part, "href", None) for part in shown if isinstance(part, dcc.Link)]


def test_a_panel_is_loading_and_named_by_its_title():
    figure = panel("map", title="Map", symbol="map", body=[])

    assert getattr(figure, "data-state") == "loading"
    assert getattr(figure, "aria-labelledby") in ids(figure)


@pytest.mark.parametrize("key", wall.STALE_AFTER_MS)
def test_every_panel_of_the_wall_has_a_watermark_and_a_limit(dashboard_settings, as_person, key):
    as_person("SCREEN", *WALL_SCOPES)

    assert {f"panel-{key}", f"watermark-{key}"} <= ids(wall.layout(dashboard_settings))


def test_a_key_figure_shows_a_placeholder_before_there_is_a_number():
    parts = every_component(key_figure("orders", title="Orders", symbol="cash"))

    (value,) = [part for part in parts if getattr(part, "className", "") == "figure-value"]
    assert value.children.className == "bone"


def test_each_channel_has_a_pattern_of_its_own():
    bars: Any = sales_per_minute().data

    assert [bar.meta for bar in bars] == list(CHANNELS)
    assert len({bar.marker.pattern.shape for bar in bars}) == len(bars)


def test_the_chart_begins_without_sales():
    bars: Any = sales_per_minute().data

    assert all(sum(bar.y) == 0 for bar in bars)


def test_the_map_asks_nobody_outside_unless_tiles_are_set():
    def urls(component):
        return {getattr(part, "url", None) for part in every_component(component)} - {None}

    offline = urls(store_map(tile_url=None, tile_attribution=""))
    with_tiles = urls(store_map(tile_url="https://t.example/{z}", tile_attribution="T"))

    assert all(url.startswith("/assets/vendor/") for url in offline)
    assert with_tiles - offline == {"https://t.example/{z}"}


def test_every_base_map_is_vendored():
    root = Path(dashboard.__file__).parent
    layers = [
        part.url
        for part in every_component(store_map(tile_url=None, tile_attribution=""))
        if hasattr(part, "url")
    ]
    assert layers
    assert all((root / url.lstrip("/")).is_file() for url in layers)


def test_quantities_in_the_grid_are_aligned_by_their_digits():
    grid: Any = stock_grid()
    columns = {column["field"]: column for column in grid.columnDefs}

    for field in ["onHand", "available", "reorderPoint", "change"]:
        assert columns[field]["type"] == "rightAligned"
    assert "ag-right-aligned-cell" in columns["onHand"]["cellClass"]


def test_the_wall_is_not_shown_to_whom_half_of_it_would_be_refused(dashboard_settings, as_person):
    as_person("CLERK", "sales:read", "stock:read")

    assert "wall" not in ids(wall.layout(dashboard_settings))


WALL = shell.Place("/", "Wall", "map", lambda _: True)
USERS = shell.Place("/users", "Users", "users", lambda person: person.may("admin"))


@pytest.mark.parametrize(
    ("role", "scopes", "has_rail"),
    [("OWNER", ["admin"], True), ("CLERK", ["sales:read"], False), ("SCREEN", ["admin"], False)],
)
def test_who_may_see_one_page_only_needs_no_navigation(as_person, role, scopes, has_rail):
    as_person(role, *scopes)

    shown: Any = shell.layout([WALL, USERS])

    assert ("with-rail" in shown.className) is has_rail


def test_the_navigation_names_the_pages_that_exist():
    navigation: Any = shell.navigation([WALL, USERS])

    assert links(navigation) == ["/", "/users"]


def test_the_navigation_stands_in_groups_under_their_headings():
    sales = shell.Place("/sales", "Sales", "cash", lambda _: True, "Analysis")
    trends = shell.Place("/trends", "Trends", "trends", lambda _: True, "Analysis")

    navigation: Any = shell.navigation([WALL, sales, USERS, trends])

    headings = [part.children for part in every_component(navigation) if isinstance(part, html.H2)]
    assert headings == ["Analysis"]
    assert links(navigation) == ["/", "/users", "/sales", "/trends"]


@pytest.mark.parametrize(
    ("name", "letters"), [("Ada Lovelace", "AL"), ("ada", "A"), ("Ada B. King", "AK"), ("", "")]
)
def test_an_avatar_shows_the_first_letters_of_a_name(name, letters):
    assert shell.initials(name) == letters


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/156.0 Safari/537.36 Edg/156.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone) Version/20.0 Safari/604.1", "Safari on iPhone"),
        ("curl/8.0", "curl/8.0"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_called_what_people_call_it(agent, name):
    assert agent_name(agent) == name


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("America/New_York", "1 Jul 2026, 08:05 EDT"),
        ("America/Sao_Paulo", "1 Jul 2026, 09:05 UTC−3"),
        ("Asia/Kathmandu", "1 Jul 2026, 17:50 UTC+5:45"),
        ("UTC", "1 Jul 2026, 12:05 UTC"),
    ],
)
def test_a_moment_names_its_zone_and_its_time_in_utc(zone, text):
    shown = record.moment("2026-07-01T14:05:09+02:00", zone)

    assert "".join(getattr(part, "children", part) for part in vars(shown)["children"]) == text
    assert vars(shown)["dateTime"] == "2026-07-01T14:05:09+02:00"
    assert vars(shown)["title"] == "2026-07-01 12:05:09 UTC"


def test_instants_in_an_audit_entry_are_in_the_organisations_zone():
    entry = {
        "at": "2026-07-01T12:05:09+00:00", "actorName": None, "actorKind": "PROGRAM",
        "actorId": "shelfcast", "address": None, "action": "A", "subject": None,
        "details": {"expires_at": "2026-07-01T13:00:00.5Z", "first": ["2026", "b"], "no": None},
    }  # fmt: skip

    details = audit._row(entry, "America/New_York")[-1]

    assert details.children == ["expires at: 1 Jul 2026, 09:00 EDT, first: 2026, b"]


def test_a_long_list_in_an_audit_entry_is_folded_up_behind_its_beginning():
    skus = [f"S{number}" for number in range(9)]
    entry = {
        "at": "2026-07-01T12:05:09+00:00", "actorName": None, "actorKind": "PROGRAM",
        "actorId": "shelfcast", "address": None, "action": "A", "subject": None,
        "details": {"count": 9, "first": skus, "year": {"old": 1, "new": 2}},
    }  # fmt: skip

    text, fold = audit._row(entry, "UTC")[-1].children

    assert text == "count: 9, year: 1 → 2"
    summary, rest = fold.children
    assert summary.children == "first: S0, S1, S2 and 6 more"
    assert rest.children == "S3, S4, S5, S6, S7, S8"
