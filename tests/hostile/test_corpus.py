"""Repositories made to crash, hang, fool or exhaust the linter: each is named, bounded, and the rest still judged.

Every case is the example repository with something hostile put into one of its charts. The exit code, where a finding
points and what is not examined are stated for each; none may end in a traceback, write anything, or read outside.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from signet_lint.cli import cli
from signet_lint.render import sdk
from tests.overlay import FIXTURE

WEB = "charts/web-frontend"
TEMPLATE = f"{WEB}/templates/x.yaml"
VALUES = f"{WEB}/values-common.yaml"
APP = "charts/signet-umbrella/templates/app-web-frontend.yaml"
APPSET = "charts/argocd-apps/templates/applicationset-umbrella.yaml"
CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  a: "%s"\n'
ALL = 110  # manifests of the example repository in all environments
WITHOUT_WEB = 98

Build = Callable[[Path], None]


def write(path: str, content: str | bytes) -> Build:
    """A file of the repository."""

    def build(root: Path) -> None:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)

    return build


def edit(path: str, old: str, new: str) -> Build:
    """A text of a file replaced, wherever it stands."""

    def build(root: Path) -> None:
        text = (root / path).read_text()
        assert old in text
        (root / path).write_text(text.replace(old, new))

    return build


def template(text: str | bytes) -> Build:
    """One more template in a chart that every environment deploys."""
    return write(TEMPLATE, text)


def link(path: str, target: str) -> Build:
    """A symbolic link."""
    return lambda root: os.symlink(target, root / path)


def names(*files: bytes) -> Build:
    """Templates with odd file names."""

    def build(root: Path) -> None:
        for number, name in enumerate(files):
            with open(os.path.join(os.fsencode(root / WEB / "templates"), name), "wb") as file:
                file.write((CONFIG_MAP % "x").replace("name: x", f"name: c{number}").encode())

    return build


def aliases() -> str:
    """Nine to the tenth values in a few hundred bytes."""
    lines = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    for before, name in zip("abcdefghij", "bcdefghijk", strict=True):
        lines.append(f"{name}: &{name} [{','.join(['*' + before] * 9)}]")
    return "\n".join(lines) + "\n"


# Exit code, "RULE path:line" of each finding, manifests that are still judged, and the words of what is not examined.
Case = tuple[Build, int, list[str], int, list[str]]
BOMBS: dict[str, Case] = {
    "endless output": (template("{{ range until 300000000 }}x{{ end }}"), 1, [f"SGL003 {TEMPLATE}:1"], WITHOUT_WEB, []),
    "endless loop": (
        template("{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}"),
        1,
        [f"SGL003 {TEMPLATE}:1"],
        WITHOUT_WEB,
        [],
    ),
    "repeat": (template('a: {{ repeat 2000000000 "x" }}'), 1, [f"SGL003 {TEMPLATE}:1"], WITHOUT_WEB, []),
    "include recursion": (
        template('{{ define "r" }}{{ include "r" . }}{{ end }}{{ include "r" . }}'),
        1,
        [f"SGL003 {TEMPLATE}:1"],
        WITHOUT_WEB,
        [],
    ),
    "tpl recursion": (
        template('{{ define "r" }}{{ tpl "{{ include \\"r\\" . }}" . }}{{ end }}{{ include "r" . }}'),
        1,
        [f"SGL003 {TEMPLATE}:1"],
        WITHOUT_WEB,
        [],
    ),
    "large output": (
        template('{{ range until 100000 }}a{{ . }}: {{ repeat 1000 "b" }}\n{{ end }}'),
        1,
        [f"SGL003 {TEMPLATE}:1"],
        WITHOUT_WEB,
        [],
    ),
    "bomb in a subchart": (
        lambda root: [
            write(f"{WEB}/charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 0.1.0\n")(root),
            write(f"{WEB}/charts/sub/templates/x.yaml", "{{ range until 300000000 }}x{{ end }}")(root),
        ][0],
        1,
        [f"SGL003 {WEB}/templates/configmap.yaml:1"],
        WITHOUT_WEB,
        [],
    ),
    "regular expression": (
        template(CONFIG_MAP % '{{ regexMatch "^(a+)+$" (repeat 100000 "a") }}'),
        0,
        [],
        ALL + 3,
        [],
    ),
    "many documents": (
        template("{{ range until 5000 }}---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c{{ . }}\n{{ end }}"),
        0,
        [],
        ALL + 15000,
        [],
    ),
}
YAML: dict[str, Case] = {
    "aliases": (write(VALUES, aliases()), 1, [f"SGL001 {VALUES}:7"], WITHOUT_WEB, []),
    "deep flow": (write(VALUES, "a: " + "[" * 10000 + "]" * 10000), 1, [f"SGL001 {VALUES}:1"], WITHOUT_WEB, []),
    "deep block": (
        write(VALUES, "".join(" " * depth + "a:\n" for depth in range(3000))),
        1,
        [f"SGL001 {VALUES}:501"],
        WITHOUT_WEB,
        [],
    ),
    "alias of itself": (write(VALUES, "a: &a [*a]\n"), 1, [f"SGL001 {VALUES}:1"], WITHOUT_WEB, []),
    "merge of itself": (write(VALUES, "a: &a\n  <<: *a\n"), 1, [f"SGL001 {VALUES}:1"], WITHOUT_WEB, []),
    "huge file": (
        write(VALUES, b"a: b\n" * 3_000_000),
        1,
        [f"SGL003 {APP}:19"],
        WITHOUT_WEB,
        ["files over 10 MiB are not read"],
    ),
    "not UTF-8": (
        template(b"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: \xff\xfe\n"),
        1,
        [f"SGL004 {TEMPLATE}:4"],
        ALL + 3,
        [],
    ),
    "values not UTF-8": (write(VALUES, b"a: 1\nb: \xff\n"), 1, [f"SGL001 {VALUES}:2"], WITHOUT_WEB, []),
    "NUL": (template(b"a: \x00\n"), 1, [f"SGL004 {TEMPLATE}:1"], ALL, []),
    "byte order mark": (template("\ufeff" + CONFIG_MAP % "x"), 0, [], ALL + 3, []),
    "CRLF": (template((CONFIG_MAP % "x").replace("\n", "\r\n")), 0, [], ALL + 3, []),
    "tab": (template("a:\n\tb: c\n"), 1, [f"SGL004 {TEMPLATE}:2"], ALL, []),
    "broken Chart.yaml": (
        write(f"{WEB}/Chart.yaml", "name: [\n"),
        1,
        [f"SGL001 {WEB}/Chart.yaml:2"],
        WITHOUT_WEB,
        [],
    ),
    "empty Chart.yaml": (write(f"{WEB}/Chart.yaml", ""), 1, [f"SGL003 {APP}:16"], WITHOUT_WEB, []),
    "broken archive": (
        write(f"{WEB}/charts/x.tgz", b"\x1f\x8b" + bytes(range(256)) * 20),
        1,
        [f"SGL003 {APP}:16"],
        WITHOUT_WEB,
        [],
    ),
}
CHARTS: dict[str, Case] = {
    "fail": (template('{{ fail "no" }}'), 1, [f"SGL003 {TEMPLATE}:1"], WITHOUT_WEB, []),
    "required": (template('a: {{ required "need" .Values.nope }}'), 1, [f"SGL003 {TEMPLATE}:1"], WITHOUT_WEB, []),
    "environment variables": (template(CONFIG_MAP % '{{ env "HOME" }}'), 1, [f"SGL003 {TEMPLATE}:6"], WITHOUT_WEB, []),
    "lookup is empty": (template(CONFIG_MAP % '{{ (lookup "v1" "Secret" "a" "b").data }}'), 0, [], ALL + 3, []),
    "name resolution is empty": (template(CONFIG_MAP % '{{ getHostByName "localhost" }}'), 0, [], ALL + 3, []),
    "files stay in the chart": (
        template(CONFIG_MAP % '{{ .Files.Get "../../../../../../etc/passwd" }}{{ .Files.Get "/etc/passwd" }}'),
        0,
        [],
        ALL + 3,
        [],
    ),
    "values schema": (
        write(f"{WEB}/values.schema.json", '{"type": "object", "required": ["nope"]}'),
        1,
        [f"SGL003 {APP}:16"],
        WITHOUT_WEB,
        [],
    ),
    "schema of another host": (
        write(f"{WEB}/values.schema.json", '{"$ref": "http://127.0.0.1:1/x.json"}'),
        0,
        [],
        ALL,
        ["refers to another file or host"],
    ),
    "schema outside": (
        write(f"{WEB}/values.schema.json", '{"$ref": "file:///etc/passwd"}'),
        0,
        [],
        ALL,
        ["refers to another file or host"],
    ),
    "dependency that is not there": (
        edit(
            f"{WEB}/Chart.yaml",
            "version: ",
            "dependencies: [{name: redis, version: 1.0.0, repository: https://example.org}]\nversion: ",
        ),
        0,
        [],
        ALL,
        ["dependency `redis`"],
    ),
}
FILES: dict[str, Case] = {
    "link out of the root": (link(f"{WEB}/templates/p.yaml", "/etc/passwd"), 0, [], ALL, ["leaves the root"]),
    "folder out of the root": (link("charts/etc", "/etc"), 0, [], ALL, ["leaves the root"]),
    "link in a circle": (link(f"{WEB}/loop", ".."), 0, [], ALL, ["a folder that contains it"]),
    "link to itself": (link(f"{WEB}/self", "self"), 0, [], ALL, ["a symbolic link to nothing"]),
    "pipe": (lambda root: os.mkfifo(root / f"{WEB}/templates/f.yaml"), 0, [], ALL, ["no regular file"]),
    "names": (
        names(b"a b.yaml", b"-rf.yaml", b"new\nline.yaml", "ü.yaml".encode(), b"'quote\".yaml", b"{{x}}[0]*?.yaml"),
        0,
        [],
        ALL + 3 * 6,
        [],
    ),
    "name that is no text": (names(b"\xff\xfe.yaml"), 0, [], ALL, ["its name is not UTF-8"]),
    "path out of the root": (
        edit(APP, "path: charts/web-frontend", "path: ../../../../../../etc"),
        1,
        [f"SGL103 {APP}:16", f"SGL102 {WEB}/Chart.yaml:1"],
        WITHOUT_WEB,
        [],
    ),
    "value file out of the root": (
        edit(APP, "- values-common.yaml", "- ../../../../../../etc/passwd"),
        1,
        [f"SGL003 {APP}:19"],
        WITHOUT_WEB,
        [],
    ),
    "file parameter out of the root": (
        edit(
            APP,
            "      valueFiles:",
            "      fileParameters: [{name: a, path: ../../../../../etc/passwd}]\n      valueFiles:",
        ),
        1,
        [f"SGL003 {APP}:18"],
        WITHOUT_WEB,
        [],
    ),
}
CASES = {
    f"{group}: {name}": case
    for group, cases in (("bomb", BOMBS), ("yaml", YAML), ("chart", CHARTS), ("file", FILES))
    for name, case in cases.items()
}


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less long for a template that never ends."""
    monkeypatch.setattr(sdk.SdkEngine.__init__, "__defaults__", (3.0, None))


