"""Payment files on disk: written under another name, made durable, and only then given their own."""

import hashlib
import os
import tempfile
from pathlib import Path
from types import TracebackType

# Bit by bit: the end of a large file is then as quick as that of a small one, and the transaction that waits for it is
# not taken for one whose worker fell asleep.
_SYNC_BYTES = 16 << 20
_IN_MEMORY = 1_000_000


class PendingFile:
    """A file that is being written beside its final name; a context manager that removes what was not published.

    Readable by its owner alone (mkstemp): it holds account numbers and names. After a kill a `.….pending` may stay
    behind; it was never a payment file and may be thrown away.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".pending", dir=path.parent)
        self._pending = Path(name)
        self._file = os.fdopen(handle, "wb")
        self._hash = hashlib.sha256()
        self._unsynced = 0

    def __enter__(self) -> "PendingFile":
        return self

    def write(self, data: bytes) -> None:
        """Append `data`."""
        self._hash.update(data)
        self._file.write(data)
        self._unsynced += len(data)
        if self._unsynced >= _SYNC_BYTES:
            self._to_disk()

    @property
    def sha256(self) -> bytes:
        """The hash of everything written until now."""
        return self._hash.digest()

    def make_durable(self) -> None:
        """Bring every byte to the disk; after this nothing but the name can go wrong."""
        self._to_disk()
        self._file.close()

    def _to_disk(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._unsynced = 0

    def publish(self) -> None:
        """Give the file its own name, in one step and durably."""
        self._pending.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._pending.unlink(missing_ok=True)


class SpooledFile:
    """A payment file on its way to a reader: in memory while it is small, else in a file without a name."""

    def __init__(self) -> None:
        # closed by whoever sends it
        self.file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        self._hash = hashlib.sha256()

    def write(self, data: bytes) -> None:
        """Append `data`."""
        self._hash.update(data)
        self.file.write(data)

    @property
    def sha256(self) -> bytes:
        """The hash of everything written until now."""
        return self._hash.digest()


def path_of(directory: Path, message_id: str) -> Path:
    """Where the file with this message id lies."""
    return directory / f"{message_id}.xml"


def is_there(path: Path) -> bool:
    """Whether a file has its own name already."""
    return path.is_file()
