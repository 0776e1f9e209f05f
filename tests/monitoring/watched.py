"""The running product under the shipped monitoring: Prometheus, Alertmanager, and sinks for every channel."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from aiohttp import web

from analytics_engine.contracts.services import PORTS, Service
from analytics_engine.embedded.home import Home
from monitoring import rendering
from support.prometheus import Alertmanager, Prometheus
from support.sinks import HttpSink, MailSink, http_sink, mail_sink
from support.system import SystemUnderTest
from support.waiting import eventually

EMAIL, PASSWORD = "operator@example.com", "correct horse battery staple"
RANGE_S = 12
HOLD_S = 2
WITHIN_S = 90.0
BACKUP_PORT = 8030
PEOPLE = ("email", "slack", "teams", "pagerduty", "sms")

_TOLD = re.compile(r"(?:^|[\"\n])(Resolved: )?(\w+): ")
_KNOWN = frozenset(rendering.alerts())
_KIND = re.compile(r"^# TYPE (\S+) (\S+)$", re.MULTILINE)
_PARTS = ("bucket", "count", "sum")
_PUBLISHED = (
    '<PublishResponse xmlns="https://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId>'
    "</PublishResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></PublishResponse>"
)


@dataclass(frozen=True)
class Told:
    """One message: of which alerts, whether they fire or are resolved, and all that was said."""

    alerts: frozenset[tuple[str, str]]
    text: str


class Watched:
    """What runs, and what people were told over each channel."""

    def __init__(
        self,
        system: SystemUnderTest,
        *,
        prometheus: Prometheus,
        alertmanager: Alertmanager,
        sinks: Mapping[str, HttpSink],
        mail: MailSink,
    ) -> None:
        self.system = system
        self.prometheus = prometheus
        self.alertmanager = alertmanager
        self.sinks = sinks
        self.mail = mail
        self._token = ""

    def told(self, channel: str) -> list[Told]:
        """Return the messages of a channel, oldest first."""
        if channel == "email":
            bodies = [mail.get_body(("plain",)) for mail in self.mail.mails]
            return [_told(body.get_content()) for body in bodies if body is not None]
        if channel == "sms":
            return [_told(one.form["Message"]) for one in self.sinks["sms"].received]
        received = [one.json for one in self.sinks[channel].received]
        if channel == "slack":
            return [_told(one["attachments"][0]["text"]) for one in received]
        if channel == "pagerduty":
            return [_told(one["payload"]["custom_details"]["text"]) for one in received]
        return [
            Told(frozenset((alert["labels"]["alertname"], alert["status"]) for alert in one["alerts"]), str(one))
            for one in received
        ]

    def alerts_told(self, channel: str) -> set[tuple[str, str]]:
        """Return name and state of all alerts that a channel was told of."""
        return {alert for message in self.told(channel) for alert in message.alerts}

    async def tells(self, alert: str, state: str, *channels: str) -> None:
        """Return when all these channels were told."""
        for channel in channels:

            async def is_told(channel: str = channel) -> bool:
                return (alert, state) in self.alerts_told(channel)

            await eventually(is_told, within_s=WITHIN_S, every_s=0.2)

    async def metrics(self) -> set[str]:
        """Return the names of all metrics that the services, Prometheus and Alertmanager have.

        What has only been started, and does not listen yet, has none.
        """
        servers = [*map(self.system.url, Service), self.prometheus.url, self.alertmanager.url]
        servers.append(f"http://127.0.0.1:{BACKUP_PORT + self.system.offset}")
        async with httpx.AsyncClient(timeout=30) as client:
            texts = [await _metrics_of(client, server) for server in servers]
        kinds = [kind for text in texts for kind in _KIND.findall(text)]
        histograms = {f"{name}_{part}" for name, kind in kinds if kind == "histogram" for part in _PARTS}
        return {name for name, _ in kinds} | histograms

    async def asks(self, path: str, *, times: int) -> list[int]:
        """Ask the gateway so often at once, as a signed-in operator, and return the statuses."""
        gateway = self.system.url(Service.GATEWAY)
        async with httpx.AsyncClient(base_url=gateway, timeout=60) as client:
            if not self._token:
                login = await client.post("/api/v1/auth/login", json={"email": EMAIL, "password": PASSWORD})
                assert login.status_code == 200, login.text
                self._token = login.json()["access_token"]
            headers = {"Authorization": f"Bearer {self._token}"}
            answers = await asyncio.gather(*(client.get(path, headers=headers) for _ in range(times)))
        return [answer.status_code for answer in answers]

    @contextmanager
    def nobody_restarts(self) -> Iterator[None]:
        """Hold the supervisor still, so that what is killed stays away."""
        self.system.up.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.system.up.send_signal(signal.SIGCONT)

    def process(self, service: Service) -> psutil.Process:
        return self.system.process(rf"serve {service.value}")


@asynccontextmanager
async def watched(temp: Path) -> AsyncIterator[Watched]:
    """Start it all; ``temp`` is the folder for temporary files of the product's processes."""
    system = SystemUnderTest()
    system.settings = {"AE_ADMIN_EMAIL": EMAIL, "AE_ADMIN_PASSWORD": PASSWORD, "TMPDIR": str(temp)}
    system.settings |= {"AE_CANARY_EVERY_S": "1", "AE_BACKUP_WAL_S": "1"}
    folder = Path(tempfile.mkdtemp(prefix="ae-monitoring-", dir=system.folder))
    async with AsyncExitStack() as stack:
        stack.callback(system.clean_up)
        sinks = {name: await stack.enter_async_context(http_sink()) for name in rendering.CHANNELS if name != "email"}
        sinks["sms"].answer = lambda: web.Response(text=_PUBLISHED, content_type="text/xml")
        sinks["pagerduty"].answer = lambda: web.json_response({"status": "success"}, status=202)
        mail = await stack.enter_async_context(mail_sink())
        await asyncio.to_thread(system.start, within_s=240)

        stack.enter_context(_backups(system))
        home = Home(folder / "monitoring")
        addresses = {name: sink.url for name, sink in sinks.items()}
        alertmanager = Alertmanager(home, rendering.alertmanager(folder, sinks=addresses, mail_port=mail.port))
        await _started(stack, alertmanager)

        rendering.rules_in_seconds(folder / "rules", range_s=RANGE_S, hold_s=HOLD_S, thresholds={})
        prometheus = Prometheus(home, folder / "prometheus.yml")
        ports = {f"{service.value}:{port}": port + system.offset for service, port in PORTS.items()}
        ports |= {"backup:9187": BACKUP_PORT + system.offset}
        ports |= {"alertmanager:9093": alertmanager.port, "localhost:9090": prometheus.port}
        rendering.prometheus(
            prometheus.configuration, addresses={name: f"127.0.0.1:{port}" for name, port in ports.items()}
        )
        await _started(stack, prometheus)
        yield Watched(system, prometheus=prometheus, alertmanager=alertmanager, sinks=sinks, mail=mail)


@contextmanager
def _backups(system: SystemUnderTest) -> Iterator[None]:
    """Make backups of it, as the service does that is deployed beside it."""
    with (system.folder / "backup.txt").open("wb") as output:
        serving = subprocess.Popen(
            system.command("backup", "serve"),
            env=system.environment(),
            cwd=system.folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield
    finally:
        serving.terminate()
        serving.wait(60)


async def _started(stack: AsyncExitStack, server: Prometheus | Alertmanager) -> None:
    await asyncio.to_thread(server.start)
    stack.push_async_callback(asyncio.to_thread, server.stop)


@contextmanager
def small_disk(size_bytes: int) -> Iterator[Path]:
    """A file system of its own in memory, which only root can have."""
    with tempfile.TemporaryDirectory(prefix="ae-small-disk-") as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_bytes},mode=1777", "tmpfs", folder], check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


async def _metrics_of(client: httpx.AsyncClient, server: str) -> str:
    try:
        return (await client.get(f"{server}/metrics")).text
    except httpx.ConnectError:
        return ""


def _told(text: str) -> Told:
    found = [(name, "resolved" if resolved else "firing") for resolved, name in _TOLD.findall(text) if name in _KNOWN]
    return Told(frozenset(found), text)
