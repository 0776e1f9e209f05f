from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from analytics_engine.errors import InvalidInput


@dataclass(frozen=True)
class SecretsOf:
    """Whose secrets they are, as the refusals say it.

    Args:
        who: what of a client's uses them.
        service: where they are read.
        prefix: how the names of their variables begin.
        setting: names the folder of their files.
    """

    who: str
    service: str
    prefix: str
    setting: str


CONNECTORS = SecretsOf(
    who="connectors", service="connector_service", prefix="CONNECTOR", setting="AE_CONNECTOR_SECRETS_DIR"
)
CHANNELS = SecretsOf(who="channels", service="messaging_service", prefix="CHANNEL", setting="AE_CHANNEL_SECRETS_DIR")


class ReferencedSecrets:
    """Secrets by reference: ``env:NAME`` and ``file:/path``, each client its own.

    What refers to them can be pointed at any host, so whatever it may name it can send away: only names and files that
    were set apart for this use of this client are taken, never other variables or files of the service.
    """

    def __init__(self, of: SecretsOf = CONNECTORS, *, environment: Mapping[str, str], folder: Path) -> None:
        self._of = of
        self._environment = environment
        self._folder = folder

    def check(self, reference: str, *, client_id: str) -> None:
        scheme, _, name = reference.partition(":")
        if scheme == "env":
            self._check_name(name, client_id)
        elif scheme == "file":
            self._path(name, client_id)
        else:
            raise InvalidInput(
                "A secret is written as a reference, never as itself.",
                remedy=f"Write env:{self._prefix(client_id)}PASSWORD or file:password and keep the secret there.",
            )

    def read(self, reference: str, *, client_id: str) -> str:
        self.check(reference, client_id=client_id)
        scheme, _, name = reference.partition(":")
        return self._variable(name) if scheme == "env" else self._file(self._path(name, client_id))

    def _variable(self, name: str) -> str:
        if not (value := self._environment.get(name)):
            raise InvalidInput(
                f"The variable {name} is not set where {self._of.service} runs.",
                remedy="Set it in the service's environment and start the service again.",
            )
        return value

    def _file(self, path: Path) -> str:
        try:
            return path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(
                f"The secret file {path.name} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}.",
                remedy=f"Put the secret there, readable for {self._of.service}.",
            ) from error

    def _check_name(self, name: str, client_id: str) -> None:
        prefix = self._prefix(client_id)
        rest = name.removeprefix(prefix)
        if not name.startswith(prefix) or not rest or "__" in rest:
            raise InvalidInput(
                f"env:{name} is not a secret of this client's {self._of.who}.",
                remedy=f"Name the variable {prefix}<NAME>, such as {prefix}PASSWORD.",
            )

    def _path(self, name: str, client_id: str) -> Path:
        folder = (self._folder / client_id).resolve()
        path = (folder / name).resolve()
        if not path.is_relative_to(folder) or path == folder:
            raise InvalidInput(
                f"file:{name} is outside this client's folder of secrets.",
                remedy=f"Keep the secret in {self._of.setting}/{client_id}/ and write file:<name>.",
            )
        return path

    def _prefix(self, client_id: str) -> str:
        return f"{self._of.prefix}_{client_id.upper().replace('-', '_')}__"
