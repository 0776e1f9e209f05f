"""What a service's metrics say, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families


@dataclass(frozen=True)
class Metrics:
    """Samples as a scrape has them."""

    samples: Mapping[tuple[str, frozenset[tuple[str, str]]], float]
    names: frozenset[str]

    @classmethod
    def of(cls, text: str) -> Metrics:
        families = list(text_string_to_metric_families(text))
        return cls(
            {
                (sample.name, frozenset(sample.labels.items())): sample.value
                for family in families
                for sample in family.samples
            },
            frozenset(family.name for family in families),
        )

    def value(self, name: str, **labels: str) -> float:
        """Return the sum of a name's samples that have these labels."""
        return sum(self.values(name, **labels))

    def values(self, name: str, **labels: str) -> list[float]:
        wanted = frozenset(labels.items())
        return [value for (found, has), value in self.samples.items() if found == name and wanted <= has]

    def labels(self, name: str, label: str) -> set[str]:
        """Return the values of a label among a name's samples."""
        return {value for found, has in self.samples if found == name for key, value in has if key == label}
