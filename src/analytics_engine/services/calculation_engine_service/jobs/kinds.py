"""Which kinds of jobs there are: name -> parameters and what is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from analytics_engine.contracts.wire import WireModel
from analytics_engine.errors import InvalidInput
from analytics_engine.kernel.ports.jobs import JobKind, RunningJob
from analytics_engine.kpi.model.suggest import did_you_mean

__all__ = ["JobKind", "JobKinds", "RunningJob"]


class JobKinds(Mapping[str, JobKind[Any]]):
    """The registered kinds by name."""

    def __init__(self, kinds: Iterable[JobKind[Any]]) -> None:
        self._kinds = {kind.name: kind for kind in kinds}

    def __getitem__(self, name: str) -> JobKind[Any]:
        return self._kinds[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kinds)

    def __len__(self) -> int:
        return len(self._kinds)

    def checked(self, name: str, params: Mapping[str, Any]) -> WireModel:
        """Return parameters as their kind has them.

        Raises:
            InvalidInput: there is no such kind, or these are not its parameters; ``errors`` lists place and reason.
        """
        kind = self._kinds.get(name)
        if kind is None:
            raise InvalidInput(
                f"There is no kind of job {name!r}.",
                remedy=did_you_mean(name, self._kinds) or "List those there are at /jobs/kinds.",
            )
        try:
            checked: WireModel = kind.params.model_validate(params)
        except ValidationError as error:
            mistakes = [
                {"place": ".".join(["params", *map(str, mistake["loc"])]), "reason": mistake["msg"]}
                for mistake in error.errors(include_url=False, include_context=False, include_input=False)
            ]
            raise InvalidInput(
                f"{mistakes[0]['place']}: {mistakes[0]['reason']}",
                remedy="Correct the places listed under errors; /jobs/kinds describes the parameters.",
                errors=mistakes,
            ) from error
        return checked
