"""Works on a cluster of Ray (extra `ray`), or on a Ray of this machine where none is named."""

import importlib
from collections import deque
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits

from backend.forecasting.errors import PartFailed
from backend.forecasting.scale.executors import PATIENCE

Common = TypeVar("Common")
Part = TypeVar("Part")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class OnRay:
    """Works on Ray, `ahead` parts at once; what parts have in common lies in its shared memory.

    Ray does a part again whose process died. Who reaches a cluster may run anything on it: its
    `address` is never taken from a request. Here, `processes` are started where there is none.
    """

    ahead: int
    address: str | None = None
    processes: int | None = None
    patience: float = PATIENCE

    def each(
        self, work: Callable[[Common, Part], Made], common: Common, parts: Iterable[Part]
    ) -> Generator[Made, None, None]:
        """See Executor."""
        ray = self._connected()
        given = ray.put((work, common))
        remote = ray.remote(_work_on)
        drawn = (remote.remote(given, part) for part in parts)
        waiting = deque(islice(drawn, self.ahead))
        try:
            while waiting:
                yield self._result(ray, waiting[0])
                waiting.popleft()
                waiting.extend(islice(drawn, 1))
        finally:
            for reference in waiting:
                ray.cancel(reference, force=True)

    def _connected(self) -> Any:
        ray: Any = importlib.import_module("ray")
        if not ray.is_initialized():
            local = {} if self.address else {"num_cpus": self.processes}
            ray.init(self.address, include_dashboard=False, log_to_driver=False, **local)
        return ray

    def _result(self, ray: Any, reference: Any) -> Any:
        try:
            return ray.get(reference, timeout=self.patience)
        except ray.exceptions.GetTimeoutError as exc:
            raise PartFailed(f"a part took more than {self.patience:g} seconds") from exc
        except ray.exceptions.RayTaskError as exc:
            # Its cause is what our own code raised there.
            raise exc.cause from exc
        except ray.exceptions.RayError as exc:
            raise PartFailed(f"a part was lost: {type(exc).__name__}") from exc


def _work_on(given: tuple[Callable[[Any, Any], Any], Any], part: Any) -> Any:
    work, common = given
    with threadpool_limits(1):
        return work(common, part)
