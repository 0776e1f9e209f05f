"""What every workload of every overlay must have; a new one without it fails here."""

from __future__ import annotations

import re

import pytest

from analytics_engine.bootstrap.server import DRAINED_WITHIN_S
from analytics_engine.contracts.services import PORTS, UI_PORT, Service
from kubernetes.manifests import OVERLAYS, Manifests, Workload, kubernetes_name

_SCALED = {Service.CALCULATION, Service.GATEWAY}
_NOBODY = {"timescaledb": 70, "redis": 999}
"""Users of images that are not ours; ours is 10001."""


def services(manifests: Manifests) -> dict[Service, Workload]:
    by_name = {workload.name: workload for workload in manifests.workloads if workload.kind == "Deployment"}
    return {service: by_name[kubernetes_name(service)] for service in Service}


def test_every_service_runs_on_the_guides_port(manifests: Manifests) -> None:
    """And nothing else runs as a Deployment; the web application is the gateway's second port."""
    deployments = [workload.name for workload in manifests.workloads if workload.kind == "Deployment"]
    assert sorted(deployments) == sorted(kubernetes_name(service) for service in Service)
    for service, workload in services(manifests).items():
        (container,) = workload.pod["containers"]
        assert container["args"] == ["serve", service.value]
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        assert ports == {"http": PORTS[service]} | ({"ui": UI_PORT} if service is Service.GATEWAY else {})
        (published,) = manifests.one("Service", workload.name)["spec"]["ports"]
        assert published["port"] == PORTS[service]
    assert [port["port"] for port in manifests.one("Service", "demo-config-ui")["spec"]["ports"]] == [UI_PORT]


def test_all_are_locked_down(manifests: Manifests) -> None:
    """No root, no writing but where a volume is, no new rights, no capabilities, no unfiltered calls of the kernel."""
    for workload in manifests.workloads:
        pod = workload.pod["securityContext"]
        user = _NOBODY.get(workload.name, 10001)
        assert pod["runAsNonRoot"] is True, workload
        assert (pod["runAsUser"], pod["runAsGroup"], pod["fsGroup"]) == (user, user, user), workload
        assert pod["seccompProfile"] == {"type": "RuntimeDefault"}, workload
        for field in ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"):
            assert not workload.pod.get(field), workload
        for container in workload.containers:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, workload
            assert not any("hostPort" in port for port in container.get("ports", [])), workload
        assert not any("hostPath" in volume for volume in workload.pod["volumes"]), workload


def test_the_namespace_refuses_whatever_is_not_locked_down(manifests: Manifests) -> None:
    (namespace,) = manifests.of_kind("Namespace")
    levels = {name: level for name, level in namespace["metadata"]["labels"].items() if "pod-security" in name}
    assert levels == {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}


def test_nothing_has_a_token_for_the_cluster(manifests: Manifests) -> None:
    assert manifests.of_kind("Role") == manifests.of_kind("ClusterRole") == []
    for account in manifests.of_kind("ServiceAccount"):
        assert account["automountServiceAccountToken"] is False
    for workload in manifests.workloads:
        assert workload.pod["automountServiceAccountToken"] is False, workload
        assert workload.pod["enableServiceLinks"] is False, workload


def test_all_can_write_to_their_temporary_and_their_own_folder(manifests: Manifests) -> None:
    for workload in manifests.workloads:
        empty = {volume["name"] for volume in workload.pod["volumes"] if "emptyDir" in volume}
        for container in workload.containers:
            places = {mount["mountPath"] for mount in container["volumeMounts"] if mount["name"] in empty}
            assert "/tmp" in places, workload
            if container["image"].partition(":")[0].endswith("analytics-engine"):
                assert manifests.environment(container)["AE_HOME"] in places, workload


def test_all_say_what_they_need_and_take_no_more(manifests: Manifests) -> None:
    """Memory and files are limited; processor time is not, as a limit makes requests wait while the node is idle."""
    for workload in manifests.workloads:
        for container in workload.containers:
            resources = container["resources"]
            assert {"cpu", "memory"} <= set(resources["requests"]), workload
            assert "cpu" not in resources["limits"], workload
            assert _bytes(resources["requests"]["memory"]) <= _bytes(resources["limits"]["memory"]), workload


def _bytes(quantity: str) -> int:
    match = re.fullmatch(r"(\d+)(Mi|Gi)", quantity)
    assert match
    return int(match[1]) << {"Mi": 20, "Gi": 30}[match[2]]


def test_servers_are_watched_from_their_start_on(manifests: Manifests) -> None:
    for workload in manifests.workloads:
        if workload.is_server:
            for container in workload.pod["containers"]:
                assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(container), workload


