import pytest

from backend.identity.authentication import Identity
from tests.backend.fleet.agents import AGENTS, CREATE_CODE, let_in
from tests.backend.shop import open_shop


@pytest.fixture
async def shop(graphql):
    await open_shop(graphql)


@pytest.fixture
def new_code(graphql, shop):
    """Makes an enrolment code: `await new_code(location="north")`."""

    async def make(**wanted):
        answer = await graphql(CREATE_CODE, {"input": {"location": "north", **wanted}})
        assert "errors" not in answer, answer
        return answer["data"]["createEnrolmentCode"]["code"]

    return make


@pytest.fixture
async def agent(graphql, client, shop):
    """An agent at the location north."""
    return await let_in(graphql, client)


@pytest.fixture
def agents(graphql):
    """Lists the agents as an administrator sees them."""

    async def ask(**criteria):
        answer = await graphql(AGENTS, {"filter": criteria or None})
        assert "errors" not in answer, answer
        return answer["data"]["agents"]["nodes"]

    return ask


@pytest.fixture
def database_of_app(app):
    """The database of the running application, with all that reacts inside its transactions."""
    return app.state.services[Identity].database
