"""A URL names the server that carries events; a wrong one is told of when the service starts."""

from __future__ import annotations

import asyncio
import gc

import pytest
from pydantic import SecretStr

from analytics_engine.adapters.nats.event_stream import NatsEventStream
from analytics_engine.adapters.redis.event_stream import RedisEventStream
from analytics_engine.bootstrap.events import event_stream_of, events_by
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.errors import DependencyUnavailable, InvalidSetting
from support.services import make_settings


def settings(events_url: str | None) -> Settings:
    url = SecretStr(events_url) if events_url is not None else None
    return make_settings(database_url="postgresql://nobody@127.0.0.1:1/none", redis_url="redis://h", ae_events_url=url)


@pytest.mark.parametrize(
    ("url", "kind", "name"),
    [
        (None, RedisEventStream, "redis"),
        ("", RedisEventStream, "redis"),
        ("nats://user:password@host:4222", NatsEventStream, "nats"),
        ("tls://host", NatsEventStream, "nats"),
    ],
)
def test_a_url_names_the_server_of_events(url: str | None, kind: type, name: str) -> None:
    """Nothing is opened yet: a server is connected to when the first event is sent, or asked for."""
    assert type(event_stream_of(settings(url))) is kind
    assert events_by(settings(url)) == name


def test_another_server_is_refused_with_the_setting_and_without_the_password() -> None:
    with pytest.raises(InvalidSetting) as refusal:
        event_stream_of(settings("kafka://user:hidden@host"))

    assert refusal.value.facts["setting"] == "AE_EVENTS_URL"
    assert "hidden" not in f"{refusal.value.detail} {refusal.value.remedy}"


async def test_a_server_that_is_away_is_told_of_by_its_place() -> None:
    """Neither the user nor the password is in what is said."""
    stream = event_stream_of(settings("nats://somebody:hidden@127.0.0.1:1"))

    with pytest.raises(DependencyUnavailable) as failure:
        await stream.ping()
    await stream.stop()

    assert "127.0.0.1:1" in failure.value.detail
    assert "hidden" not in failure.value.detail
    assert "somebody" not in failure.value.detail


async def test_of_a_connection_that_a_server_breaks_off_nothing_is_left_open() -> None:
    """A socket that nobody closed is a warning when it is collected, which fails the test."""

    async def break_off(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(break_off, "127.0.0.1", 0)
    stream = event_stream_of(settings(f"nats://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
    with pytest.raises(DependencyUnavailable):
        await stream.ping()
    await stream.stop()
    server.close()
    gc.collect()
