from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from analytics_engine.errors import InvalidInput


class ReferencedSecrets:
    """Secrets by reference: ``env:NAME`` and ``file:/path``, each client its own.

    A profile can be pointed at any host, so whatever it may name it can send away: only names and files that were
    set apart for this client's connectors are taken, never other variables or files of the service.
    """

    def __init__(self, *, environment: Mapping[str, str], folder: Path) -> None:
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
                remedy=f"Write env:{_prefix(client_id)}PASSWORD or file:password and keep the secret there.",
            )

    def read(self, reference: str, *, client_id: str) -> str:
        self.check(reference, client_id=client_id)
        scheme, _, name = reference.partition(":")
        return self._variable(name) if scheme == "env" else self._file(self._path(name, client_id))

    def _variable(self, name: str) -> str:
        if not (value := self._environment.get(name)):
            raise InvalidInput(
                f"The variable {name} is not set where connector_service runs.",
                remedy="Set it in the service's environment and start the service again.",
            )
        return value

    @staticmethod
    def _file(path: Path) -> str:
        try:
            return path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(
                f"The secret file {path.name} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}.",
                remedy="Put the secret there, readable for connector_service.",
            ) from error

    @staticmethod
    def _check_name(name: str, client_id: str) -> None:
        prefix = _prefix(client_id)
        rest = name.removeprefix(prefix)
        if not name.startswith(prefix) or not rest or "__" in rest:
            raise InvalidInput(
                f"env:{name} is not a secret of this client's connectors.",
                remedy=f"Name the variable {prefix}<NAME>, such as {prefix}PASSWORD.",
            )

    def _path(self, name: str, client_id: str) -> Path:
        folder = (self._folder / client_id).resolve()
        path = (folder / name).resolve()
        if not path.is_relative_to(folder) or path == folder:
            raise InvalidInput(
                f"file:{name} is outside this client's folder of secrets.",
                remedy=f"Keep the secret in AE_CONNECTOR_SECRETS_DIR/{client_id}/ and write file:<name>.",
            )
        return path


def _prefix(client_id: str) -> str:
    return f"CONNECTOR_{client_id.upper().replace('-', '_')}__"
