from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from analytics_engine.errors import DependencyTimeout, DependencyUnavailable, ForbiddenAddress, InvalidSetting

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
# IPv6 networks in which an IPv4 address is hidden: where they lead cannot be told by the address.
_TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("2002::/16"))


@dataclass(frozen=True)
class Purpose:
    """What connections are made for, as the refusals say it.

    Args:
        who: whose connections they are.
        setting: where an operator allows addresses.
        public_only: whether only addresses of the public internet are taken, or private ones too.
    """

    who: str
    setting: str
    public_only: bool


CONNECTORS = Purpose(who="connectors", setting="AE_CONNECTOR_ALLOWED_NETWORKS", public_only=False)
MESSAGES = Purpose(who="messages", setting="AE_MESSAGE_ALLOWED_NETWORKS", public_only=True)


class HostGuard:
    """Resolves a host once and returns the addresses to connect to, if all of them may be connected to.

    The caller connects to an address, not to the name, so that a second answer of the name server cannot lead
    elsewhere. Refused are link-local and metadata addresses, and such as are no host's; where only public hosts are
    meant, private and loopback addresses too.
    """

    def __init__(self, purpose: Purpose = CONNECTORS, *, allowed: Sequence[Network] = ()) -> None:
        self._purpose = purpose
        self._allowed = allowed

    async def address(self, host: str, port: int) -> str:
        """Return the first address of a host; raises as ``addresses``."""
        return (await self.addresses(host, port))[0]

    async def addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of a host, the one to try first in front.

        Raises:
            ForbiddenAddress: one of its addresses is not for this purpose.
            DependencyUnavailable: the name is not known.
            DependencyTimeout: the name server does not answer.
        """
        addresses = await self._resolve(host, port)
        for address in addresses:
            if self._refused(address):
                raise ForbiddenAddress(
                    f"{host} leads to {address}, which {self._purpose.who} may not use.",
                    remedy="Name the host that is meant, by its own name; an operator can allow an address "
                    f"in {self._purpose.setting}.",
                )
        return [str(address) for address in addresses]

    def allowed_by_operator(self, address: str) -> bool:
        """Return whether an address is among those that an operator allowed expressly."""
        plain = _plain(ipaddress.ip_address(address))
        return any(plain in network for network in self._allowed)

    async def _resolve(self, host: str, port: int) -> list[Address]:
        try:
            async with asyncio.timeout(_RESOLVE_S):
                found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except TimeoutError as error:
            raise DependencyTimeout(f"The name {host} was not resolved within {_RESOLVE_S:g} s.") from error
        except (OSError, UnicodeError) as error:
            raise DependencyUnavailable(
                f"There is no host {host}.", remedy="Correct the name of the host, or the name server."
            ) from error
        return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]

    def _refused(self, address: Address) -> bool:
        plain = _plain(address)
        if any(plain in network for network in self._allowed):
            return False
        if self._purpose.public_only and (not plain.is_global or any(plain in network for network in _TRANSLATED)):
            return True
        return (
            plain.is_link_local
            or plain.is_multicast
            or plain.is_unspecified
            or (plain.is_reserved and not plain.is_loopback)
            or any(plain in network for network in _METADATA)
        )


def _plain(address: Address) -> Address:
    return getattr(address, "ipv4_mapped", None) or address


def networks(listed: str, *, setting: str) -> list[Network]:
    """Return the networks that a setting lists, with commas between.

    Raises:
        InvalidSetting: one is none.
    """
    try:
        return [ipaddress.ip_network(one.strip()) for one in listed.split(",") if one.strip()]
    except ValueError as error:
        raise InvalidSetting(
            f"{setting}: {error}.",
            remedy="Write addresses or networks with commas between, such as 169.254.10.5,10.0.0.0/8.",
            setting=setting,
        ) from error
