"""Who may talk to whom: the policies are worked out as a cluster would, and compared with what the code depends on."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from analytics_engine.bootstrap.registry import build
from analytics_engine.contracts.services import PORTS, UI_PORT, Service
from kubernetes.manifests import Manifests, Workload, kubernetes_name, matches
from support.services import make_settings

_DNS = 53
_STREAM_OR_CACHE = "redis"


async def dependencies(service: Service) -> set[str]:
    """Return what a service says in its own health that it depends on; nothing has to be there for that."""
    settings = make_settings(
        database_url="postgresql://a:b@127.0.0.1:1/nothing",
        redis_url="redis://127.0.0.1:1",
        **{f"{other.value}_url": "http://127.0.0.1:1" for other in Service},
    )
    transport = httpx.ASGITransport(app=build(service, settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return set((await client.get("/health")).json()["dependencies"])


@pytest.mark.parametrize("service", list(Service))
async def test_a_service_reaches_what_it_depends_on_and_no_other(
    rendered: dict[str, Manifests], service: Service
) -> None:
    wanted = await dependencies(service)
    callees = {other for other in Service if other.value in wanted}
    for manifests in rendered.values():
        source = _workload(manifests, kubernetes_name(service))
        reached = {
            other
            for other in Service
            if other is not service
            and _is_open(manifests, source, _workload(manifests, kubernetes_name(other)), PORTS[other])
        }
        assert reached == callees, manifests.overlay
        assert (source.labels.get("uses-database") == "yes") == ("database" in wanted)
        assert (source.labels.get("uses-redis") == "yes") == (_STREAM_OR_CACHE in wanted)


@pytest.mark.parametrize("overlay", ["development", "staging"])
def test_servers_with_data_answer_those_who_need_them(rendered: dict[str, Manifests], overlay: str) -> None:
    manifests = rendered[overlay]
    for server, use, port in (("timescaledb", "uses-database", 5432), ("redis", "uses-redis", 6379)):
        target = _workload(manifests, server)
        for source in manifests.workloads:
            if source.name != server:
                assert _is_open(manifests, source, target, port) == (source.labels.get(use) == "yes"), source


def test_in_production_they_are_reached_at_private_addresses_only(rendered: dict[str, Manifests]) -> None:
    production = rendered["production"]
    for source in production.workloads:
        for use, port in (("uses-database", 5432), ("uses-redis", 6379)):
            assert _may_go_out(production, source, "10.1.2.3", port) == (source.labels.get(use) == "yes"), source
        assert not _may_go_out(production, source, "10.1.2.3", 22), source


def test_only_messages_and_connectors_go_outside_and_never_to_where_machines_tell_their_secrets(
    manifests: Manifests,
) -> None:
    for source in manifests.workloads:
        goes = source.name in {"messaging-service", "connector-service"}
        assert _may_go_out(manifests, source, "93.184.216.34", 587) == goes, source
        blobs = source.labels.get("uses-blobs") == "yes"
        assert _may_go_out(manifests, source, "93.184.216.34", 443) == (goes or blobs), source
        assert not _may_go_out(manifests, source, "169.254.169.254", 80), source
        if goes:
            assert not _may_go_out(manifests, source, "10.1.2.3", 80), source


def test_names_are_found_by_all(manifests: Manifests) -> None:
    for source in manifests.workloads:
        peers = list(_peers(manifests, source, "egress", _DNS))
        assert any(_is_dns(peer) for peer in peers), source


def test_whatever_no_policy_names_is_closed(manifests: Manifests) -> None:
    """A pod that somebody adds reaches nobody and is reached by nobody."""
    stranger = Workload(
        {"kind": "Job", "metadata": {"name": "stranger"}},
        {"metadata": {"labels": {"app.kubernetes.io/name": "stranger"}}},
    )
    for other in manifests.workloads:
        for port in [*PORTS.values(), UI_PORT, 5432, 6379]:
            assert not _is_open(manifests, stranger, other, port), other
            assert not _is_open(manifests, other, stranger, port), other
    assert not _may_go_out(manifests, stranger, "93.184.216.34", 443)


def test_the_way_in_is_by_the_gateway(rendered: dict[str, Manifests]) -> None:
    """The controller of Ingress reaches the gateway's two ports, and Prometheus each service's metrics."""
    production = rendered["production"]
    for workload in production.workloads:
        if workload.kind != "Deployment":
            continue
        (container,) = workload.pod["containers"]
        for port in container["ports"]:
            from_outside = {
                peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
                for peer in _peers(production, workload, "ingress", port["containerPort"])
                if "namespaceSelector" in peer
            }
            expected = {"monitoring"} if port["name"] == "http" else set()
            if workload.name == "api-gateway":
                expected |= {"ingress-nginx"}
            assert from_outside == expected, (workload, port)


def _workload(manifests: Manifests, name: str) -> Workload:
    (found,) = [workload for workload in manifests.workloads if workload.name == name]
    return found


def _is_open(manifests: Manifests, source: Workload, target: Workload, port: int) -> bool:
    """Return whether both ends allow it: whoever goes out, and whoever lets in."""
    out = any(_selects(peer, target) for peer in _peers(manifests, source, "egress", port, of=target))
    into = any(_selects(peer, source) for peer in _peers(manifests, target, "ingress", port))
    return out and into


def _may_go_out(manifests: Manifests, source: Workload, address: str, port: int) -> bool:
    for peer in _peers(manifests, source, "egress", port):
        block = peer.get("ipBlock")
        if block is None:
            continue
        network = ipaddress.ip_network(block["cidr"])
        if ipaddress.ip_address(address) in network and not any(
            ipaddress.ip_address(address) in ipaddress.ip_network(other) for other in block.get("except", [])
        ):
            return True
    return False


def _peers(
    manifests: Manifests, workload: Workload, direction: str, port: int, *, of: Workload | None = None
) -> Iterator[Mapping[str, Any]]:
    """Yield whom the policies for a pod allow on a port; they add up. A port by name is one of the pod that listens."""
    listening = of if direction == "egress" else workload
    held = False
    for policy in manifests.of_kind("NetworkPolicy"):
        spec = policy["spec"]
        if direction.capitalize() not in spec["policyTypes"] or not matches(spec["podSelector"], workload.labels):
            continue
        held = True
        for rule in spec.get(direction, []):
            if _allows(rule["ports"], port, listening):
                yield from rule["from" if direction == "ingress" else "to"]
    assert held, f"{workload}: nothing holds its {direction}"


def _allows(ports: list[Mapping[str, Any]], port: int, listening: Workload | None) -> bool:
    named = {}
    if listening is not None and "spec" in listening.template:
        for container in listening.containers:
            named |= {one["name"]: one["containerPort"] for one in container.get("ports", [])}
    for one in ports:
        if isinstance(one["port"], str):
            if named.get(one["port"]) == port:
                return True
        elif one["port"] <= port <= one.get("endPort", one["port"]):
            return True
    return False


def _selects(peer: Mapping[str, Any], workload: Workload) -> bool:
    if "podSelector" not in peer or "namespaceSelector" in peer:
        return False
    return matches(peer["podSelector"], workload.labels)


def _is_dns(peer: Mapping[str, Any]) -> bool:
    return peer.get("podSelector", {}).get("matchLabels") == {"k8s-app": "kube-dns"}
