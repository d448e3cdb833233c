"""Nothing reaches the network, the cluster's configuration or the user's home, and nothing is written.

The interpreter's audit events are recorded in both processes, ours and that of the Helm engine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.overlay import FIXTURE

SECRET = "s3cr3t-of-the-environment-0451"  # noqa: S105 - made up
HOOK = r"""
import os, sys

def _watch(record):
    def hook(event, arguments):
        if event.startswith("socket.") and event not in ("socket.gethostname",):
            _note("network", event, repr(arguments))
            raise RuntimeError("the network is not ours")
        if event == "open" and isinstance(arguments[0], (str, bytes)):
            path, flags = os.fsdecode(arguments[0]), arguments[2]
            kind = "write" if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) else "read"
            _note(kind, path)
        if event in ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.symlink", "os.link", "os.chmod", "os.utime"):
            _note("change", event, str(arguments[0]))
        if event in ("os.listdir", "os.scandir"):
            _note("read", str(arguments[0]))
    def _note(*words):
        os.write(record, (str(words[0]) + " " + " ".join(words[1:]).replace("\n", " ") + "\n").encode())
    _note("process", str(os.getpid()))
    sys.addaudithook(hook)

_watch(os.open(RECORD, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600))
"""
DRIVER = """
import sys
sys.dont_write_bytecode = True
HOOK = {hook!r}
exec(HOOK)
from signet_lint import own_process
own_process.BOOTSTRAP = "import sys; sys.dont_write_bytecode = True\\n" + HOOK + own_process.BOOTSTRAP
from signet_lint.cli import cli
for command in {commands!r}:
    try:
        cli(command, standalone_mode=False)
    except SystemExit:
        pass
    print("==", command[0], flush=True)
"""
FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown")
APP = "charts/signet-umbrella/templates/app-web-frontend.yaml"


@pytest.fixture
def watched(tmp_path: Path) -> tuple[Path, Path, list[str], str]:
    """A repository that asks for everything, looked at by every command: its root, the home, the record, the output."""
    root, home = tmp_path / "repo", tmp_path / "home"
    shutil.copytree(FIXTURE, root)
    home.mkdir()
    for place in (".kube/config", ".config/helm/repositories.yaml", ".netrc", ".gitconfig", ".docker/config.json"):
        (home / place).parent.mkdir(parents=True, exist_ok=True)
        (home / place).write_text(f"token: {SECRET}\n", encoding="utf-8")
    app = (root / APP).read_text(encoding="utf-8")
    asked = "fileParameters: [{name: leak, path: $HOME/.netrc}]\n      parameters: [{name: leaked, value: $MY_TOKEN}]"
    (root / APP).write_text(app.replace("      valueFiles:", f"      {asked}\n      valueFiles:"), encoding="utf-8")
    for number, action in enumerate(
        ('env "MY_TOKEN"', 'getHostByName "example.org"', '(lookup "v1" "Secret" "a" "b")')
    ):
        name = ("web-frontend", "signet-llm", "signet-embeddings")[number]
        folder = root / "charts" / name / "templates"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "leak.yaml").write_text(f"# {{{{ {action} }}}}\n", encoding="utf-8")
    (root / "charts/web-frontend/values.schema.json").write_text('{"$ref": "http://127.0.0.1:1/x.json"}')
    commands = [["check", str(root), "--format", one] for one in FORMATS]
    commands += [["render", str(root)], ["graph", str(root)], ["capacity", str(root)], ["rules"], ["explain", "SGL003"]]
    record = tmp_path / "record"
    hook = HOOK.replace("RECORD", repr(str(record)))
    closed = "http://127.0.0.1:9"
    finished = subprocess.run(
        [sys.executable, "-c", DRIVER.format(hook=hook, commands=commands)],
        env={
            **os.environ,
            "HOME": str(home),
            "KUBECONFIG": str(home / ".kube/config"),
            "MY_TOKEN": SECRET,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "GITHUB_TOKEN": SECRET,
            **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"), closed),
            **{f"HELM_{one}_HOME": str(home / "helm") for one in ("CACHE", "CONFIG", "DATA")},
            "HELM_KUBECONTEXT": SECRET,
            "HELM_NAMESPACE": SECRET,
            "HELM_PLUGINS": str(home / "plugins"),
        },
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    output = (finished.stdout + finished.stderr).decode()
    assert finished.returncode == 0, output
    assert [line for line in output.splitlines() if line.startswith("== ")] == [f"== {one[0]}" for one in commands]
    return root, home, record.read_text(encoding="utf-8").splitlines(), output


def _snapshot(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_nothing_leaves(watched: tuple[Path, Path, list[str], str], tmp_path: Path) -> None:
    """No socket, no file of the home, no write, no value of the environment."""
    root, home, record, output = watched
    assert any(line.startswith(f"read {root}") for line in record)  # the record does record
    assert len({line for line in record if line.startswith("process")}) > 1  # of the Helm engine too
    assert [line for line in record if line.startswith("network")] == []
    assert [line for line in record if str(home) in line] == []
    written = [line for line in record if line.startswith(("write", "change"))]
    assert [line for line in written if line.removeprefix("write ") != os.devnull] == []
    assert SECRET not in output
    assert sorted(_snapshot(home)) == sorted(
        (".kube/config", ".config/helm/repositories.yaml", ".netrc", ".gitconfig", ".docker/config.json")
    )
    assert not (tmp_path / "home" / "helm").exists()
