"""Immutable values that are hashed often and are deep: each computes its hash once."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


class Hashed:
    """What a dataclass with slots derives from to be ``hashed_once``."""

    __slots__ = ("_hash",)


def hashed_once(cls: type[T]) -> type[T]:
    """Return an immutable dataclass that derives from ``Hashed``, with its hash kept after the first time."""
    compute = cls.__hash__

    def __hash__(self: T) -> int:  # noqa: N807 - it becomes the class's own
        try:
            return self._hash  # type: ignore[attr-defined, no-any-return]  # the slot of Hashed
        except AttributeError:
            value = compute(self)
            object.__setattr__(self, "_hash", value)
            return value

    cls.__hash__ = __hash__  # type: ignore[assignment]  # the same signature, of this class
    return cls
