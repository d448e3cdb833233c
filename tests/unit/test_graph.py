"""`signet-lint graph`: the whole road from environment to manifest, marked, in every format."""

from __future__ import annotations

import json
import re
import shutil
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from click.testing import CliRunner

from signet_lint.cli import cli
from signet_lint.graph import Graph, Node
from signet_lint.report.graph_svg import svg
from signet_lint.schema.sources import schema_folder
from tests.overlay import FIXTURE

LOADTEST = "charts/signet-loadtest/values-common.yaml"


def run(*arguments):
    """Run the command on a folder and give exit code and standard output."""
    result = CliRunner().invoke(cli, ["graph", *map(str, arguments)])
    return result.exit_code, result.stdout


@pytest.fixture
def broken(tmp_path):
    """The example repository with the load test left running and a chart that nothing deploys."""
    root = tmp_path / "repo"
    shutil.copytree(FIXTURE, root)
    text = (root / LOADTEST).read_text()
    (root / LOADTEST).write_text(text.replace("replicas: 0", "replicas: 1"))
    (root / "charts/forgotten").mkdir()
    (root / "charts/forgotten/Chart.yaml").write_text("apiVersion: v2\nname: forgotten\nversion: 0.1.0\n")
    return root


def node(content, *names):
    """The node at the end of a path of names, from an environment down."""
    children = content["environments"]
    found = None
    for name in names:
        found = next(child for child in children if child["name"] == name)
        children = found["children"]
    return found


def test_tree_shows_the_road(tmp_path):
    """One environment, its ApplicationSet, umbrella, Applications with chart and namespace, GPUs of each server."""
    code, out = run(FIXTURE, "--env", "prod")
    lines = out.splitlines()
    assert code == 0
    assert lines[0] == "environment prod [2 GPUs]  signet-prod, runs inference"
    assert lines[1] == "└─ ApplicationSet signet-umbrella-by-env  charts/argocd-apps"
    assert lines[2].strip() == "└─ Application signet-umbrella-prod  charts/signet-umbrella -> openshift-gitops"
    at = next(i for i, line in enumerate(lines) if "Application signet-llm-prod" in line)
    assert lines[at].endswith("charts/signet-llm -> signet-prod")
    assert "InferenceService signet-llm [1 GPU]" in lines[at + 1]
    assert "\x1b" not in out


def test_every_environment_names_its_namespace():
    """The application namespace of an environment is the one it is given, even where few Applications use it."""
    _, out = run(FIXTURE)
    assert [line.split("  ")[1] for line in out.splitlines() if line.startswith("environment")] == [
        "signet-local, local",
        "signet-sno",
        "signet-prod, runs inference",
    ]


def test_findings_are_marked_where_they_are(broken):
    """A finding marks its manifest in each environment that has it, one of the repository is counted apart."""
    code, out = run(broken, "--format", "json")
    content = json.loads(out)
    jsonschema.validate(content, json.loads((schema_folder() / "graph-v1.json").read_text()))
    path = ("prod", "signet-umbrella-by-env", "signet-umbrella-prod", "signet-loadtest-prod")
    assert code == 0
    assert node(content, *path, "Deployment signet-loadtest")["findings"]["errors"] == 1
    assert node(content, *path)["findings"] == {"errors": 0, "warnings": 0, "notes": 0}
    assert content["findings_elsewhere"]["errors"] == 1


def test_mermaid_and_dot_are_safe_and_whole(broken):
    """Every node once, every edge between known nodes, and no text that could be read as markup."""
    _, mermaid = run(broken, "--format", "mermaid")
    _, dot = run(broken, "--format", "dot")
    nodes = re.findall(r'^  (n\d+)\["', mermaid, re.MULTILINE)
    edges = re.findall(r"^  (n\d+) --> (n\d+)$", mermaid, re.MULTILINE)
    assert mermaid.startswith("flowchart LR\n")
    assert len(nodes) == len(set(nodes)) == len(re.findall(r"^  n\d+ \[label=", dot, re.MULTILINE))
    assert len(edges) == len(nodes) - 4 == len(re.findall(r"^  n\d+ -> n\d+;$", dot, re.MULTILINE))
    (alone,) = set(nodes) - {name for edge in edges for name in edge}
    assert f'  {alone}["elsewhere in the repository<br/>1 error"]' in mermaid
    assert re.search(r"class n\d+ error", mermaid)


def test_svg_is_one_well_formed_picture(broken):
    """Well-formed XML that fetches and runs nothing, with every Application's name and the finding's badge."""
    _, out = run(broken, "--format", "svg")
    root = ET.fromstring(out)  # noqa: S314 - what we wrote ourselves
    texts = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {element.tag.rpartition("}")[2] for element in root.iter()} == {"svg", "title", "rect", "path", "text"}
    assert "Application signet-loadtest-prod" in texts
    assert "1 error" in texts
    assert "href" not in out
    width, height = float(root.get("width")), float(root.get("height"))
    for rect in root.iter("{http://www.w3.org/2000/svg}rect"):
        x, y = float(rect.get("x", 0)), float(rect.get("y", 0))
        assert 0 <= x <= x + float(rect.get("width")) <= width
        assert 0 <= y <= y + float(rect.get("height")) <= height


def boxes(picture):
    """The left, top, right and bottom of each node's box."""
    rects = ET.fromstring(picture).iter("{http://www.w3.org/2000/svg}rect")  # noqa: S314 - what we wrote ourselves
    for rect in list(rects)[1:]:
        x, y, wide, tall = (float(rect.get(name)) for name in ("x", "y", "width", "height"))
        if tall >= 34 and wide > 5:
            yield x, y, x + wide, y + tall


def test_svg_boxes_do_not_overlap(broken):
    """Each node has a place of its own, and what an Application deploys stands beside it, not below its box's top."""
    _, out = run(broken, "--format", "svg")
    found = list(boxes(out))
    _, tree = run(broken)
    assert len(found) == len(tree.splitlines()) > 40
    for number, (left, top, right, bottom) in enumerate(found):
        for other in found[number + 1 :]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
    assert max(right for _, _, right, _ in found) < 900  # as wide as a comment on a pull request


def test_svg_shows_every_kind(tmp_path):
    """A long list of kinds takes more lines; a number stays with its kind."""
    name = ", ".join(f"{number} KindOfResourceThatHasALongName{number}" for number in range(1, 9))
    application = Node("application", "a", children=(Node("resources", name),))
    out = svg(Graph((Node("environment", "prod", children=(application,)),), (0, 0, 0)))
    lines = [text.text for text in ET.fromstring(out).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314
    listed = [line for line in lines if "KindOf" in line]
    assert len(listed) > 3
    assert all(line.split()[0].isdigit() for line in listed)
    assert lines[-1].endswith("…") or "8 KindOfResourceThatHasALongName8" in listed[-1]


def test_unknown_environment_and_nothing_to_draw(tmp_path):
    """An environment that is not there is an error of usage, an empty folder is not analysed."""
    result = CliRunner().invoke(cli, ["graph", str(FIXTURE), "--env", "prd"])
    assert result.exit_code == 2
    assert "did you mean `prod`" in result.stderr
    result = CliRunner().invoke(cli, ["graph", str(tmp_path)])
    assert (result.exit_code, result.stdout) == (3, "")
    assert "nothing to lint" in result.stderr