@pytest.mark.parametrize("name", CASES)
def test_hostile_repository(name: str, tmp_path: Path, short_patience: None) -> None:
    """Right findings, right exit code, the rest judged, and what was not looked at told."""
    build, code, findings, manifests, not_examined = CASES[name]
    root = tmp_path / "repo"
    shutil.copytree(FIXTURE, root)
    build(root)
    before = snapshot(root)
    result = CliRunner().invoke(cli, ["check", str(root), "--format", "json"])
    report = json.loads(result.stdout)
    assert sorted(f"{f['rule']} {f['path']}:{f['line']}" for f in report["findings"]) == sorted(findings)
    assert result.exit_code == code
    assert report["coverage"]["resources"] == manifests
    told = [f"{left['what']}: {left['why']}" for left in report["coverage"]["not_examined"]]
    assert len(told) == len(not_examined)
    for words in not_examined:
        assert any(words in text for text in told)
    assert "Traceback" not in result.output
    assert "root:" not in result.output
    assert snapshot(root) == before


def snapshot(root: Path) -> dict[bytes, float]:
    """Every file with the time it was last written."""
    found = {}
    for folder, _, files in os.walk(os.fsencode(root)):
        for name in files:
            path = os.path.join(folder, name)
            found[path] = os.lstat(path).st_mtime
    return found


