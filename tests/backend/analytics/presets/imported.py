"""Superstore imported into a database of its own, once for all tests of a module."""

from contextlib import asynccontextmanager
from types import SimpleNamespace

from backend.core.scopes import Scope
from backend.core.settings import BackendSettings
from backend.infra.database import Database
from backend.infra.work import Reactions
from tests.backend.imports.runs import run_import
from tests.data import data_file
from tests.world import add_organisation, principal_with


@asynccontextmanager
async def imported_superstore(databases, folder):
    """Yield the address of the database and the organisation that the file was imported into."""
    file = data_file("superstore/superstore.csv")
    url = await databases.take()
    org_id = await add_organisation(url, "test")
    async with Database(_settings(folder), url, Reactions()) as database:
        await run_import(database, principal_with(org_id, Scope.ADMIN), file)
    yield SimpleNamespace(url=url, org_id=org_id)
    await databases.give_back(url)


def _settings(folder):
    return BackendSettings.model_validate(
        {
            "data_dir": folder,
            "secret_key": "a key for tests only, and for nothing else",
            "pool_size": 4,
        }
    )
