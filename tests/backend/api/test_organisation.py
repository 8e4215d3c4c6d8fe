import httpx2


async def test_a_bearer_learns_which_organisation_it_acts_for(graphql):
    answer = await graphql("{ organisation { code name currency timezone isDemo } }")

    assert answer["data"]["organisation"] == {
        "code": "test",
        "name": "Test",
        "currency": "USD",
        "timezone": "UTC",
        "isDemo": False,
    }


async def test_a_real_server_answers_the_same(server):
    async with httpx2.AsyncClient(base_url=server.url) as http:
        ready = await http.get("/readyz")

    assert ready.status_code == 200, ready.text
