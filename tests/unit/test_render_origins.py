"""`render --origins`: the same manifests, and behind each field the lines that its value went through."""

from __future__ import annotations

import io
import re
import shutil
import tarfile
from functools import cache

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from signet_lint.argocd.deploy import Deployer, PlainFile
from signet_lint.argocd.ownership import Ownership
from signet_lint.argocd.simulate import Simulator
from signet_lint.cli import cli
from signet_lint.config import Config
from signet_lint.discover.repository import Repository
from signet_lint.finding import Hop, Origin
from signet_lint.render.engine import ChartFiles, RenderRequest
from signet_lint.render.opening import cluster_of, open_engine
from signet_lint.render.remembered import RememberedVariants
from signet_lint.render.values import leaves
from signet_lint.report.field_origins import FieldOrigins
from signet_lint.report.manifests import annotated_yaml, manifest_yaml
from signet_lint.simulated import simulated
from signet_lint.source.location import Location
from signet_lint.source.tree import MemoryTree
from tests.overlay import FIXTURE, fixture_files, line_of

APPS = "charts/argocd-apps"
APPSET = f"{APPS}/templates/applicationset-umbrella.yaml"
UMBRELLA = "charts/signet-umbrella"
LLM = "charts/signet-llm"
SERVICE = f"{LLM}/templates/inferenceservice.yaml"
LOADTEST = "charts/signet-loadtest"

PROD = dict(enumerate(fixture_files()[f"{APPS}/values.yaml"].decode().splitlines(), 1))


def in_prod(text):
    """The line of prod in the entry's values that is this text."""
    start = next(number for number, line in PROD.items() if line.strip() == "- name: prod")
    return f"{APPS}/values.yaml:{next(n for n, line in PROD.items() if n > start and line.strip() == text)}"


def road(*places):
    """Places as a comment writes them, each "path:line" or "path:text of its only line"."""
    return " -> ".join(line_of(fixture_files(), place) for place in places)


@cache
def render(*arguments, root=str(FIXTURE)):
    """What `render` prints; it must end well."""
    result = CliRunner().invoke(cli, ["render", root, *arguments])
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


@cache
def comments(app, kind):
    """The comment on each field line of an Application's one manifest of a kind in prod, by the line's text."""
    lines = render("--env", "prod", "--app", app, "--kind", kind, "--origins").splitlines()
    assert lines.count("---") == 1
    pairs = [line.strip().split("  # ") for line in lines if "  # " in line]
    return {text.strip(): comment for text, comment in pairs}


FIELDS = [
    # A value in the chart's file, by the template's line.
    (
        LLM,
        "InferenceService",
        "- --max-model-len=8192",
        (f"{LLM}/values-common.yaml:maxModelLen: 8192", f"{SERVICE}:--max-model-len"),
    ),
    # What the template writes out.
    (LLM, "InferenceService", "kind: InferenceService", (f"{SERVICE}:kind: InferenceService",)),
    # A mapping that the template gives as a whole.
    (
        LLM,
        "InferenceService",
        "example.org/gpu-pool: l40s",
        (f"{LLM}/values-common.yaml:example.org/gpu-pool: l40s", f"{SERVICE}:42"),
    ),
    # The namespace of the release, from the environment.
    (
        LLM,
        "InferenceService",
        "namespace: signet-prod",
        (
            in_prod("appNamespace: signet-prod"),
            f"{APPSET}:  appNamespace: ",
            f"{APPSET}:53",
            f"{UMBRELLA}/templates/app-signet-llm.yaml:    namespace: ",
            f"{SERVICE}:  namespace: ",
        ),
    ),
    # A part of a text, passed as a parameter.
    (
        "charts/web-frontend",
        "Route",
        "host: signet.apps.prod.example.org",
        (
            in_prod("baseDomain: apps.prod.example.org"),
            f"{APPSET}:19",
            f"{APPSET}:55",
            f"{UMBRELLA}/templates/app-web-frontend.yaml:value: {{{{ .Values.baseDomain",
            "charts/web-frontend/templates/route.yaml:  host: ",
        ),
    ),
    # A helper's line, and the name that the Application gives its release.
    (
        "charts/web-frontend",
        "Route",
        "app.kubernetes.io/instance: web-frontend-prod",
        (
            f"{APPSET}:16",
            f"{APPSET}:51",
            f"{UMBRELLA}/templates/app-web-frontend.yaml:5",
            "charts/web-frontend/templates/_helpers.tpl:7",
        ),
    ),
]


@pytest.mark.parametrize(("chart", "kind", "field", "places"), FIELDS, ids=[field[2] for field in FIELDS])
def test_the_road_of_a_field(chart, kind, field, places):
    """The line to edit first, the line that writes the field last."""
    found = comments(f"{chart.removeprefix('charts/')}-prod", kind)
    assert found[field] == road(*places)


