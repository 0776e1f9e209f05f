"""Every overlay renders, and what it renders to is what Kubernetes takes: each field, each name it refers to."""

from __future__ import annotations

import copy
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from kubernetes.manifests import MANIFESTS, OVERLAYS, WITHOUT_SECRETS, Manifests, Object, make_secrets, matches

VERSIONS = ("1.30", "1.34", "1.37")
"""The oldest version that is supported, one between, and the newest whose schemas there are."""


@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_is_valid_to_the_letter(manifests: Manifests, version: str) -> None:
    """Strictly: a field that this version does not know is a mistake, not a comment."""
    for found in manifests.objects:
        assert kubernetes_validate.validate(found, version, strict=True) == version


def _misspelt_probe(deployment: Object) -> None:
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    container["readinesProbe"] = container.pop("readinessProbe")


def _number_as_text(deployment: Object) -> None:
    deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = "35"


def _misplaced_context(deployment: Object) -> None:
    deployment["spec"]["securityContext"] = deployment["spec"]["template"]["spec"].pop("securityContext")


def _context_of_pod_in_container(deployment: Object) -> None:
    deployment["spec"]["template"]["spec"]["containers"][0]["securityContext"]["fsGroup"] = 10001


def _no_selector(deployment: Object) -> None:
    del deployment["spec"]["selector"]


@pytest.mark.parametrize(
    "spoil",
    [_misspelt_probe, _number_as_text, _misplaced_context, _context_of_pod_in_container, _no_selector],
    ids=lambda spoil: spoil.__name__.strip("_"),
)
@pytest.mark.parametrize("version", VERSIONS)
def test_a_mistake_is_refused(rendered: dict[str, Manifests], spoil: Callable[[Object], None], version: str) -> None:
    """The validation above would see it."""
    deployment = copy.deepcopy(rendered["production"].one("Deployment", "api-gateway"))
    spoil(deployment)
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment, version, strict=True)


def test_an_api_that_is_gone_is_refused(rendered: dict[str, Manifests]) -> None:
    autoscaler = copy.deepcopy(rendered["production"].of_kind("HorizontalPodAutoscaler")[0])
    autoscaler["apiVersion"] = "autoscaling/v2beta2"
    with pytest.raises(kubernetes_validate.SchemaNotFoundError):
        kubernetes_validate.validate(autoscaler, VERSIONS[0], strict=True)


def test_no_two_objects_have_one_name(manifests: Manifests) -> None:
    names = [(found["kind"], found["metadata"]["name"]) for found in manifests.objects]
    assert len(set(names)) == len(names)


def test_everything_is_in_the_namespace_of_the_overlay(manifests: Manifests) -> None:
    namespace = f"analytics-engine-{manifests.overlay}"
    for found in manifests.objects:
        place = found["metadata"].get("namespace")
        assert (found["metadata"]["name"] if found["kind"] == "Namespace" else place) == namespace


def test_whatever_is_referred_to_is_there(manifests: Manifests) -> None:
    """Settings, secrets (but those made outside), volumes, ports, accounts; a key as much as its object."""
    keys = {
        (found["kind"], found["metadata"]["name"]): set(found.get("data", {}))
        for found in manifests.objects
        if found["kind"] in {"ConfigMap", "Secret"}
    }
    outside = outside_secrets() if manifests.overlay in WITHOUT_SECRETS else {}
    keys |= {("Secret", name): set(of_it) for name, of_it in outside.items()}
    for workload in manifests.workloads:
        manifests.one("ServiceAccount", workload.pod["serviceAccountName"])
        volumes = {volume["name"] for volume in workload.pod["volumes"]}
        volumes |= {claim["metadata"]["name"] for claim in workload.object["spec"].get("volumeClaimTemplates", [])}
        for container in workload.containers:
            assert {mount["name"] for mount in container.get("volumeMounts", [])} <= volumes, workload
        for kind, name, key, optional in references(workload.pod):
            assert optional or (kind, name) in keys, f"{workload}: there is no {kind} {name}"
            assert optional or key is None or key in keys[kind, name], f"{workload}: no {key} in {kind} {name}"


def references(pod: Object) -> Iterator[tuple[str, str, str | None, bool]]:
    """Yield what a pod is given of ConfigMaps and Secrets: kind, name, key, and whether it does without."""
    for container in [*pod.get("initContainers", []), *pod["containers"]]:
        for source in container.get("envFrom", []):
            for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                if field in source:
                    yield kind, source[field]["name"], None, source[field].get("optional", False)
        for variable in container.get("env", []):
            for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
                if reference := variable.get("valueFrom", {}).get(field):
                    yield kind, reference["name"], reference["key"], reference.get("optional", False)
    for volume in pod["volumes"]:
        if secret := volume.get("secret"):
            yield from (
                ("Secret", secret["secretName"], item["key"], secret.get("optional", False))
                for item in secret.get("items", [{"key": None}])
            )


