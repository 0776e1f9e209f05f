"""Which addresses connectors and messages may use."""

from __future__ import annotations

import ipaddress

import pytest

from analytics_engine.adapters.network.guard import MESSAGES, HostGuard
from analytics_engine.errors import Forbidden


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.0.1",
        "fe80::1",
        "::ffff:169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "fd00:ec2::254",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "255.255.255.255",
    ],
)
async def test_addresses_that_are_no_databases_host_are_refused(host: str) -> None:
    """Link-local, metadata, unspecified, multicast and reserved addresses, also in IPv6's clothes."""
    with pytest.raises(Forbidden, match="which connectors may not use"):
        await HostGuard().address(host, 5432)


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3", "192.168.1.5", "203.0.113.7", "fd12:3456::1", "::1"])
async def test_private_and_public_hosts_are_allowed(host: str) -> None:
    """Databases live in private networks, and on this machine."""
    assert await HostGuard().address(host, 5432) == host


async def test_an_operator_can_allow_an_address() -> None:
    """What is in an allowed network is taken; its neighbours are not."""
    guard = HostGuard(allowed=[ipaddress.ip_network("169.254.10.5/32")])

    assert await guard.address("169.254.10.5", 5432) == "169.254.10.5"
    with pytest.raises(Forbidden):
        await guard.address("169.254.10.6", 5432)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "::1",
        "::ffff:10.0.0.1",
        "10.1.2.3",
        "192.168.1.5",
        "100.64.0.1",
        "fd12:3456::1",
        "169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2130706433",
        "0x7f000001",
        "localhost",
    ],
)
async def test_messages_go_to_public_addresses_only(host: str) -> None:
    """Whatever is inside is refused, however it is written; a public address is taken."""
    with pytest.raises(Forbidden, match="which messages may not use"):
        await HostGuard(MESSAGES).address(host, 443)
    assert await HostGuard(MESSAGES).address("93.184.215.14", 443) == "93.184.215.14"


async def test_messages_may_go_inside_where_an_operator_allows_it() -> None:
    """An allowed network is taken, and known to be one that was allowed."""
    guard = HostGuard(MESSAGES, allowed=[ipaddress.ip_network("10.0.0.0/8")])

    assert await guard.address("10.1.2.3", 25) == "10.1.2.3"
    assert guard.allowed_by_operator("::ffff:10.1.2.3")
    assert not guard.allowed_by_operator("93.184.215.14")
