"""How much memory the messages of an Arrow stream take, found out before any of them is decompressed.

A message is its size, a flatbuffer that describes it, and its body. The description lists the buffers of the body; a
compressed one begins with the length it has when it is decompressed. See the Arrow columnar format, "Encapsulated
message format", and Message.fbs; only the fields that are needed are read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_CONTINUATION = b"\xff\xff\xff\xff"
_LONGEST_DESCRIPTION = 16 * 1024 * 1024
_NOT_COMPRESSED = -1
_LENGTH_BYTES = 8
_HEADER_TYPE, _HEADER, _BODY_LENGTH = 1, 2, 3
_DICTIONARY_BATCH, _RECORD_BATCH = 2, 3
_BATCH_IN_DICTIONARY = 1
_BUFFERS, _COMPRESSION = 2, 3


class Unsound(ValueError):
    """The bytes are not messages of an Arrow stream."""


@dataclass(frozen=True)
class Size:
    """The bytes a record batch, or a batch of a dictionary, takes in memory."""

    size_bytes: int
    is_dictionary: bool


def sizes(file: BinaryIO) -> Iterator[Size]:
    """Give the sizes of all batches from the file's place on, up to the end of the stream.

    Raises:
        Unsound: this is no stream.
    """
    while description := _description(file):
        try:
            message = _Table.root(description)
            kind = message.integer(_HEADER_TYPE, "<B")
            body_length = message.integer(_BODY_LENGTH, "<q")
            start = file.tell()
            if kind in {_DICTIONARY_BATCH, _RECORD_BATCH}:
                header = message.table(_HEADER)
                batch = header if kind == _RECORD_BATCH else header.table(_BATCH_IN_DICTIONARY)
                yield Size(_in_memory(file, batch, start, body_length), is_dictionary=kind == _DICTIONARY_BATCH)
        except struct.error as error:
            raise Unsound("a message is damaged") from error
        if body_length < 0:
            raise Unsound("a message has a negative length")
        file.seek(start + body_length)


def _description(file: BinaryIO) -> bytes:
    """Return the description of the next message; nothing at the end."""
    prefix = file.read(4)
    if prefix == _CONTINUATION:
        prefix = file.read(4)
    if len(prefix) < struct.calcsize("<i"):
        return b""
    (length,) = struct.unpack("<i", prefix)
    if not 0 <= length <= _LONGEST_DESCRIPTION:
        raise Unsound("a message has no sound length")
    description = file.read(length)
    if len(description) < length:
        raise Unsound("it ends within a message")
    return description


def _in_memory(file: BinaryIO, batch: _Table, start: int, body_length: int) -> int:
    buffers = batch.structs(_BUFFERS, "<qq")
    if not batch.has(_COMPRESSION):
        return max(body_length, sum(length for _, length in buffers))
    total = body_length
    for offset, length in buffers:
        if length >= _LENGTH_BYTES and offset >= 0:
            file.seek(start + offset)
            (decompressed,) = struct.unpack("<q", file.read(_LENGTH_BYTES))
            total += length if decompressed == _NOT_COMPRESSED else max(decompressed, 0)
    return total


@dataclass(frozen=True)
class _Table:
    """A table of a flatbuffer: where it stands, and where its fields do."""

    content: bytes
    at: int

    @classmethod
    def root(cls, content: bytes) -> _Table:
        return cls(content, _unpack(content, "<I", 0))

    def has(self, field: int) -> bool:
        return self._place(field) is not None

    def integer(self, field: int, format_: str) -> int:
        place = self._place(field)
        return 0 if place is None else _unpack(self.content, format_, place)

    def table(self, field: int) -> _Table:
        place = self._place(field)
        if place is None:
            raise Unsound("a message lacks its header")
        return _Table(self.content, place + _unpack(self.content, "<I", place))

    def structs(self, field: int, format_: str) -> list[tuple[int, int]]:
        place = self._place(field)
        if place is None:
            return []
        start = place + _unpack(self.content, "<I", place)
        count = _unpack(self.content, "<I", start)
        size = struct.calcsize(format_)
        first = start + struct.calcsize("<I")
        return [struct.unpack_from(format_, self.content, first + number * size) for number in range(count)]

    def _place(self, field: int) -> int | None:
        fields = self.at - _unpack(self.content, "<i", self.at)
        at = 4 + 2 * field
        if at >= _unpack(self.content, "<H", fields):
            return None
        offset = _unpack(self.content, "<H", fields + at)
        return self.at + offset if offset else None


def _unpack(content: bytes, format_: str, at: int) -> int:
    if at < 0:
        raise Unsound("a message points outside of itself")
    (number,) = struct.unpack_from(format_, content, at)
    return int(number)
