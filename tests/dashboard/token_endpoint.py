"""A backend at the dashboard's HTTP port, for what the real one cannot be made to answer."""

import json
from urllib.parse import parse_qs

import httpx2

ISSUER = "http://backend.example:8000"
ME = {
    "user": {"id": "u1", "name": "Ada Lovelace", "email": "ada@corner.example", "role": "OWNER"},
    "sessionId": "s1",
    "scopes": ["admin"],
}


class TokenEndpoint(httpx2.AsyncBaseTransport):
    """Answer as the backend does; an entry in `answers` is answered instead, by path."""

    def __init__(self):
        self.answers = {}
        self.asked = []
        self.grants = []
        self.tickets = []
        self.authorizations = []
        self.refused_access = set()
        self.me = ME

    async def handle_async_request(self, request):
        """Count and keep what was asked; each grant is another pair of tokens."""
        path, body = request.url.path, await request.aread()
        self.asked.append(path)
        self.authorizations.append(request.headers.get("authorization"))
        answer = self.answers.get(path)
        if isinstance(answer, Exception):
            raise answer
        if answer is not None:
            return answer
        if path in {"/graphql", "/oauth/ticket"}:
            if self.authorizations[-1].removeprefix("Bearer ") in self.refused_access:
                return httpx2.Response(401, json={"error": "invalid_token"})
            if path == "/graphql":
                data = self._who() if "me {" in json.loads(body)["query"] else {}
                return httpx2.Response(200, json={"data": data})
            self.tickets.append(parse_qs(body.decode()))
            return httpx2.Response(200, json={"ticket": f"ticket-{len(self.asked)}"})
        if path == "/oauth/token":
            self.grants.append({key: one for key, (one,) in parse_qs(body.decode()).items()})
            return httpx2.Response(200, json=self._grant(len(self.grants)))
        if path == "/oauth/revoke":
            return httpx2.Response(200)
        return httpx2.Response(
            200, json={"issuer": ISSUER, "authorization_endpoint": f"{ISSUER}/oauth/authorize"}
        )

    def _who(self):
        return {"me": self.me, "organisation": {"name": "Corner shop", "isDemo": False}}

    def _grant(self, number):
        return {
            "access_token": f"access-{number}",
            "refresh_token": f"refresh-{number}",
            "token_type": "Bearer",
            "expires_in": 600,
        }