def test_the_road_of_a_manifest():
    """Its Application's flag from the environment on, with what each place is."""
    header = render(
        "--env", "prod", "--app", "signet-llm-prod", "--kind", "InferenceService", "--origins"
    ).splitlines()[2]
    application = line_of(fixture_files(), f"{UMBRELLA}/templates/app-signet-llm.yaml:kind: Application")
    assert header.startswith(
        f"# deployed by: {in_prod('signetLLMEnabled: true')} (value `envs[2].signetLLMEnabled`) -> "
    )
    assert header.endswith(f" -> {application} (Application `signet-llm-prod`)")


def test_a_block_of_text_has_its_comment_before_it():
    """In the block it would be part of the text."""
    lines = render("--env", "prod", "--app", "signet-loadtest-prod", "--kind", "ConfigMap", "--origins").splitlines()
    (first,) = [line for line in lines if line.strip().startswith("loadtest.js: ")]
    assert first.strip().startswith("loadtest.js: |  ")
    assert f"# {LOADTEST}/" in first
    assert not any("  # charts/" in line for line in lines[lines.index(first) + 1 :])


def test_every_field_of_every_environment_is_traced_and_loads_to_the_same():
    """With comments and without, the manifests are equal; each leaf has its comment, with lines that are there."""
    plain, annotated = render(), render("--origins")
    assert list(yaml.safe_load_all(annotated)) == list(yaml.safe_load_all(plain))
    files = {path: text.decode().count("\n") + 1 for path, text in fixture_files().items()}
    places = [
        place
        for line in annotated.splitlines()
        if "  # charts/" in line
        for place in line.split("  # ")[1].split(" -> ")
    ]
    assert len(places) > 1000
    for place in set(places):
        path, _, line = place.rpartition(":")
        assert 0 < int(line) <= files[path], place


@pytest.fixture
def repository(tmp_path):
    """A copy of the fixture."""
    shutil.copytree(FIXTURE, tmp_path / "repo")
    return tmp_path / "repo"


def test_secrets_stay_hidden(repository):
    """Neither the content of a Secret nor a token is printed, and the line it is from is."""
    secret = f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\nstringData:\n  a: {'z' * 12}\n"
    (repository / LLM / "templates" / "secret.yaml").write_text(secret)
    printed = render("--env", "prod", "--kind", "Secret", "--origins", root=str(repository))
    assert "z" * 12 not in printed
    assert f"# {LLM}/templates/secret.yaml:6" in printed


def test_a_null_comes_from_the_line_that_writes_it(repository):
    """No value gives it."""
    (repository / LLM / "templates" / "more.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n  labels:\n    a: {{ .Values.absent }}\ndata: {}\n"
    )
    lines = render(
        "--env", "prod", "--app", "signet-llm-prod", "--kind", "ConfigMap", "--origins", root=str(repository)
    ).splitlines()
    assert [line.split() for line in lines if " a: null " in line] == [
        ["a:", "null", "#", f"{LLM}/templates/more.yaml:6"]
    ]
    assert [line.split() for line in lines if line.startswith("data: {} ")] == [
        ["data:", "{}", "#", f"{LLM}/templates/more.yaml:7"]
    ]