def test_a_service_lives_while_its_process_does_and_is_ready_when_its_dependencies_are(manifests: Manifests) -> None:
    for workload in services(manifests).values():
        (container,) = workload.pod["containers"]
        paths = {name: container[name]["httpGet"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
        assert paths == {
            "startupProbe": {"path": "/live", "port": "http"},
            "livenessProbe": {"path": "/live", "port": "http"},
            "readinessProbe": {"path": "/ready", "port": "http"},
        }
        start = container["startupProbe"]
        assert start["periodSeconds"] * start["failureThreshold"] >= 60, "a slow node is no failure"


def test_a_service_that_is_replaced_finishes_what_is_under_way(manifests: Manifests) -> None:
    """It goes on until nobody sends it requests, then has the 26 s of the program, and some to spare."""
    for workload in services(manifests).values():
        (container,) = workload.pod["containers"]
        pause_s = container["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert pause_s >= 5
        assert workload.pod["terminationGracePeriodSeconds"] >= pause_s + DRAINED_WITHIN_S + 5


def test_a_release_takes_no_capacity_away(manifests: Manifests) -> None:
    for workload in services(manifests).values():
        strategy = workload.object["spec"]["strategy"]
        assert strategy == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}


def test_new_code_waits_for_its_schema(manifests: Manifests) -> None:
    """By the service's own login, on the same image."""
    for workload in services(manifests).values():
        (waiting,) = workload.pod["initContainers"]
        (container,) = workload.pod["containers"]
        assert waiting["args"][:2] == ["migrate", "--check"]
        assert waiting["image"] == container["image"]
        own, its = manifests.environment(container), manifests.environment(waiting)
        assert its["DATABASE_URL"] == own["DATABASE_URL"]
        assert float(waiting["args"][3]) < workload.object["spec"]["progressDeadlineSeconds"]


def test_the_schema_is_brought_up_to_date_by_its_owner(manifests: Manifests) -> None:
    job = manifests.one("Job", "migrate")
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["args"][0] == "migrate"
    assert "--check" not in container["args"]
    assert job["spec"]["backoffLimit"] >= 3
    (gateway,) = services(manifests)[Service.GATEWAY].pod["containers"]
    assert container["image"] == gateway["image"]


@pytest.mark.parametrize(
    ("name", "schedule"),
    [
        ("backup-daily", "0 2 * * *"),
        ("backup-weekly", "0 3 * * 0"),
        ("backup-monthly", "0 4 1 * *"),
        ("backup-drill", "0 5 * * 1"),
    ],
)
def test_backups_are_made_and_tried(manifests: Manifests, name: str, schedule: str) -> None:
    """At the hours of the guide, in UTC; one at a time; one that was missed is made up for."""
    spec = manifests.one("CronJob", name)["spec"]
    assert (spec["schedule"], spec["timeZone"], spec["concurrencyPolicy"]) == (schedule, "Etc/UTC", "Forbid")
    assert spec["startingDeadlineSeconds"] >= 600
    assert spec["jobTemplate"]["spec"]["activeDeadlineSeconds"] > 0
    assert not spec.get("suspend")
    (container,) = spec["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert container["args"][0] == "backup"


def test_drains_take_one_pod_of_a_service_at_a_time(manifests: Manifests) -> None:
    budgets = manifests.of_kind("PodDisruptionBudget")
    guarded = []
    for budget in budgets:
        assert budget["spec"]["maxUnavailable"] == 1
        (workload,) = manifests.selected(budget["spec"]["selector"])
        guarded.append(workload.name)
    assert sorted(guarded) == sorted(kubernetes_name(service) for service in Service)


def test_replicas_are_spread_over_nodes_and_zones(manifests: Manifests) -> None:
    for workload in services(manifests).values():
        spread = {one["topologyKey"]: one for one in workload.pod["topologySpreadConstraints"]}
        assert set(spread) == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}
        for one in spread.values():
            assert manifests.selected(one["labelSelector"])
            assert "app.kubernetes.io/name" in one["matchLabelKeys"], "each service is spread by itself"


@pytest.mark.parametrize("overlay", sorted(OVERLAYS - {"development"}))
def test_what_work_there_is_decides_how_many_run(rendered: dict[str, Manifests], overlay: str) -> None:
    manifests = rendered[overlay]
    autoscalers = {
        scaler["metadata"]["name"]: scaler["spec"] for scaler in manifests.of_kind("HorizontalPodAutoscaler")
    }
    assert set(autoscalers) == {kubernetes_name(service) for service in _SCALED}
    for name, spec in autoscalers.items():
        assert spec["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
        assert spec["minReplicas"] < spec["maxReplicas"]
        assert [metric["resource"]["name"] for metric in spec["metrics"]] == ["cpu"]
        assert "replicas" not in manifests.one("Deployment", name)["spec"], "each release would undo the scaling"


def test_production_has_two_of_each_at_least(rendered: dict[str, Manifests]) -> None:
    production = rendered["production"]
    least = {
        scaler["metadata"]["name"]: scaler["spec"]["minReplicas"]
        for scaler in production.of_kind("HorizontalPodAutoscaler")
    }
    for workload in services(production).values():
        assert least.get(workload.name, workload.max_replicas) >= 2, workload


def test_prometheus_is_told_where_to_look(manifests: Manifests) -> None:
    for service, workload in services(manifests).items():
        annotations = workload.template["metadata"]["annotations"]
        assert {name: value for name, value in annotations.items() if name.startswith("prometheus.io/")} == {
            "prometheus.io/scrape": "true",
            "prometheus.io/path": "/metrics",
            "prometheus.io/port": str(PORTS[service]),
        }


@pytest.mark.parametrize("overlay", sorted(OVERLAYS))
def test_servers_with_data_are_in_the_cluster_but_in_production(rendered: dict[str, Manifests], overlay: str) -> None:
    servers = {found["metadata"]["name"] for found in rendered[overlay].of_kind("StatefulSet")}
    assert servers == (set() if overlay == "production" else {"timescaledb", "redis"})
    for found in rendered[overlay].of_kind("StatefulSet"):
        assert found["spec"]["persistentVolumeClaimRetentionPolicy"] == {
            "whenDeleted": "Retain",
            "whenScaled": "Retain",
        }
        assert found["spec"]["volumeClaimTemplates"]
