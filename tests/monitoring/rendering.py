"""The shipped configurations as the tests run them: at ports of this machine, in seconds, to sinks of the tests' own.

What is tested stays what is shipped: rules, routes and inhibitions are read from ``deploy/monitoring``, and only times
and addresses are changed. What Debian's Alertmanager 0.25 does not know (Teams, addresses in files) goes to the same
sinks as webhooks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from analytics_engine.contracts.services import PORTS

SHIPPED = Path(__file__).parents[2] / "deploy" / "monitoring"
RULES = sorted((SHIPPED / "prometheus" / "rules").glob("*.yml"))
CHANNELS = ("email", "slack", "teams", "pagerduty", "sms", "dead_man")

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"\b(\d+)([smhd])\b")
_RANGE = re.compile(r"\[(\d+[smhd])\]")


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def groups() -> list[dict[str, Any]]:
    """Return all groups of the shipped rules."""
    return [group for path in RULES for group in read(path)["groups"]]


def alerts() -> dict[str, dict[str, Any]]:
    """Return the shipped alerts by their names."""
    return {rule["alert"]: rule for group in groups() for rule in group["rules"] if "alert" in rule}


def seconds(duration: str) -> int:
    return sum(int(number) * _UNITS_S[unit] for number, unit in _DURATION.findall(duration))


def rules_in_seconds(folder: Path, *, range_s: int, hold_s: int, thresholds: Mapping[str, tuple[str, str]]) -> None:
    """Write the shipped rules: ranges up to 15 minutes last ``range_s``, and a ``for`` lasts at most ``hold_s``.

    Args:
        thresholds: by alert a piece of its expression and what stands in its place, for limits that are times.
    """
    folder.mkdir(parents=True)

    def shortened(match: re.Match[str]) -> str:
        return f"[{range_s}s]" if seconds(match[1]) <= 900 else match[0]

    for path in RULES:
        document = read(path)
        for group in document["groups"]:
            for rule in group["rules"]:
                if rule.get("alert") in thresholds:
                    before, after = thresholds[rule["alert"]]
                    assert before in rule["expr"], rule["alert"]
                    rule["expr"] = rule["expr"].replace(before, after)
                rule["expr"] = _RANGE.sub(shortened, rule["expr"])
                if "for" in rule:
                    rule["for"] = f"{min(hold_s, seconds(rule['for']))}s"
        (folder / path.name).write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")


def prometheus(path: Path, *, addresses: Mapping[str, str]) -> None:
    """Write the shipped configuration to a file: each target at another address, asked every two seconds.

    Args:
        addresses: by ``host:port`` of the shipped one; a target that is not in it is left out.
    """
    document = read(SHIPPED / "prometheus" / "prometheus.yml")
    document["global"] |= {"scrape_interval": "2s", "scrape_timeout": "2s", "evaluation_interval": "1s"}
    for job in document["scrape_configs"]:
        for found in job.pop("dns_sd_configs", []):
            (name,) = found["names"]
            job["static_configs"].append({"targets": [f"{name}:{found['port']}"], "labels": {"service": name}})
        for static in job["static_configs"]:
            static["targets"] = [addresses[target] for target in static["targets"] if target in addresses]
    for manager in document["alerting"]["alertmanagers"]:
        for static in manager["static_configs"]:
            static["targets"] = [addresses[target] for target in static["targets"]]
    _written(path, document)


def targets() -> dict[str, str]:
    """Return ``host:port`` of each scraped service by the job's and its own name, as shipped."""
    (job,) = [
        one
        for one in read(SHIPPED / "prometheus" / "prometheus.yml")["scrape_configs"]
        if one["job_name"] == "analytics_engine"
    ]
    static = {one["labels"]["service"]: one["targets"][0] for one in job["static_configs"]}
    replicated = {name: f"{name}:{found['port']}" for found in job["dns_sd_configs"] for name in found["names"]}
    return static | replicated


def expected_targets() -> dict[str, str]:
    return {service.value: f"{service.value}:{port}" for service, port in PORTS.items()}


def alertmanager(folder: Path, *, sinks: Mapping[str, str], mail_port: int, in_seconds: bool = True) -> Path:
    """Write the shipped configuration as 0.25 understands it, whose channels are these sinks."""
    document = read(SHIPPED / "alertmanager" / "alertmanager.yml")
    document["global"] = {
        "resolve_timeout": "5m",
        "smtp_smarthost": f"127.0.0.1:{mail_port}",
        "smtp_from": document["global"]["smtp_from"],
        "smtp_require_tls": False,
        "slack_api_url": f"{sinks['slack']}/",
    }
    document["templates"] = [str(SHIPPED / "alertmanager" / "templates" / "*.tmpl")]
    for receiver in document["receivers"]:
        _to_sinks(receiver, sinks)
    if in_seconds:
        for route in [document["route"], *document["route"]["routes"]]:
            route |= {"group_wait": "1s", "group_interval": "2s"}
            if route["receiver"] == "dead-man":
                route["repeat_interval"] = "2s"
    return _written(folder / "alertmanager.yml", document)


def _to_sinks(receiver: dict[str, Any], sinks: Mapping[str, str]) -> None:
    for teams in receiver.pop("msteamsv2_configs", []):
        webhook = {"url": f"{sinks['teams']}/", "send_resolved": teams["send_resolved"]}
        receiver.setdefault("teams", []).append(webhook)
    for webhook in receiver.get("webhook_configs", []):
        del webhook["url_file"]
        webhook["url"] = f"{sinks['dead_man']}/"
    receiver.setdefault("webhook_configs", []).extend(receiver.pop("teams", []))
    for pager in receiver.get("pagerduty_configs", []):
        del pager["routing_key_file"]
        pager |= {"routing_key": "0123456789abcdef0123456789abcdef", "url": f"{sinks['pagerduty']}/v2/enqueue"}
    for text in receiver.get("sns_configs", []):
        text["api_url"] = f"{sinks['sms']}/"


def _written(path: Path, document: Any) -> Path:
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return path
