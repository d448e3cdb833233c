"""The configuration file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

import jsonschema
import pytest
from msgspec import structs

from signet_lint.config import ArgoCD, Config, Existing, Gpu, Ignore, InstanceTypeEntry, ModelEntry, OperatorEntry
from signet_lint.errors import UsageError
from signet_lint.schema.sources import schema_folder
from signet_lint.settings import load
from signet_lint.source.location import Location

SCHEMA = json.loads((schema_folder() / "config.json").read_text(encoding="utf-8"))

FULL = """
profile: universal
entry: charts/apps
set-values: {global.domain: example.org}
envs: [local, prod]
local-envs: []
inference-envs: [prod]
repo-urls: [https://example.org/a.git]
argocd: {namespace: argo, service-account: controller, installation: plain}
kubernetes-version: "1.33"
api-versions: [route.openshift.io/v1]
required: [openshift-ai]
max-model-len: 4096
max-model-len-of: {signet-llm: 2048}
gpu:
  taints: [{key: nvidia.com/gpu, value: "true", effect: NoSchedule}]
  labels: [nvidia.com/gpu.present=true]
  count: 0
exists: {runtimes: [r], secrets: [ns/s], services: [], namespaces: [models], roles: [admin]}
severity: {}
ignore:
  - rules: [SGL801, yaml-syntax]
    paths: [charts/old/, "**/values-local.yaml"]
    envs: [local]
    reason: a test cluster
    until: "2030-01-31"
baseline: .signet-lint-baseline.json
"""

EXPECTED = Config(
    profile="universal",
    entry="charts/apps",
    set_values={"global.domain": "example.org"},
    envs=("local", "prod"),
    local_envs=(),
    inference_envs=("prod",),
    repo_urls=("https://example.org/a.git",),
    argocd=ArgoCD("argo", "controller", "plain"),
    kubernetes_version="1.33",
    api_versions=("route.openshift.io/v1",),
    required=("openshift-ai",),
    max_model_len=4096,
    max_model_len_of={"signet-llm": 2048},
    gpu=Gpu(({"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"},), ("nvidia.com/gpu.present=true",), 0),
    exists=Existing(("r",), ("ns/s",), (), ("models",), ("admin",)),
    ignore=(
        Ignore(
            rules=("SGL801", "SGL001"),
            paths=("charts/old/", "**/values-local.yaml"),
            envs=("local",),
            reason="a test cluster",
            until=date(2030, 1, 31),
            at=Location(".signet-lint.yaml", 22),
        ),
    ),
    baseline=".signet-lint-baseline.json",
)


def complaints(root, **arguments):
    """The lines of the error that loading raises."""
    with pytest.raises(UsageError) as caught:
        load(root, **arguments)
    return str(caught.value).splitlines()


def test_no_file_gives_the_defaults(tmp_path):
    """Nothing has to be configured."""
    assert load(tmp_path) == Config()


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n"], ids=["empty", "comment", "marker"])
def test_an_empty_file_gives_the_defaults(tmp_path, text):
    """A file may say nothing."""
    (tmp_path / ".signet-lint.yaml").write_text(text)
    assert load(tmp_path) == Config()


def test_every_setting(tmp_path):
    """Every key of the file ends up in its field."""
    (tmp_path / ".signet-lint.yaml").write_text(FULL)
    assert load(tmp_path) == EXPECTED


def test_pyproject(tmp_path):
    """The same settings from the table of pyproject.toml."""
    (tmp_path / "pyproject.toml").write_text(
        '[tool.other]\nx = 1\n[tool.signet-lint]\nmax-model-len = 16\n[tool.signet-lint.argocd]\nnamespace = "argo"\n'
    )
    assert load(tmp_path) == Config(max_model_len=16, argocd=ArgoCD(namespace="argo"))


@pytest.mark.parametrize("text", ["[tool.other]\nx = 1\n", "not [ toml", '[project]\nname = "signet-lint-user"\n'])
def test_a_pyproject_of_others_is_no_configuration(tmp_path, text):
    """A file that has no table for this tool changes nothing, and its faults are not ours."""
    (tmp_path / "pyproject.toml").write_text(text)
    assert load(tmp_path) == Config()


def test_an_explicit_file_replaces_the_one_in_the_repository(tmp_path):
    """--config wins over what the repository has."""
    (tmp_path / ".signet-lint.yaml").write_text("max-model-len: 1\n")
    other = tmp_path / "other.yaml"
    other.write_text("max-model-len: 2\n")
    assert load(tmp_path, other).max_model_len == 2


def test_everything_wrong_is_told_at_once(tmp_path):
    """Unknown keys come with the nearest known one, types with the path of the key."""
    (tmp_path / ".signet-lint.yaml").write_text(
        "max_model_len: 1\n"
        "profile: universl\n"
        "envs: prod\n"
        "max-model-len-of: {llm: many}\n"
        "kubernetes-version: 1.33\n"
        "argocd: {names: x, namespace: [a]}\n"
        "gpu: {count: -1, taints: [{effect: Never, ky: a}, 3]}\n"
        "exists: {secrets: [a, 1]}\n"
        "severity: {yaml-syntx: error, SGL001: fatal}\n"
    )
    assert complaints(tmp_path) == [
        f".signet-lint.yaml:{line}"
        for line in (
            "1: unknown key `max_model_len`; did you mean `max-model-len` or `max-model-len-of`?",
            "2: `profile` must be one of signet, universal, not `universl`; did you mean `universal`?",
            "3: `envs` must be a list, not `prod`",
            "4: `max-model-len-of.llm` must be a whole number of at least 1, not `many`",
            "5: `kubernetes-version` must be a string, not `1.33`",
            "6: unknown key `names` in `argocd`; did you mean `namespace`?",
            "6: `argocd.namespace` must be a string, not a list",
            "7: `gpu.count` must be a whole number of at least 0, not `-1`",
            "7: `gpu.taints[1]` must be a mapping, not `3`",
            "8: `exists.secrets[1]` must be a string, not `1`",
            "9: `severity.SGL001` must be one of error, warning, note, off, not `fatal`",
            "9: `severity` names no rule `yaml-syntx`; did you mean `yaml-syntax`?",
        )
    ]


def test_taints_are_checked(tmp_path):
    """A taint has a key, a value and one of three effects."""
    (tmp_path / ".signet-lint.yaml").write_text("gpu: {taints: [{ky: a, effect: noschedule}]}\n")
    assert complaints(tmp_path) == [
        ".signet-lint.yaml:1: unknown key `ky` in `gpu.taints[0]`; did you mean `key`?",
        ".signet-lint.yaml:1: `gpu.taints[0].effect` must be one of NoSchedule, PreferNoSchedule, NoExecute, "
        "not `noschedule`; did you mean `NoSchedule` or `PreferNoSchedule`?",
    ]


def test_severities_are_kept_by_id(tmp_path):
    """A rule may be named; the configuration holds its id."""
    (tmp_path / ".signet-lint.yaml").write_text("severity: {yaml-syntax: warning, sgl002: 'off'}\n")
    assert load(tmp_path).severity == {"SGL001": "warning", "SGL002": "off"}


IGNORE = "ignore: [{rules: [SGL801], paths: [charts/], reason: 'because'%s}]\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ignore:\n  - rules: [SGL801]\n    paths: [a]\n", "2: `ignore[0]` must have a `reason`"),
        ("ignore: [{rules: [SGL801], paths: [a], reason: ' - '}]\n", "1: `ignore[0]` must have a `reason`"),
        (
            "ignore: [{paths: [a], reason: b}]\n",
            "1: `ignore[0]` must have `rules`, the ids or names of what is ignored",
        ),
        (
            "ignore: [{rules: [SGL801], reason: b}]\n",
            "1: `ignore[0]` must have `paths` or `envs`; to switch a rule off everywhere, use `severity`",
        ),
        (
            "ignore:\n- paths: [a]\n  reason: b\n  rules:\n  - loadtest-runing\n",
            "5: `ignore[0].rules[0]` names no rule `loadtest-runing`; did you mean `loadtest-running` or "
            "`loadtest-env-missing` or `loadtest-url`?",
        ),
        (IGNORE % ", until: soon", "1: `ignore[0].until` must be a date such as 2030-12-31, not `soon`"),
        (IGNORE % ", until: 2030-02-30", "1: `ignore[0].until` must be a date such as 2030-12-31, not `2030-02-30`"),
        (IGNORE % ", path: a", "1: unknown key `path` in `ignore[0]`; did you mean `paths`?"),
        ("ignore: {rules: [SGL801]}\n", "1: `ignore` must be a list, not a mapping"),
        ("baseline: [a]\n", "1: `baseline` must be a string, not a list"),
    ],
)
def test_an_ignore_says_what_where_and_why(tmp_path, text, message):
    """An entry that says too little is an error of configuration, at its line."""
    (tmp_path / ".signet-lint.yaml").write_text(text)
    assert complaints(tmp_path) == [f".signet-lint.yaml:{message}"]


def test_ignores_of_a_pyproject_have_lines(tmp_path):
    """Findings point at an entry, whichever file it stands in."""
    (tmp_path / "pyproject.toml").write_text(
        "[tool.signet-lint]\nmax-model-len = 16\n\n"
        '[[tool.signet-lint.ignore]]\nrules = ["SGL801"]\npaths = ["a"]\nreason = "b"\nuntil = 2030-01-31\n\n'
        '[[tool."signet-lint".ignore]]\nrules = ["SGL802"]\nenvs = ["a"]\nreason = "b"\n'
    )
    ignores = load(tmp_path).ignore
    assert [(one.at.path, one.at.line, one.until) for one in ignores] == [
        ("pyproject.toml", 4, date(2030, 1, 31)),
        ("pyproject.toml", 10, None),
    ]


def test_off_needs_no_quotes(tmp_path):
    """YAML reads a bare `off` as false; it is meant as it is written."""
    (tmp_path / ".signet-lint.yaml").write_text("severity: {SGL002: off}\n")
    assert load(tmp_path).severity == {"SGL002": "off"}


def test_both_files(tmp_path):
    """Two configurations are none."""
    (tmp_path / ".signet-lint.yaml").write_text("max-model-len: 1\n")
    (tmp_path / "pyproject.toml").write_text("[tool.signet-lint]\n")
    with pytest.raises(UsageError, match="both") as caught:
        load(tmp_path)
    assert "remove" in caught.value.hint


def test_links_out_of_the_repository_are_not_read(tmp_path):
    """A repository must not make the tool read files elsewhere."""
    secret = tmp_path / "secret.yaml"
    secret.write_text("password: x\n")
    root = tmp_path / "root"
    root.mkdir()
    (root / ".signet-lint.yaml").symlink_to(secret)
    assert complaints(root) == ["`.signet-lint.yaml` is a link to a file outside the repository; it is not read"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (".signet-lint.yaml", b"a: [", ".signet-lint.yaml:"),
        (".signet-lint.yaml", b"\xff\xfe", "not UTF-8"),
        (".signet-lint.yaml", b"- a\n", "must be a mapping of settings, not a list"),
        (".signet-lint.yaml", b"{}\n---\n{}\n", "more than one YAML document"),
        (".signet-lint.yaml", b"[" * 5000, "nested"),
        (".signet-lint.yaml", b"# " + b"x" * 1024 * 1024, "over 1024 KiB"),
        (".signet-lint.yml", b"", "`.signet-lint.yml` is not read"),
        ("pyproject.toml", b"[tool.signet-lint\n", "pyproject.toml: not TOML"),
        ("pyproject.toml", b"[tool]\nsignet-lint = 3\n", "must be a mapping of settings, not `3`"),
    ],
)
def test_unreadable_files(tmp_path, name, content, message):
    """A file that cannot be used is an error of usage, never a traceback."""
    (tmp_path / name).write_bytes(content)
    assert message in "\n".join(complaints(tmp_path))


@pytest.mark.parametrize(
    ("name", "message"), [("absent.yaml", "no configuration file"), ("plain.toml", "has no [tool.signet-lint]")]
)
def test_explicit_files_that_do_not_serve(tmp_path, name, message):
    """A file named on the command line must be there and be meant for this tool."""
    (tmp_path / "plain.toml").write_text("a = 1\n")
    assert message in complaints(tmp_path, explicit=tmp_path / name)[0]


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (Config, ()),
        (ArgoCD, ("argocd",)),
        (Gpu, ("gpu",)),
        (Existing, ("exists",)),
        (ModelEntry, ("models",)),
        (InstanceTypeEntry, ("instance-types",)),
        (OperatorEntry, ("operators",)),
        (Ignore, ("ignore",)),
    ],
    ids=str,
)
def test_the_schema_has_every_key(kind, path):
    """The schema and the types know the same keys, with the same defaults."""
    schema: Mapping = SCHEMA
    for step in path:
        schema = schema["properties"][step]
        schema = schema.get("items", schema)
    fields = [field for field in structs.fields(kind) if field.type is not Location]
    keys = {field.name.replace("_", "-"): field for field in fields}
    assert set(schema["properties"]) == set(keys)
    for key, described in schema["properties"].items():
        assert described["description"]
        if "default" in described:
            default = described["default"]
            assert keys[key].default == (tuple(default) if isinstance(default, list) else default)


def test_the_schema_accepts_what_loads():
    """A file that uses every key is valid."""
    import yaml

    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(yaml.safe_load(FULL))


@pytest.mark.parametrize("content", [{"max_model_len": 1}, {"envs": "prod"}, {"severity": {"SGL001": "fatal"}}])
def test_the_schema_refuses_what_does_not_load(content):
    """An editor marks the same faults."""
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(content)