def test_what_has_no_line_is_said(repository):
    """A subchart in an archive has no line to edit: the comment names the chart, standard error counts."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for name, text in (
            ("sub/Chart.yaml", b"apiVersion: v2\nname: sub\nversion: 1.0.0\n"),
            ("sub/templates/c.yaml", b"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: packed\n"),
        ):
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text))
    (repository / LLM / "charts").mkdir()
    (repository / LLM / "charts" / "sub-1.0.0.tgz").write_bytes(archive.getvalue())
    result = CliRunner().invoke(
        cli,
        ["render", str(repository), "--env", "prod", "--app", "signet-llm-prod", "--kind", "ConfigMap", "--origins"],
    )
    said = [line.split("  # ")[1] for line in result.stdout.splitlines() if "  # " in line]
    assert said == [f"{LLM}/Chart.yaml (its chart; file and line not known)"] * 3
    assert result.stderr == "not traced to a line: 3 of 3 fields; their comments say what is known\n"


class Stub:
    """Origins that are as given, and the thread that asks for them."""

    def __init__(self, source, emitted):
        self.field = lambda resource, path: (source, emitted)

    def submit(self, function, *arguments):
        self.given = function(*arguments)
        return self

    def result(self):
        return self.given


def test_a_template_without_a_line():
    """The value is known to the line, the template is not: each is said as it is."""
    at, template = Location("values.yaml", 3), Location("templates/a.yaml")
    stub = Stub(Origin(at, "exact", (Hop(at, "value"), Hop(template, "renders"))), Origin(template, "template"))
    origins = FieldOrigins(stub, stub)
    assert origins.field(PlainFile("a"), ("x",)) == "values.yaml:3 -> templates/a.yaml (line not known)"
    assert (origins.seen, origins.untraced) == (1, 1)


VALUE = re.compile(r"(?P<key>^\s*(?:- )?[\w./-]+: )(?P<quote>[\"']?)(?P<value>[^\"'#]*[^\"'#\s])(?P=quote)\s*$")


def chosen(envs):
    """The fields of two Applications by manifest and path: the manifest, and the value."""
    mine = [r for r in envs[0].resources if r.application in ("signet-llm-prod", "web-frontend-prod")]
    return {(r.ref.template, r.ref.index, path): (r, value) for r in mine for path, value in leaves(r.body)}


@pytest.fixture
def engine():
    """The engine of the project."""
    opened = open_engine(Config())
    yield opened
    opened.close()


def test_an_edit_of_the_line_named_changes_the_field(engine):
    """Of every field that comes from a values file; the values are changed one line at a time."""
    with simulated(FIXTURE, Config(), ["prod"]) as found:
        before, origins = chosen(found.state.envs), found.origins.for_every_field()
        traced = found.aside.submit(
            lambda: {key: origins.field(r, key[2])[0] for key, (r, _) in before.items()}
        ).result()
    by_line = {}
    for key, origin in traced.items():
        at = origin.location
        if "/values" in at.path and (match := VALUE.match(line(at))):
            by_line.setdefault((at.path, at.line, match), []).append(key)
    assert len(by_line) > 15
    for (path, number, match), keys in by_line.items():
        text = match["value"]
        other = {"true": "false", "false": "true"}.get(text, str(int(text) + 1) if text.isdigit() else f"{text}1")
        lines = fixture_files()[path].decode().splitlines()
        lines[number - 1] = f"{match['key']}{match['quote']}{other}{match['quote']}"
        repository = Repository(MemoryTree({**fixture_files(), path: "\n".join(lines).encode() + b"\n"}))
        deployer = Deployer(repository, engine, Config(), Ownership.of(FIXTURE, ()), cluster_of(Config()))
        after = chosen(Simulator(deployer).run(["prod"]).envs)
        for key in keys:
            assert key in after, f"{path}:{number} takes {key} away"
            assert after[key][1] != before[key][1], f"{path}:{number} does not change {key}"


def line(at):
    """The line of the fixture at a location."""
    return fixture_files()[at.path].decode().splitlines()[at.line - 1]


class Counting:
    """An engine that answers with what it is asked, and counts that."""

    def __init__(self):
        self.asked = []

    def render_variants(self, request, template, changes):
        self.asked += [(template, path, value) for path, value in changes]
        return [f"{template} {path} {value!r}" for path, value in changes]


def test_no_variant_is_rendered_twice():
    """Answers come in order, from memory where there is one; true is not 1, and another request is another."""
    engine = Counting()
    remembered = RememberedVariants(engine)
    requests = [RenderRequest(ChartFiles("c", "c", {}), {}, "r", "n") for _ in range(2)]
    first = remembered.render_variants(requests[0], "t", [(("a",), True), (("b",), 2)])
    again = remembered.render_variants(requests[0], "t", [(("b",), 2), (("a",), 1), (("a",), True), (("a",), 1)])
    assert again == [first[1], "t ('a',) 1", first[0], "t ('a',) 1"]
    assert engine.asked == [("t", ("a",), True), ("t", ("b",), 2), ("t", ("a",), 1)]
    remembered.render_variants(requests[1], "t", [(("b",), 2)])
    remembered.render_variants(requests[0], "u", [(("b",), 2)])
    assert len(engine.asked) == 5


def test_unknown_names_are_refused():
    """As without origins."""
    result = CliRunner().invoke(cli, ["render", str(FIXTURE), "--env", "prood", "--origins"])
    assert (result.exit_code, result.stdout) == (2, "")


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\t #:'\"\x85\u2028"), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)


@settings(deadline=None)  # the machine may be busy
@given(st.dictionaries(TEXT, VALUES, min_size=1, max_size=4), TEXT)
def test_comments_change_no_manifest(body, comment):
    """Whatever the manifest and the comment hold, the YAML loads to what it would without comments."""
    leaves = []
    text = annotated_yaml(body, lambda path: leaves.append(path) or comment)
    assert yaml.safe_load(text) == yaml.safe_load(manifest_yaml(body))
    assert leaves == list(dict.fromkeys(leaves))
    assert leaves
