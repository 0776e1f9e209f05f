"""The values that a query gives to the parameters of formulas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from analytics_engine.contracts.calculation import FilterValue
from analytics_engine.errors import QueryError
from analytics_engine.kpi.formula.conversion import convert
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.kpi.sql.parameters import ParameterSlot, Slot


def check_parameters(given: Mapping[str, FilterValue], slots: Iterable[Slot]) -> None:
    """Refuse values for parameters that no formula in the statements has, and values that do not fit.

    Raises:
        QueryError: the nearest names, or the type of the parameter, are named.
    """
    if not given:
        return
    known: dict[str, set[ParameterSlot]] = {}
    for slot in slots:
        if isinstance(slot, ParameterSlot):
            known.setdefault(slot.name, set()).add(slot)
    for name, value in given.items():
        if name not in known:
            listed = f"There are: {', '.join(sorted(known))}." if known else "The formulas have no parameters."
            raise QueryError(
                f"There is no parameter {name!r} in the KPIs that are asked.",
                remedy=did_you_mean(name, known) or listed,
                parameter=name,
            )
        for slot in known[name]:
            _check_fits(name, value, slot)


def _check_fits(name: str, value: FilterValue, slot: ParameterSlot) -> None:
    try:
        convert(value, slot.type)
    except QueryError as error:
        raise QueryError(
            f"The value {value!r} does not fit the parameter {name}, which is of type {slot.type.value}.",
            remedy=error.remedy,
            parameter=name,
        ) from error