def outside_secrets() -> dict[str, list[str]]:
    """Return which secrets production is given from outside, as the manual lists them for whoever makes them."""
    text = (MANIFESTS.parents[1] / "docs" / "howto" / "deploy-on-kubernetes.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| ((?:`[\w.-]+`(?:, )?)+) \|", text, flags=re.MULTILINE)
    return {name: re.findall(r"`([\w.-]+)`", keys) for name, keys in rows}


def test_production_makes_no_secret_and_uses_all_that_the_manual_asks_for(rendered: dict[str, Manifests]) -> None:
    production = rendered["production"]
    assert production.of_kind("Secret") == []
    used: dict[str, set[str]] = {}
    for workload in production.workloads:
        for kind, name, key, _ in references(workload.pod):
            if kind == "Secret":
                used.setdefault(name, set()).update([key] if key else [])
    listed = outside_secrets()
    assert set(used) == set(listed)
    assert all(keys <= set(listed[name]) for name, keys in used.items())


def test_services_lead_to_ports_of_pods_that_are_there(manifests: Manifests) -> None:
    for service in manifests.of_kind("Service"):
        (behind,) = manifests.selected({"matchLabels": service["spec"]["selector"]})
        names = {port["name"] for container in behind.containers for port in container.get("ports", [])}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= names


def test_selectors_of_deployments_select_their_own_pods_only(manifests: Manifests) -> None:
    for workload in manifests.workloads:
        if workload.is_server:
            assert manifests.selected(workload.object["spec"]["selector"]) == [workload]


def test_the_way_in_leads_to_services_that_are_there(rendered: dict[str, Manifests]) -> None:
    """The web application and the API are reached from outside, over TLS, and nothing else is."""
    production = rendered["production"]
    (ingress,) = production.of_kind("Ingress")
    hosts = {host for tls in ingress["spec"]["tls"] for host in tls["hosts"]}
    led = {}
    for rule in ingress["spec"]["rules"]:
        assert rule["host"] in hosts
        for path in rule["http"]["paths"]:
            backend = path["backend"]["service"]
            ports = production.one("Service", backend["name"])["spec"]["ports"]
            (port,) = [port["port"] for port in ports if port["name"] == backend["port"]["name"]]
            led[backend["name"]] = port
    assert led == {"demo-config-ui": 3000, "api-gateway": 8090}
    for service in production.of_kind("Service"):
        assert service["spec"].get("type", "ClusterIP") == "ClusterIP"


def test_images_are_pinned(manifests: Manifests) -> None:
    for workload in manifests.workloads:
        for container in workload.containers:
            name, _, tag = container["image"].rpartition(":")
            assert name, f"{workload}: {container['image']} has no tag"
            assert re.fullmatch(r"v?\d+(\.\d+)+([-.]\w+)*", tag), f"{workload}: {tag} may become another image"


def test_secrets_are_made_once_and_for_their_owner_only(tree: Path) -> None:
    folder = tree / "overlays" / "development" / "secrets"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    make_secrets(folder.parent)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    made = [path for path in folder.iterdir() if path.name not in {"kustomization.yaml", ".gitignore"}]
    assert {path.stat().st_mode & 0o777 for path in made} == {0o600}
    passwords = [path.read_text() for path in made if "password" in path.name]
    assert len(set(passwords)) == len(passwords)
    assert all(re.fullmatch(r"[\w-]{48}", password) for password in passwords)


@pytest.mark.parametrize("overlay", sorted(OVERLAYS - WITHOUT_SECRETS))
def test_no_secret_can_get_into_git(tree: Path, overlay: str) -> None:
    folder = Path("deploy") / "kubernetes" / "overlays" / overlay / "secrets"
    made = sorted(path.name for path in (tree / "overlays" / overlay / "secrets").iterdir())
    ignored = subprocess.run(
        ["git", "check-ignore", *(str(folder / name) for name in made)],
        cwd=MANIFESTS.parents[1],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    assert [Path(name).name for name in ignored] == [
        name for name in made if name not in {".gitignore", "kustomization.yaml"}
    ]


def test_no_value_in_git_looks_like_a_secret() -> None:
    """Nothing under deploy/kubernetes names a password, key or token but by where it is kept."""
    for path in MANIFESTS.rglob("*"):
        if path.suffix != ".yaml":
            continue
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            for name, value in _values(document):
                assert not re.search(r"(password|secret.?key|token|api.?key)$", name, re.IGNORECASE) or not isinstance(
                    value, str
                ), f"{path}: {name}"


def _values(node: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        if "name" in node and "value" in node:
            yield str(node["name"]), node["value"]
        for key, value in node.items():
            if key != "key":
                yield from _values(value, str(key))
    elif isinstance(node, list):
        for value in node:
            yield from _values(value)
    else:
        yield name, node


def test_selectors_are_read_as_kubernetes_does() -> None:
    assert matches({}, {"a": "1"})
    assert matches({"matchLabels": {"a": "1"}}, {"a": "1", "b": "2"})
    assert not matches({"matchLabels": {"a": "1", "b": "3"}}, {"a": "1", "b": "2"})
    assert not matches({"matchExpressions": [{"key": "a", "operator": "In", "values": ["2"]}]}, {"a": "1"})
