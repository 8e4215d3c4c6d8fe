"""The page on which somebody lets a client act for them."""

from html import escape
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from backend.core.scopes import Scope
from backend.identity.oauth.rules import is_loopback
from backend.identity.pages.frame import Onward, Pages

CONSENT_PATH: Final = "/oauth/consent"
_CAN: Final = {
    Scope.CATALOGUE_READ: "See products and prices",
    Scope.CATALOGUE_WRITE: "Change products and prices",
    Scope.LOCATIONS_READ: "See stores and warehouses",
    Scope.LOCATIONS_WRITE: "Change stores and warehouses",
    Scope.STOCK_READ: "See stock",
    Scope.STOCK_WRITE: "Adjust and count stock",
    Scope.SALES_READ: "See sales",
    Scope.SALES_WRITE: "Record sales and returns",
    Scope.READS_WRITE: "Send what scanners read",
    Scope.ALERTS_READ: "See alerts",
    Scope.ALERTS_WRITE: "Acknowledge and set up alerts",
    Scope.ANALYTICS_READ: "See costs, profit and analyses",
    Scope.FORECAST_READ: "See forecasts",
    Scope.FORECAST_WRITE: "Train forecasts",
    Scope.CUSTOMERS_READ: "See customers",
    Scope.CUSTOMERS_WRITE: "Change customers",
    Scope.REPORTS_READ: "See reports",
    Scope.REPORTS_WRITE: "Set up reports",
    Scope.PRIVACY_ADMIN: "Export and erase personal data",
    Scope.GOALS_WRITE: "Set goals",
    Scope.IMPORTS_WRITE: "Import data",
    Scope.DEVICES_READ: "See devices",
    Scope.DEVICES_WRITE: "Set up devices",
    Scope.WEBHOOKS_WRITE: "Set up webhooks",
    Scope.AUDIT_READ: "See who did what",
    Scope.ADMIN: "Do everything that you may do",
}
_BUTTONS: Final = """
<button type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="deny" class="quiet">Do not allow</button>
<p class="note">Signed in as <strong>{email}</strong>.
<button type="submit" name="decision" value="switch" class="link">Use another account</button></p>
"""
_BODY: Final = """<h1>{client} wants to use Shelfcast for you</h1>
<p>It will be able to:</p>
<ul class="rights">{rights}</ul>
{form}
<p class="note">Afterwards you return to <strong>{target}</strong>. You can take this back at any
time.</p>
"""


def consent_page(
    pages: Pages,
    request: Request,
    onward: Onward,
    *,
    scopes: frozenset[Scope],
    email: str,
) -> Response:
    """Return the page; `scopes` are what the client would get."""
    shown = [Scope.ADMIN] if Scope.ADMIN in scopes else [one for one in Scope if one in scopes]
    host = urlsplit(onward.redirect_uri).hostname
    is_here = host is None or is_loopback(host)
    body = _BODY.format(
        client=escape(onward.client_name),
        rights="".join(f"<li>{_CAN[scope]}</li>" for scope in shown),
        form=pages.form(
            request, CONSENT_PATH, _BUTTONS.format(email=escape(email)), wanted=onward.query
        ),
        target="an app on this device" if is_here else escape(host or ""),
    )
    return pages.show(request, "Allow access", body, leads_to=(onward.redirect_uri,))
