from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analytics_engine.errors import InvalidInput
from analytics_engine.kernel.ports.sources import SecretStore
from analytics_engine.kernel.security.sealing import Sealer

_REFERENCES = ("env:", "file:")
_SEALED = "sealed:"

KEPT = "(kept)"
"""What is shown instead of a secret that was given as itself; sent back, it leaves the secret as it is."""


@dataclass(frozen=True)
class ChannelSecrets:
    """The secrets of channels: references to where they are kept, or given once and sealed."""

    store: SecretStore
    sealer: Sealer

    def stored(self, given: Mapping[str, str], present: Mapping[str, str], *, client_id: str) -> dict[str, str]:
        """Return how secrets are stored that were given, where some may be those that are there at present.

        Raises:
            InvalidInput: a reference is none this client may use, or there is nothing to keep.
        """
        return {name: self._stored(name, value, present, client_id) for name, value in given.items()}

    def values(self, stored: Mapping[str, str], *, client_id: str) -> dict[str, str]:
        """Return the secrets themselves.

        Raises:
            InvalidInput: what is referred to is not there.
            InvalidSetting: SECRET_KEY is another one than when they were sealed.
        """
        return {
            name: self.sealer.open(value.removeprefix(_SEALED), owner=client_id)
            if value.startswith(_SEALED)
            else self.store.read(value, client_id=client_id)
            for name, value in stored.items()
        }

    def _stored(self, name: str, value: str, present: Mapping[str, str], client_id: str) -> str:
        if value == KEPT:
            if name not in present:
                raise InvalidInput(
                    f"secrets.{name}: there is none to keep.", remedy="Give it, or a reference: env:NAME or file:NAME."
                )
            return present[name]
        if value.startswith(_REFERENCES):
            self.store.check(value, client_id=client_id)
            return value
        return _SEALED + self.sealer.seal(value, owner=client_id)


def shown(stored: Mapping[str, str]) -> dict[str, str]:
    """Return what may be seen of secrets: a reference says where one is kept, never what it is."""
    return {name: KEPT if value.startswith(_SEALED) else value for name, value in stored.items()}
