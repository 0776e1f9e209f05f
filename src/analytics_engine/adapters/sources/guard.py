from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence

from analytics_engine.errors import DependencyTimeout, DependencyUnavailable, Forbidden

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_RESOLVE_S = 3.0
# Where clouds answer questions about the machine (its credentials among them) outside the link-local range.
_METADATA = (
    ipaddress.ip_network("100.100.100.200/32"),
    ipaddress.ip_network("168.63.129.16/32"),
    ipaddress.ip_network("192.0.0.192/32"),
    ipaddress.ip_network("fd00:ec2::254/128"),
    ipaddress.ip_network("fd20:ce::254/128"),
)


class HostGuard:
    """Resolves the host of a source once and returns the address to connect to, if it may be connected to.

    The caller connects to the address, not to the name, so that a second answer of the name server cannot lead
    elsewhere. Refused are link-local and metadata addresses, and such as are no host's.
    """

    def __init__(self, *, allowed: Sequence[Network] = ()) -> None:
        self._allowed = allowed

    async def address(self, host: str, port: int) -> str:
        """Return the address of a host.

        Raises:
            Forbidden: one of its addresses is not for connectors.
            DependencyUnavailable: the name is not known.
            DependencyTimeout: the name server does not answer.
        """
        addresses = await self._resolve(host, port)
        for address in addresses:
            if self._refused(address):
                raise Forbidden(
                    f"{host} leads to {address}, which connectors may not use.",
                    remedy="Name the database's own host; an operator can allow an address "
                    "in AE_CONNECTOR_ALLOWED_NETWORKS.",
                )
        return str(addresses[0])

    async def _resolve(self, host: str, port: int) -> list[Address]:
        try:
            async with asyncio.timeout(_RESOLVE_S):
                found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except TimeoutError as error:
            raise DependencyTimeout(f"The name {host} was not resolved within {_RESOLVE_S:g} s.") from error
        except (OSError, UnicodeError) as error:
            raise DependencyUnavailable(
                f"There is no host {host}.", remedy="Correct the profile's host, or the name server."
            ) from error
        return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]

    def _refused(self, address: Address) -> bool:
        plain = getattr(address, "ipv4_mapped", None) or address
        if any(plain in network for network in self._allowed):
            return False
        return (
            plain.is_link_local
            or plain.is_multicast
            or plain.is_unspecified
            or (plain.is_reserved and not plain.is_loopback)
            or any(plain in network for network in _METADATA)
        )
