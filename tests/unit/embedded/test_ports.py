from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from analytics_engine.embedded.ports import any_free_port, is_free, remembered_port, require_free
from analytics_engine.errors import PortTaken


def test_a_taken_port_is_named_with_its_holder() -> None:
    """The detail names port, what needs it, and the process; the remedy an offset at which all are free."""
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        with pytest.raises(PortTaken) as raised:
            require_free({"api_gateway": port}, offset=300)
    assert raised.value.detail.startswith(f"Port {port} (api_gateway) is taken by ")
    assert f"(process {os.getpid()})" in raised.value.detail
    assert "--port-offset " in raised.value.remedy
    assert raised.value.facts == {"ports": [port]}


def test_free_ports_are_fine() -> None:
    """Nothing is raised when nobody listens."""
    require_free({"api_gateway": any_free_port()})


def test_a_port_is_remembered_while_it_is_free(tmp_path: Path) -> None:
    """The same port at every start; another one, remembered from then on, when a stranger has it."""
    file = tmp_path / "port"
    port = remembered_port(file)
    assert remembered_port(file) == port
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", port))
        stranger.listen()
        assert not is_free(port)
        other = remembered_port(file)
    assert other != port
    assert remembered_port(file) == other


@pytest.mark.parametrize("content", ["", "abc", "0", "70000"])
def test_a_broken_port_file_is_replaced(tmp_path: Path, content: str) -> None:
    """Whatever is in the file, the answer is a port that can be listened on."""
    file = tmp_path / "port"
    file.write_text(content)
    assert is_free(remembered_port(file))
