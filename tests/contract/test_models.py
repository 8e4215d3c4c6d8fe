import pytest
from tortoise import Tortoise

from backend.infra import orm
from tests.world import run_sql

COLUMNS = """
select table_name, column_name, is_nullable = 'YES' as is_nullable, data_type
  from information_schema.columns where table_schema = 'public'
"""
KINDS = {
    "UUIDField": {"uuid"},
    "TextField": {"text"},
    "CharField": {"text", "character", "character varying"},
    "CharEnumFieldInstance": {"text"},
    "DatetimeField": {"timestamp with time zone"},
    "DateField": {"date"},
    "DecimalField": {"numeric"},
    "BooleanField": {"boolean"},
    "IntField": {"integer"},
    "SmallIntField": {"smallint"},
    "BigIntField": {"bigint"},
    "FloatField": {"double precision", "real"},
    "JSONField": {"json", "jsonb"},
    "BinaryField": {"bytea"},
    "ArrayField": {"ARRAY"},
}


@pytest.fixture
async def columns(owner_url):
    found = {}
    for row in await run_sql(owner_url, COLUMNS):
        found.setdefault(row["table_name"], {})[row["column_name"]] = row
    return found


@pytest.fixture
async def models():
    await orm.prepare_models()
    return list(Tortoise.apps["retail"].values())


async def test_every_model_has_the_columns_of_its_table(models, columns):
    for model in models:
        mapped = set(model._meta.fields_db_projection.values())

        assert mapped == set(columns[model._meta.db_table]), model.__name__


async def test_every_field_may_be_null_where_its_column_may(models, columns):
    for model in models:
        table = columns[model._meta.db_table]
        for name, column in model._meta.fields_db_projection.items():
            is_nullable = model._meta.fields_map[name].null

            assert is_nullable == table[column]["is_nullable"], f"{model.__name__}.{name}"


async def test_every_field_has_the_type_of_its_column(models, columns):
    for model in models:
        table = columns[model._meta.db_table]
        for name, column in model._meta.fields_db_projection.items():
            field = model._meta.fields_map[name]

            kinds = KINDS[type(field).__name__]
            assert table[column]["data_type"] in kinds, f"{model.__name__}.{name}"
