"""Where the demo retailer is: forty stores in real cities, and its distributors."""

from dataclasses import dataclass
from typing import Final

COUNTRY: Final = "United States"
WAREHOUSE: Final = "DC-MEM"
WEB_SHOP: Final = "WEB"

_ET, _CT, _MT, _PT = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
)
ZONE: Final = _ET
"""Time zone of the organisation."""


@dataclass(frozen=True, slots=True)
class Store:
    """A store; coordinates and postal code are those of the city's centre.

    `size` is its share of the trade, 1 for an ordinary one; `all_night`: its doors never close.
    """

    code: str
    city: str
    state: str
    postal_code: str
    latitude: float
    longitude: float
    region: str
    timezone: str
    size: float
    all_night: bool = False

    @property
    def device(self) -> str:
        """Code of the device with the scanners of till and dock."""
        return f"{self.code}-SCAN"


@dataclass(frozen=True, slots=True)
class Distributor:
    """Who supplies products, and sells some of ours on."""

    code: str
    name: str
    city: str
    state: str
    postal_code: str
    latitude: float
    longitude: float
    region: str


STORES: Final = (
    Store("NYC", "New York", "New York", "10001", 40.7506, -73.9972, "East", _ET, 2.4, True),
    Store("BOS", "Boston", "Massachusetts", "02108", 42.3576, -71.0637, "East", _ET, 1.4),
    Store("PHL", "Philadelphia", "Pennsylvania", "19103", 39.9529, -75.1741, "East", _ET, 1.5),
    Store(
        "DCA", "Washington", "District of Columbia", "20001", 38.9109, -77.0163, "East", _ET, 1.3
    ),
    Store("BWI", "Baltimore", "Maryland", "21201", 39.2946, -76.6252, "East", _ET, 0.9),
    Store("PIT", "Pittsburgh", "Pennsylvania", "15222", 40.4477, -79.9933, "East", _ET, 0.8),
    Store("BUF", "Buffalo", "New York", "14202", 42.8867, -78.8784, "East", _ET, 0.6),
    Store("PVD", "Providence", "Rhode Island", "02903", 41.8201, -71.4128, "East", _ET, 0.5),
    Store("CLE", "Cleveland", "Ohio", "44113", 41.4822, -81.7017, "East", _ET, 0.8),
    Store("CMH", "Columbus", "Ohio", "43215", 39.9653, -83.0037, "East", _ET, 1.0),
    Store("CVG", "Cincinnati", "Ohio", "45202", 39.1085, -84.5025, "East", _ET, 0.8),
    Store("DTW", "Detroit", "Michigan", "48226", 42.3317, -83.0479, "Central", _ET, 1.0),
    Store("IND", "Indianapolis", "Indiana", "46204", 39.7717, -86.1570, "Central", _ET, 0.9),
    Store("ORD", "Chicago", "Illinois", "60602", 41.8829, -87.6292, "Central", _CT, 2.0, True),
    Store("MKE", "Milwaukee", "Wisconsin", "53202", 43.0506, -87.8967, "Central", _CT, 0.7),
    Store("MSP", "Minneapolis", "Minnesota", "55401", 44.9851, -93.2697, "Central", _CT, 1.1),
    Store("MCI", "Kansas City", "Missouri", "64105", 39.1026, -94.5986, "Central", _CT, 0.8),
    Store("STL", "St. Louis", "Missouri", "63101", 38.6312, -90.1922, "Central", _CT, 0.8),
    Store("OMA", "Omaha", "Nebraska", "68102", 41.2628, -95.9341, "Central", _CT, 0.5),
    Store("OKC", "Oklahoma City", "Oklahoma", "73102", 35.4710, -97.5188, "Central", _CT, 0.6),
    Store("DAL", "Dallas", "Texas", "75201", 32.7877, -96.7994, "Central", _CT, 1.5, True),
    Store("HOU", "Houston", "Texas", "77002", 29.7560, -95.3650, "Central", _CT, 1.6),
    Store("SAT", "San Antonio", "Texas", "78205", 29.4237, -98.4860, "Central", _CT, 1.0),
    Store("AUS", "Austin", "Texas", "78701", 30.2713, -97.7426, "Central", _CT, 1.2),
    Store("MSY", "New Orleans", "Louisiana", "70112", 29.9565, -90.0773, "South", _CT, 0.7),
    Store("BNA", "Nashville", "Tennessee", "37203", 36.1504, -86.7917, "South", _CT, 1.0),
    Store("SDF", "Louisville", "Kentucky", "40202", 38.2527, -85.7512, "South", _ET, 0.6),
    Store("CLT", "Charlotte", "North Carolina", "28202", 35.2271, -80.8443, "South", _ET, 1.0),
    Store("RDU", "Raleigh", "North Carolina", "27601", 35.7727, -78.6324, "South", _ET, 0.8),
    Store("ATL", "Atlanta", "Georgia", "30303", 33.7525, -84.3888, "South", _ET, 1.4, True),
    Store("MCO", "Orlando", "Florida", "32801", 28.5421, -81.3733, "South", _ET, 1.0),
    Store("MIA", "Miami", "Florida", "33130", 25.7672, -80.2050, "South", _ET, 1.4),
    Store("DEN", "Denver", "Colorado", "80202", 39.7491, -104.9946, "West", _MT, 1.2),
    Store("SLC", "Salt Lake City", "Utah", "84101", 40.7559, -111.8967, "West", _MT, 0.7),
    Store("PHX", "Phoenix", "Arizona", "85004", 33.4513, -112.0709, "West", "America/Phoenix", 1.2),
    Store("LAS", "Las Vegas", "Nevada", "89101", 36.1727, -115.1224, "West", _PT, 1.0, True),
    Store("LAX", "Los Angeles", "California", "90017", 34.0522, -118.2642, "West", _PT, 2.2, True),
    Store("SFO", "San Francisco", "California", "94103", 37.7726, -122.4099, "West", _PT, 1.6),
    Store("PDX", "Portland", "Oregon", "97205", 45.5206, -122.7102, "West", _PT, 0.9),
    Store("SEA", "Seattle", "Washington", "98101", 47.6101, -122.3344, "West", _PT, 1.3),
)

DISTRIBUTORS: Final = (
    Distributor(
        "demo-harbor", "Harbor Wholesale (demo)", "Newark", "New Jersey", "07102",
        40.7357, -74.1724, "East",
    ),
    Distributor(
        "demo-prairie", "Prairie Trade Supply (demo)", "Des Moines", "Iowa", "50309",
        41.5868, -93.6250, "Central",
    ),
    Distributor(
        "demo-gulf", "Gulf & Southern (demo)", "Birmingham", "Alabama", "35203",
        33.5186, -86.8104, "South",
    ),
    Distributor(
        "demo-sierra", "Sierra Pacific Goods (demo)", "Sacramento", "California", "95814",
        38.5816, -121.4944, "West",
    ),
)  # fmt: skip
