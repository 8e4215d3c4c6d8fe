"""Lets clients pay for operations before they run, and says in the answer what they came to."""

from collections.abc import AsyncGenerator
from functools import lru_cache

from graphql import GraphQLError, GraphQLSchema, parse
from strawberry.extensions import SchemaExtension
from strawberry.types.graphql import OperationType

from backend.infra.api.budget import Bill
from backend.infra.api.context import Context
from backend.infra.api.cost import Tariff, objects_in


class Charges(SchemaExtension):
    """Stands behind the cache of validations: only valid documents have a price."""

    _bill: Bill | None = None

    async def on_validate(self) -> AsyncGenerator[None]:
        """Take what the operation costs; what goes on where it stood was paid when it began."""
        execution = self.execution_context
        context: Context = execution.context
        if not execution.pre_execution_errors and context.budget and _is_new(context):
            tariff = _tariff(
                execution.schema._schema,  # noqa: SLF001 - graphql-core's schema has no public name
                execution.query or "",
                execution.operation_name,
            )
            price = tariff.price(execution.variables)
            bill = await context.budget.charge(
                context.principal, price, rows_paid=context.rows_paid
            )
            if bill.refusal is not None:
                refusal = bill.refusal
                error = GraphQLError(refusal.message, extensions=refusal.extensions)
                execution.pre_execution_errors = [error]
                context.retry_after = bill.wait
            self._bill = bill
        yield

    async def get_results(self) -> dict[str, object]:
        """Settle what a query came to; say how it stands."""
        execution = self.execution_context
        if self._bill is None or execution.operation_type is OperationType.SUBSCRIPTION:
            return {}
        data: object = getattr(execution.result, "data", None)
        if data is not None and execution.operation_type is OperationType.QUERY:
            await self._bill.settle(objects_in(data) - 1)
        return {"cost": self._bill.as_json()}


def _is_new(context: Context) -> bool:
    """Tell whether somebody just asked for this."""
    how = context.emission
    is_resumed = how.is_shared or how.permission_changed or how.resume is not None
    return context.caller is not None and not is_resumed


@lru_cache(maxsize=256)
def _tariff(schema: GraphQLSchema, query: str, operation_name: str | None) -> Tariff:
    return Tariff(schema, parse(query), operation_name)