def test_applications_that_create_each_other(tmp_path: Path) -> None:
    """A cycle of Applications ends, and is told."""
    root = tmp_path / "repo"
    shutil.copytree(FIXTURE, root)
    (root / "charts/signet-umbrella/templates/app-again.yaml").write_text(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: again-{{ randAlphaNum 8 | lower }}\n"
        "spec:\n  project: default\n  source: {repoURL: {{ .Values.repoUrl }}, path: charts/signet-umbrella}\n"
        "  destination: {server: https://kubernetes.default.svc, namespace: x}\n"
    )
    result = CliRunner().invoke(cli, ["check", str(root), "--env", "prod", "--format", "json"])
    report = json.loads(result.stdout)
    assert result.exit_code == 1
    assert any("create each other without end" in left["why"] for left in report["coverage"]["not_examined"])


def test_nonsense_in_an_application_set(tmp_path: Path) -> None:
    """An ApplicationSet that no controller would take is a finding, and the analysis is not called complete."""
    root = tmp_path / "repo"
    shutil.copytree(FIXTURE, root)
    edit(APPSET, "elements:", "elements: 5\n        nonsense:")(root)
    result = CliRunner().invoke(cli, ["check", str(root), "--format", "json"])
    rules = {(f["rule"], f["path"]) for f in json.loads(result.stdout)["findings"]}
    assert result.exit_code == 3
    assert ("SGL005", APPSET) in rules


