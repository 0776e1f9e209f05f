"""What an overlay renders to, and how tests ask about it: workloads, selectors, the environment of a container."""

from __future__ import annotations

import base64
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from analytics_engine.contracts.services import Service
from support import kubectl

MANIFESTS = Path(__file__).parents[2] / "deploy" / "kubernetes"
OVERLAYS = {path.name for path in (MANIFESTS / "overlays").iterdir()}
WITHOUT_SECRETS = {"production"}
"""Overlays whose secrets are made outside."""

Object = dict[str, Any]

_POD_OF = {
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
_VARIABLE = re.compile(r"\$\((\w+)\)")


def make_secrets(overlay: Path) -> None:
    subprocess.run([str(overlay.parents[1] / "make-secrets"), str(overlay)], check=True, capture_output=True)


def render(overlay: Path) -> list[Object]:
    done = subprocess.run(
        [str(kubectl.program()), "kustomize", str(overlay)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr, f"kustomize warns: {done.stderr}"
    return [found for found in yaml.safe_load_all(done.stdout) if found]


def kubernetes_name(service: Service) -> str:
    """Return a service's name as Kubernetes allows it."""
    return service.value.replace("_", "-")


@dataclass(frozen=True)
class Workload:
    """Whatever makes pods, and the pod it makes."""

    object: Object
    template: Object

    @property
    def kind(self) -> str:
        return str(self.object["kind"])

    @property
    def name(self) -> str:
        return str(self.object["metadata"]["name"])

    @property
    def labels(self) -> Mapping[str, str]:
        labels: Mapping[str, str] = self.template["metadata"]["labels"]
        return labels

    @property
    def pod(self) -> Object:
        pod: Object = self.template["spec"]
        return pod

    @property
    def containers(self) -> Sequence[Object]:
        return [*self.pod.get("initContainers", []), *self.pod["containers"]]

    @property
    def is_server(self) -> bool:
        return self.kind in {"Deployment", "StatefulSet"}

    @property
    def max_replicas(self) -> int:
        """How many there are, where no autoscaler says so."""
        return int(self.object["spec"].get("replicas", 1))

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


class Manifests:
    """All objects of one overlay."""

    def __init__(self, overlay: str, objects: Sequence[Object]) -> None:
        self.overlay = overlay
        self.objects = objects

    def of_kind(self, kind: str) -> list[Object]:
        return [found for found in self.objects if found["kind"] == kind]

    def one(self, kind: str, name: str) -> Object:
        (found,) = [found for found in self.of_kind(kind) if found["metadata"]["name"] == name]
        return found

    @cached_property
    def workloads(self) -> list[Workload]:
        """Return everything that makes pods; a kind that is not known here would have a test fail."""
        return list(self._workloads())

    def selected(self, selector: Mapping[str, Any]) -> list[Workload]:
        """Return whose pods a selector of labels selects; an empty one selects all."""
        return [workload for workload in self.workloads if matches(selector, workload.labels)]

    def replicas(self, workload: Workload) -> int:
        """Return how many pods of it there may be."""
        scaled = [
            autoscaler["spec"]["maxReplicas"]
            for autoscaler in self.of_kind("HorizontalPodAutoscaler")
            if autoscaler["spec"]["scaleTargetRef"]
            == {"apiVersion": "apps/v1", "kind": workload.kind, "name": workload.name}
        ]
        return int(scaled[0]) if scaled else workload.max_replicas

    def environment(
        self, container: Object, *, secret: str = "a-secret-of-somewhere-else-of-48-characters-in-all"
    ) -> dict[str, str]:
        """Return the environment a container is started with.

        A secret that is made elsewhere is ``secret``, and an optional one is not there.
        """
        found: dict[str, str] = {}
        for source in container.get("envFrom", []):
            if "configMapRef" in source:
                found |= self.one("ConfigMap", source["configMapRef"]["name"])["data"]
        for variable in container.get("env", []):
            if "value" in variable:
                found[variable["name"]] = _VARIABLE.sub(lambda match: found[match[1]], variable["value"])
            else:
                reference = variable["valueFrom"]["secretKeyRef"]
                if not reference.get("optional"):
                    found[variable["name"]] = self._secret(reference, secret)
        return found

    def _secret(self, reference: Mapping[str, str], otherwise: str) -> str:
        for found in self.of_kind("Secret"):
            if found["metadata"]["name"] == reference["name"]:
                return base64.b64decode(found["data"][reference["key"]]).decode()
        return otherwise

    def _workloads(self) -> Iterator[Workload]:
        for found in self.objects:
            if found["kind"] in _POD_OF:
                template = found
                for step in _POD_OF[found["kind"]]:
                    template = template[step]
                yield Workload(found, template)


def matches(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Return whether a label selector selects these labels."""
    assert set(selector) <= {"matchLabels", "matchExpressions"}
    wanted = selector.get("matchLabels", {})
    if any(labels.get(name) != value for name, value in wanted.items()):
        return False
    for expression in selector.get("matchExpressions", []):
        assert expression["operator"] == "In"
        if labels.get(expression["key"]) not in expression["values"]:
            return False
    return True
