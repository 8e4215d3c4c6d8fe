"""A token endpoint at the dashboard's HTTP port, for what the real one cannot be made to answer."""

from urllib.parse import parse_qs

import httpx2


class TokenEndpoint(httpx2.AsyncBaseTransport):
    """Answer each request with `answer`; count and keep what was asked."""

    def __init__(self):
        self.asked = []
        self.authorizations = []
        self.answer = None

    async def handle_async_request(self, request):
        """Answer as /oauth/token does, with a new token each time."""
        self.asked.append(parse_qs((await request.aread()).decode()))
        self.authorizations.append(request.headers.get("authorization"))
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer is not None:
            return self.answer
        grant = {
            "access_token": f"token-{len(self.asked)}",
            "token_type": "Bearer",
            "expires_in": 600,
        }
        return httpx2.Response(200, json=grant)