def test_values_of_every_wrong_type(tmp_path: Path) -> None:
    """Manifests whose fields have wrong types are found by the schema rules, and crash no rule."""
    root = tmp_path / "repo"
    shutil.copytree(FIXTURE, root)
    wrong = ["3", "'text'", "[1, a]", "{a: 1}", "null", "true", "[[]]", "[{name: 1, value: {}}]"]
    kinds = {
        "InferenceService": ("serving.kserve.io/v1beta1", ["predictor"]),
        "ServingRuntime": ("serving.kserve.io/v1alpha1", ["containers", "tolerations", "supportedModelFormats"]),
        "LLMInferenceService": ("serving.kserve.io/v1alpha1", ["model", "template", "parallelism", "worker"]),
        "Deployment": ("apps/v1", ["replicas", "template", "strategy", "selector"]),
        "Job": ("batch/v1", ["template"]),
        "HorizontalPodAutoscaler": ("autoscaling/v2", ["scaleTargetRef"]),
        "Route": ("route.openshift.io/v1", ["to", "tls", "host", "port"]),
        "MachineSet": ("machine.openshift.io/v1beta1", ["template", "replicas"]),
        "MachineAutoscaler": ("autoscaling.openshift.io/v1beta1", ["scaleTargetRef", "maxReplicas"]),
        "Subscription": ("operators.coreos.com/v1alpha1", ["name", "channel", "source"]),
        "OperatorGroup": ("operators.coreos.com/v1", ["targetNamespaces", "selector"]),
        "DataScienceCluster": ("datasciencecluster.opendatahub.io/v2", ["components"]),
        "ClusterPolicy": ("nvidia.com/v1", ["devicePlugin", "daemonsets", "mig"]),
        "VaultStaticSecret": ("secrets.hashicorp.com/v1beta1", ["destination"]),
        "NetworkPolicy": ("networking.k8s.io/v1", ["ingress"]),
    }
    documents, number = [], 0
    for kind, (version, fields) in kinds.items():
        for field in fields:
            for value in wrong:
                number += 1
                documents.append(
                    f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: x{number}}}\nspec: {{{field}: {value}}}\n"
                )
    for whole in ("spec", "data", "rules", "subjects", "roleRef", "stringData"):
        for kind, version in (
            ("InferenceService", "serving.kserve.io/v1beta1"),
            ("ConfigMap", "v1"),
            ("Secret", "v1"),
            ("ClusterRoleBinding", "rbac.authorization.k8s.io/v1"),
            ("ClusterRole", "rbac.authorization.k8s.io/v1"),
            ("Deployment", "apps/v1"),
            ("Application", "argoproj.io/v1alpha1"),
            ("ApplicationSet", "argoproj.io/v1alpha1"),
            ("Subscription", "operators.coreos.com/v1alpha1"),
            ("DataScienceCluster", "datasciencecluster.opendatahub.io/v2"),
        ):
            for value in wrong:
                number += 1
                documents.append(
                    f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: x{number}}}\n{whole}: {value}\n"
                )
    (root / TEMPLATE).write_text("---\n".join(documents))
    result = CliRunner().invoke(cli, ["check", str(root), "--env", "prod", "--format", "json"])
    assert result.exit_code in (1, 3)
    assert "crashed" not in result.stderr
    assert "a bug in signet-lint" not in result.stderr
    assert json.loads(result.stdout)["summary"]["errors"] > 100
