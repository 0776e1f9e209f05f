"""Decimals from their text into the binary form of PostgreSQL's ``numeric``, every digit and the scale kept.

A numeric is four 16-bit numbers (how many digits of base 10,000, the weight of the first, the sign, the decimal places
shown) and then those digits; see ``numeric_send`` in PostgreSQL's ``numeric.c``.
"""

from __future__ import annotations

import struct
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Int64s = npt.NDArray[np.int64]

_BASE = 10_000
_GROUP = 4
_MOST_DIGITS = 18
_MOST_PLACES = 16
_NEGATIVE = 0x4000
_POWERS: Int64s = 10 ** np.arange(_MOST_DIGITS + 1, dtype=np.int64)
_HEAD = np.dtype([("size", ">i4"), ("digits", ">i2"), ("weight", ">i2"), ("sign", ">u2"), ("places", ">i2")])
_HEAD_BYTES = 8


def fields(texts: pa.Array) -> pa.Array:
    """Return each decimal as a field of COPY BINARY: its length in bytes and its value. There are no nulls."""
    texts = pc.utf8_ltrim(texts, "+")
    point = pc.find_substring(texts, ".").to_numpy()
    length = pc.binary_length(texts).to_numpy().astype(np.int64)
    places: Int64s = np.where(point >= 0, length - point - 1, 0)
    plain = (length <= _MOST_DIGITS) & (places <= _MOST_PLACES)
    plain &= ~pc.match_substring(texts, "e", ignore_case=True).to_numpy(zero_copy_only=False)
    plain &= length > 0
    if plain.all():
        return _of_whole_numbers(_without_point(texts), places)
    regular = pa.array(plain)
    fast = _of_whole_numbers(_without_point(pc.if_else(regular, texts, "0")), np.where(plain, places, 0))
    slow = [field(text) for text in texts.filter(pc.invert(regular)).to_pylist()]
    return pc.replace_with_mask(fast, pc.invert(regular), pa.array(slow, pa.binary()))


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


def _of_whole_numbers(numbers: Int64s, places: Int64s) -> pa.Array:
    """Return fields of numbers divided by ten to the power of their places."""
    whole, part = np.divmod(np.abs(numbers), _POWERS[places])
    whole_groups = -(-len(str(whole.max())) // _GROUP)
    part_groups = -(-int(places.max()) // _GROUP)
    part *= _POWERS[_GROUP * part_groups - places]
    groups = np.empty((len(numbers), whole_groups + part_groups), dtype=np.int16)
    _split(whole, groups[:, :whole_groups])
    _split(part, groups[:, whole_groups:])
    present = groups != 0
    is_zero = ~present.any(axis=1)
    first = present.argmax(axis=1)
    last = groups.shape[1] - 1 - present[:, ::-1].argmax(axis=1)
    count = np.where(is_zero, 0, last - first + 1)
    head = np.empty(len(numbers), dtype=_HEAD)
    head["size"] = _HEAD_BYTES + 2 * count
    head["digits"] = count
    head["weight"] = np.where(is_zero, 0, whole_groups - 1 - first)
    head["sign"] = np.where(numbers < 0, _NEGATIVE, 0)
    head["places"] = places
    order = np.arange(groups.shape[1])
    kept = (order >= first[:, None]) & (order <= last[:, None]) & ~is_zero[:, None]
    digits = groups.astype(">i2")[kept]
    offsets = np.concatenate(([0], np.cumsum(2 * count))).astype(np.int32)
    tails = pa.Array.from_buffers(
        pa.binary(), len(numbers), [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(digits.tobytes())]
    )
    heads = pa.Array.from_buffers(pa.binary(_HEAD.itemsize), len(numbers), [None, pa.py_buffer(head.tobytes())])
    return pc.binary_join_element_wise(heads.cast(pa.binary()), tails, b"")


def _split(numbers: Int64s, groups: npt.NDArray[np.int16]) -> None:
    """Write numbers as digits of base 10,000, the last digit in the last column."""
    rest = numbers
    for place in reversed(range(groups.shape[1])):
        rest, groups[:, place] = np.divmod(rest, _BASE)
