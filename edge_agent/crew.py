"""What works under the settings of the agent: its devices and its uplink."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_agent.api import Api
from edge_agent.device import Device
from edge_agent.metrics import MetricsServer
from edge_agent.uplink import Uplink, UplinkCounters

if TYPE_CHECKING:
    from edge_agent.clock import Clock
    from edge_agent.outbox import Outbox
    from edge_agent.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Post:
    """A device at work."""

    device: Device
    task: asyncio.Task[None]


class Crew:
    """Devices and uplink, each with a task of its own in the group.

    `adopt` goes over to other settings: what they leave alone works on, what they change ends in
    order and begins anew. The outbox stays open, so nothing read is lost.
    """

    def __init__(
        self, settings: Settings, outbox: Outbox, clock: Clock, group: asyncio.TaskGroup
    ) -> None:
        self.settings = settings
        self.counters = UplinkCounters()
        self.skew = outbox.skew
        self.api = Api(settings.uplink, clock, self.skew)
        self._outbox = outbox
        self._clock = clock
        self._group = group
        self._posts: list[_Post] = []
        self._sending: asyncio.Task[None] | None = None
        self._serving: asyncio.Task[None] | None = None

    @property
    def devices(self) -> list[Device]:
        """Those at work, in the order of the settings."""
        return [post.device for post in self._posts]

    @property
    def skew_ms(self) -> int | None:
        """How far our clock is ahead of the backend's; None while unknown."""
        return self.skew.skew_ms(self._clock.now())

    @property
    def is_whole(self) -> bool:
        """Whether nobody has stopped working."""
        tasks = [post.task for post in self._posts]
        return not any(task.done() for task in (*tasks, self._sending) if task is not None)

    def start(self) -> None:
        """Begin to read and to send."""
        if not self.settings.devices:
            log.warning("No device is configured: nothing will be read")
        self._send()
        self._hire()
        self._serve()

    async def adopt(self, settings: Settings) -> None:
        """Go over to other settings."""
        before, self.settings = self.settings, settings
        await self._dismiss()
        if settings.outbox != before.outbox:
            await self._outbox.adopt(settings.outbox)
        if settings.uplink != before.uplink:
            await self.stop_sending()
            self.api = Api(settings.uplink, self._clock, self.skew)
            self._send()
        if settings.log_level != before.log_level:
            logging.getLogger().setLevel(settings.log_level)
        self._hire()
        if settings.metrics_port != before.metrics_port:
            await self.stop_serving()
            self._serve()

    async def stop_reading(self) -> None:
        """End all devices; what they have seen is on its way to the outbox."""
        await cancel(*(post.task for post in self._posts))

    async def stop_sending(self) -> None:
        """End the uplink; what was under way will be sent again."""
        if self._sending is not None:
            await cancel(self._sending)

    async def stop_serving(self) -> None:
        """Show figures no more."""
        if self._serving is not None:
            await cancel(self._serving)

    async def _dismiss(self) -> None:
        """End the devices that are no longer wanted, and change those that can go on changed."""
        wanted = {one.port: one for one in self.settings.devices}
        gone: list[_Post] = []
        for post in self._posts:
            settings = wanted.get(post.device.settings.port)
            if settings is None or not post.device.can_become(settings):
                gone.append(post)
            elif settings != post.device.settings:
                post.device.become(settings)
        await cancel(*(post.task for post in gone))
        self._posts = [post for post in self._posts if post not in gone]

    def _send(self) -> None:
        uplink = Uplink(
            self.settings.uplink, self.api, self._outbox, self._clock, counters=self.counters
        )
        self._sending = self._group.create_task(_run(uplink, self.api))

    def _serve(self) -> None:
        if self.settings.metrics_port is not None:
            server = MetricsServer(self.settings.metrics_port, self, self._outbox)
            self._serving = self._group.create_task(server.run())

    def _hire(self) -> None:
        """Begin with the devices that are not at work yet."""
        posts = {post.device.settings.port: post for post in self._posts}
        self._posts = []
        for settings in self.settings.devices:
            if (post := posts.get(settings.port)) is None:
                device = Device(settings, self._outbox, self._clock)
                post = _Post(device, self._group.create_task(device.run()))
            self._posts.append(post)


async def _run(uplink: Uplink, api: Api) -> None:
    async with api:
        await uplink.run()


async def cancel(*tasks: asyncio.Task[None]) -> None:
    """End tasks and wait until they have."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
