"""Sealed files: compressed, encrypted, and bound to their name.

A sealed file is a head (magic, id of the key, salt) and frames of AES-256-GCM, each with its number and whether it is
the last one in its nonce, as in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015): a frame that is
changed, left out, moved, or from another file does not open, and neither does a file whose end is cut off.
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import pyarrow as pa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from analytics_engine.backups.key import BackupKey
from analytics_engine.errors import BackupDamaged, WrongBackupKey

_MAGIC = b"AEBACK1\n"
_ID_BYTES = 16
_SALT_BYTES = 16
_TAG_BYTES = 16
_FRAME_BYTES = 2**20
_LENGTH = struct.Struct(">I")
_NONCE = struct.Struct(">IQ")  # whether it is the last, and its number
_ANYTHING_ELSE = "It is not the file that was written: restore an older backup, or this one from another copy."


class _Sealer(io.RawIOBase):
    """Takes bytes and writes frames; the last one when it is closed."""

    def __init__(self, sink: BinaryIO, key: BackupKey, name: str) -> None:
        salt = os.urandom(_SALT_BYTES)
        sink.write(_MAGIC + key.id.encode() + salt)
        self._sink = sink
        self._cipher = AESGCM(key.derived(b"file", salt))
        self._name = name.encode()
        self._pending = bytearray()
        self._number = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        given = memoryview(data)  # type: ignore[arg-type] # any buffer
        self._pending += given
        while len(self._pending) > _FRAME_BYTES:
            self._frame(bytes(self._pending[:_FRAME_BYTES]), last=False)
            del self._pending[:_FRAME_BYTES]
        return given.nbytes

    def finish(self) -> None:
        self._frame(bytes(self._pending), last=True)

    def _frame(self, data: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_NONCE.pack(int(last), self._number), data, self._name)
        self._sink.write(_LENGTH.pack(len(sealed)) + sealed)
        self._number += 1


class _Opener(io.RawIOBase):
    """Gives the bytes of the frames, each after it was found to be genuine."""

    def __init__(self, source: BinaryIO, key: BackupKey, name: str) -> None:
        head = source.read(len(_MAGIC) + _ID_BYTES + _SALT_BYTES)
        magic, key_id, salt = head[: len(_MAGIC)], head[len(_MAGIC) : -_SALT_BYTES], head[-_SALT_BYTES:]
        if magic != _MAGIC or len(head) != len(_MAGIC) + _ID_BYTES + _SALT_BYTES:
            raise BackupDamaged(f"{name} does not begin as a file of a backup does.", remedy=_ANYTHING_ELSE)
        if key_id != key.id.encode():
            raise WrongBackupKey(
                f"{name} was made with the key {key_id.decode(errors='replace')}; the one at hand is {key.id}.",
                remedy="Name the file of the key it was made with in AE_BACKUP_KEY_FILE.",
            )
        self._source = source
        self._cipher = AESGCM(key.derived(b"file", salt))
        self._name = name
        self._left = memoryview(b"")
        self._number = 0
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, target: object) -> int:
        into = memoryview(target).cast("B")  # type: ignore[arg-type] # any buffer
        while not self._left and not self._ended:
            self._left = memoryview(self._frame())
        count = min(len(into), len(self._left))
        into[:count] = self._left[:count]
        self._left = self._left[count:]
        return count

    def _frame(self) -> bytes:
        head = self._source.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            raise self._damaged("its end is missing")
        (length,) = _LENGTH.unpack(head)
        if not _TAG_BYTES <= length <= _FRAME_BYTES + _TAG_BYTES:
            raise self._damaged("a frame has an impossible length")
        sealed = self._source.read(length)
        if len(sealed) < length:
            raise self._damaged("its end is missing")
        self._ended = not (following := self._source.read(1))
        if following:
            self._source.seek(-1, io.SEEK_CUR)
        try:
            opened = self._cipher.decrypt(_NONCE.pack(int(self._ended), self._number), sealed, self._name.encode())
        except InvalidTag:
            raise self._damaged("it was changed, or its end is missing" if self._ended else "it was changed") from None
        self._number += 1
        return opened

    def _damaged(self, what: str) -> BackupDamaged:
        return BackupDamaged(f"{self._name} is damaged: {what}.", remedy=_ANYTHING_ELSE)


@contextmanager
def sealing(sink: BinaryIO, key: BackupKey, name: str) -> Iterator[pa.NativeFile]:
    """Yield a file whose bytes are compressed and sealed into the sink; whole only when left without an error."""
    sealer = _Sealer(sink, key, name)
    with pa.CompressedOutputStream(pa.PythonFile(sealer, mode="w"), "zstd") as compressed:
        yield compressed
    sealer.finish()


@contextmanager
def opened(source: BinaryIO, key: BackupKey, name: str) -> Iterator[pa.NativeFile]:
    """Yield the bytes of a sealed file.

    Raises:
        BackupDamaged: it is not what was written under this name; raised when the place is reached.
        WrongBackupKey: it was made with another key.
    """
    plain = io.BufferedReader(_Opener(source, key, name), _FRAME_BYTES)
    with pa.CompressedInputStream(pa.PythonFile(plain, mode="r"), "zstd") as stream:
        yield stream
