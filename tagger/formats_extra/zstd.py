"""Reader and writer of zstd streams, by means of the library zstandard (extra ``zstd``).

``ZstdDecompressor.stream_reader`` ends silently where a file is cut off, so frames are decompressed one by one here.
"""

from __future__ import annotations

import io
from typing import IO, Any, Final

from tagger.errors import MissingExtraError

try:
    import zstandard
except ModuleNotFoundError:
    raise MissingExtraError("zstandard", "A zstd file") from None

_PIECE: Final = 2**10
"""Bytes decompressed at once: a kilobyte of zstd can expand to some 30 MB."""
_BUFFER: Final = 2**17
_LEVEL: Final = 3


def unpacked(stream: IO[bytes]) -> io.BufferedReader:
    """Return a stream of the decompressed content of a zstd stream, of all frames; the latter stays open.

    Reading it raises EOFError if the stream is cut off, and OSError if it is damaged.
    """
    return io.BufferedReader(_Unpacked(stream), _BUFFER)


def packing(stream: IO[bytes]) -> Any:
    """Return a stream that compresses to one frame, ended by its ``close``; the target stays open."""
    return zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).stream_writer(stream, closefd=False)


class _Unpacked(io.RawIOBase):
    """The decompressed frames of a zstd stream.

    Args:
        stream: the compressed stream.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._is_within = False
        self._packed = b""
        self._held = memoryview(b"")

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer and return the number of bytes; 0 at the end."""
        while not self._held:
            self._packed = self._packed or self._stream.read(_PIECE)
            if not self._packed:
                if self._is_within:
                    raise EOFError("the zstd file is cut off. Fetch it again.")
                return 0
            self._held = memoryview(self._next())
        length = min(len(buffer), len(self._held))
        buffer[:length] = self._held[:length]
        self._held = self._held[length:]
        return length

    def _next(self) -> bytes:
        """Decompress the buffered bytes, up to the end of a frame."""
        if not self._is_within:
            self._frame = zstandard.ZstdDecompressor().decompressobj()
            self._is_within = True
        try:
            data: bytes = self._frame.decompress(self._packed)
        except zstandard.ZstdError as error:
            raise OSError(f"the zstd file is damaged: {error}. Fetch it again.") from None
        self._packed = b""
        if self._frame.eof:
            self._packed = self._frame.unused_data
            self._is_within = False
        return data
