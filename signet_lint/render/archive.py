"""A chart archive in memory, as Helm loads it."""

from __future__ import annotations

import gzip
import tarfile
from collections.abc import Mapping


def pack(name: str, files: Mapping[str, bytes]) -> bytes:
    """A gzipped tar with every file below the folder `name`; the bytes depend on the content only.

    Helm takes the chart's name from `Chart.yaml`, and of the folder only that it is one step: `name` holds no `/`.
    """
    blocks: list[bytes] = []
    for path in sorted(files):
        entry = tarfile.TarInfo(f"{name}/{path}")
        entry.size = len(files[path])
        blocks += (entry.tobuf(tarfile.GNU_FORMAT), files[path], bytes(-entry.size % tarfile.BLOCKSIZE))
    blocks.append(bytes(2 * tarfile.BLOCKSIZE))
    # Stored, not compressed: it goes no further than the next process.
    return gzip.compress(b"".join(blocks), compresslevel=0, mtime=0)
