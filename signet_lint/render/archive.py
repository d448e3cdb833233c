"""A chart archive in memory, as Helm loads it."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Mapping


def pack(name: str, files: Mapping[str, bytes]) -> bytes:
    """A gzipped tar with every file below the folder `name`; the bytes depend on the content only.

    Helm takes the chart's name from `Chart.yaml`, and of the folder only that it is one step: `name` holds no `/`.
    """
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(files):
            entry = tarfile.TarInfo(f"{name}/{path}")
            entry.size = len(files[path])
            tar.addfile(entry, io.BytesIO(files[path]))
    # Stored, not compressed: it goes no further than the next process.
    return gzip.compress(out.getvalue(), compresslevel=0, mtime=0)
