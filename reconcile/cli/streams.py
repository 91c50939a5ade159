"""Standard output and standard error that outlive their readers."""

import io
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class _Patient(io.FileIO):
    """Writes to a descriptor; what nobody reads any more is dropped."""

    def write(self, data: "ReadableBuffer", /) -> int:
        """Write; a reader that is gone (`| head -1`) took everything that it wanted."""
        try:
            return super().write(data) or 0
        except BrokenPipeError:
            return memoryview(data).nbytes


def keep_streams_open() -> None:
    """Let a closed pipe end no run and change no exit code, and a title that cannot be shown neither."""
    sys.stdout, sys.stderr = _patient(sys.stdout), _patient(sys.stderr)


def _patient(stream: TextIO) -> TextIO:
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    try:
        raw = _Patient(stream.fileno(), "w", closefd=False)
    except (OSError, ValueError):
        return stream
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=stream.encoding,
        # A title that the terminal cannot show must not end a run.
        errors="backslashreplace",
        line_buffering=raw.isatty() or stream.line_buffering,
    )
