"""Decimals from their text into the binary form of PostgreSQL's ``numeric``, every digit and the scale kept.

A numeric is four 16-bit numbers (how many digits of base 10,000, the weight of the first, the sign, the decimal places
shown) and then those digits; see ``numeric_send``, ``numeric_recv`` and ``make_result`` in PostgreSQL's ``numeric.c``.
"""

from __future__ import annotations

import struct
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Int64s = npt.NDArray[np.int64]
Fields = npt.NDArray[np.void]

_BASE = 10_000
_GROUP = 4
_MOST_DIGITS = 18
_MOST_PLACES = 16
_NEGATIVE = 0x4000
_POWERS: Int64s = 10 ** np.arange(_MOST_DIGITS + 1, dtype=np.int64)
_HEAD = [("size", ">i4"), ("count", ">i2"), ("weight", ">i2"), ("sign", ">u2"), ("places", ">i2")]
_HEAD_BYTES = 8


def laid_out(texts: pa.Array) -> Fields | None:
    """Return decimals as fields of COPY BINARY that are all as long, each its length in bytes and its value.

    They have zeros before and after their digits, which ``make_result`` takes away. There are no nulls. None where one
    of the decimals is very long or has an exponent.
    """
    texts = pc.utf8_ltrim(texts, "+")
    places, regular = _measured(texts)
    if not regular.all():
        return None
    try:
        return _of_whole_numbers(_without_point(texts), places)
    except pa.ArrowInvalid:
        return None


def fields(texts: pa.Array) -> pa.Array:
    """Return each decimal as a field of COPY BINARY, whatever its length and its exponent. There are no nulls."""
    if (found := laid_out(texts)) is not None:
        return as_binary(found)
    texts = pc.utf8_ltrim(texts, "+")
    places, regular = _measured(texts)
    regular &= ~pc.match_substring(texts, "e", ignore_case=True).to_numpy(zero_copy_only=False)
    some = pa.array(regular)
    fast = _of_whole_numbers(_without_point(pc.if_else(some, texts, "0")), np.where(regular, places, 0))
    slow = [field(text) for text in texts.filter(pc.invert(some)).to_pylist()]
    return pc.replace_with_mask(as_binary(fast), pc.invert(some), pa.array(slow, pa.binary()))


def _measured(texts: pa.Array) -> tuple[Int64s, npt.NDArray[np.bool_]]:
    """Return how many decimal places each text has, and whether it is short enough for a whole number of 64 bits."""
    point = pc.find_substring(texts, ".").to_numpy()
    length = pc.binary_length(texts).to_numpy().astype(np.int64)
    places: Int64s = np.where(point >= 0, length - point - 1, 0)
    return places, (length > 0) & (length <= _MOST_DIGITS) & (places <= _MOST_PLACES)


def field(text: str) -> bytes:
    """Return one decimal as a field, however many digits it has and whatever its exponent is."""
    sign, digits, exponent = Decimal(text).as_tuple()
    assert isinstance(exponent, int)
    written = "".join(map(str, digits)) + "0" * max(exponent, 0)
    places = max(-exponent, 0)
    written = written.zfill(places + 1)
    whole, part = written[: len(written) - places], written[len(written) - places :]
    whole = whole.zfill(-(-len(whole) // _GROUP) * _GROUP)
    part = part.ljust(-(-len(part) // _GROUP) * _GROUP, "0")
    both = whole + part
    groups = [int(both[start : start + _GROUP]) for start in range(0, len(both), _GROUP)]
    weight = len(whole) // _GROUP - 1
    while groups and groups[0] == 0:
        groups.pop(0)
        weight -= 1
    while groups and groups[-1] == 0:
        groups.pop()
    if not groups:
        sign, weight = 0, 0
    body = struct.pack(f">hhHh{len(groups)}h", len(groups), weight, _NEGATIVE * sign, places, *groups)
    return struct.pack(">i", len(body)) + body


def _without_point(texts: pa.Array) -> Int64s:
    numbers: Int64s = pc.replace_substring(texts, ".", "").cast(pa.int64()).to_numpy()
    return numbers


def _of_whole_numbers(numbers: Int64s, places: Int64s) -> Fields:
    """Return fields of numbers divided by ten to the power of their places."""
    most_places = int(places.max())
    alike = most_places == places.min()
    positive = np.abs(numbers)
    whole = positive // (_POWERS[most_places] if alike else _POWERS[places])
    part = positive - whole * _POWERS[places]
    whole_groups = -(-len(str(whole.max())) // _GROUP)
    part_groups = -(-most_places // _GROUP)
    part *= _POWERS[_GROUP * part_groups - places]
    count = whole_groups + part_groups
    found = np.empty(len(numbers), dtype=[*_HEAD, ("groups", ">i2", (count,))])
    found["size"] = _HEAD_BYTES + 2 * count
    found["count"] = count
    found["weight"] = whole_groups - 1
    found["sign"] = np.where(numbers < 0, _NEGATIVE, 0)
    found["places"] = places
    _split(whole, found["groups"][:, :whole_groups])
    _split(part, found["groups"][:, whole_groups:])
    return found


def _split(numbers: Int64s, groups: npt.NDArray[np.int16]) -> None:
    """Write numbers as digits of base 10,000, the last digit in the last column."""
    for place in reversed(range(groups.shape[1])):
        rest = numbers // _BASE
        groups[:, place] = numbers - rest * _BASE
        numbers = rest


def as_binary(found: Fields) -> pa.Array:
    """Return what stands side by side as one value a row."""
    size = found.dtype.itemsize
    ends = np.arange(0, (len(found) + 1) * size, size, dtype=np.int32)
    return pa.Array.from_buffers(
        pa.binary(), len(found), [None, pa.py_buffer(ends), pa.py_buffer(found.view(np.uint8))]
    )
