"""The fix of every rule that has one, on each of its bad examples and on breakages of other kinds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from signet_lint.config import Config
from signet_lint.finding import Report
from signet_lint.fixes.passes import Mended, Mender
from signet_lint.pipeline import run
from signet_lint.rule import Example, Rule
from signet_lint.simulated import simulated
from signet_lint.source.tree import MemoryTree, Tree
from tests.overlay import FIXTURE, TODAY, fixture_files, overlay
from tests.test_rules import RULES, examples

UMBRELLA = "charts/signet-umbrella"
APPSET = "charts/argocd-apps/templates/applicationset-umbrella.yaml"
ENVS = "charts/argocd-apps/values.yaml"
LLM = "charts/signet-llm/values-common.yaml"
SERVICE = "charts/signet-llm/templates/inferenceservice.yaml"

# Bad examples whose finding asks for a decision, or for more than an edit, though others of the rule do not.
NO_FIX = {
    "SGL002-twice-in-a-template",
    "SGL103-the-chart-was-removed",
    "SGL109-read-but-not-passed-on",
    "SGL303-no-channel",
    "SGL405-no-components",
}


def judged(tree: Tree) -> Report:
    """The report of all rules on a tree."""
    return run(FIXTURE, Config(), rules=RULES, tree=tree, today=TODAY)


def mended(contents: Mapping[str, bytes], *, unsafe: bool = False) -> tuple[Report, Mended]:
    """The reports before and after all fixes."""
    tree = MemoryTree(contents)
    before = judged(tree)
    return before, Mender(tree, judged, lambda _: "", unsafe).mend(before)


def left(report: Report) -> list[str]:
    """The findings of a report, to compare."""
    return [f"{one.rule} {one.location.path}:{one.location.line} {one.message}" for one in report.findings]


FIXABLE = [one for one in examples("bad") if one.values[0].fixable]


@pytest.mark.parametrize(("rule", "example"), FIXABLE)
def test_a_bad_example_is_fixed(rule: Rule[Any], example: Example, request: pytest.FixtureRequest) -> None:
    """Its finding has a fix, which removes it; nothing comes up but in what is deployed only now; nothing is left to fix."""
    before, done = mended(overlay(example.files, example.edits), unsafe=True)
    own = [one for one in before.findings if one.rule == rule.id]
    if request.node.callspec.id in NO_FIX:
        assert not any(one.fix for one in own)
        return
    assert all(one.fix for one in own)
    assert rule.id not in {one.rule for one in done.report.findings}
    new = {one.message for one in done.report.findings} - {one.message for one in before.findings}
    assert not new or done.report.coverage.applications > before.coverage.applications
    assert not done.refused
    assert not [one for one in done.report.findings if one.fix]


@pytest.mark.parametrize("rule", [rule for rule in RULES if not rule.fixable], ids=lambda rule: rule.id)
def test_other_rules_have_no_fix(rule: Rule[Any]) -> None:
    """So that the catalogue does not keep back what it can do."""
    example = rule.bad[0]
    tree = MemoryTree(overlay(example.files, example.edits))
    report = run(FIXTURE, Config(), rules=[rule], tree=tree, today=TODAY)
    assert not [one for one in report.findings if one.fix]


def text(path: str) -> str:
    """A file of the fixture."""
    return fixture_files()[path].decode()


def without(path: str, pattern: str, new: str = "") -> dict[str, str | None]:
    """A file with every match of a pattern replaced."""
    found, count = re.subn(pattern, new, text(path), flags=re.MULTILINE)
    assert count
    return {path: found}


BARE = {
    f"{UMBRELLA}/templates/app-signet-llm.yaml": None,
    **without(APPSET, r".*signetLLM.*\n"),
    **without(ENVS, r".*signetLLM.*\n"),
    **without(f"{UMBRELLA}/values.yaml", r"^signetLLM:\n(  .*\n)+"),
    **without(f"{UMBRELLA}/values-common.yaml", r"^signetLLM:\n(  .*\n)+"),
    **without(f"{UMBRELLA}/templates/rbac-argocd-kserve.yaml", r"or \.Values\.signetLLM\.enabled "),
}
BREAKAGES: dict[str, dict[str, str | None]] = {
    "a bare chart": BARE,
    "no Application": {f"{UMBRELLA}/templates/app-signet-llm.yaml": None},
    "no element": without(APPSET, r" +signetLLMEnabled: .*\n"),
    "no parameter": without(APPSET, r" +- name: signetLLM.enabled\n.*\n"),
    "neither element nor parameter": without(APPSET, r".*signetLLM.*\n"),
    "no flag in production": without(ENVS, r" +signetLLMEnabled: true\n"),
    "no rights for KServe": {f"{UMBRELLA}/templates/rbac-argocd-kserve.yaml": None},
    "no rights at all": {f"{UMBRELLA}/templates/rbac-argocd-access.yaml": None},
    "no rights to the cluster": {f"{UMBRELLA}/templates/rbac-argocd-openshift-ai-cluster.yaml": None},
    "a resource not listed": without(f"{UMBRELLA}/templates/rbac-argocd-kserve.yaml", r" +- servingruntimes\n"),
    "no GPU in values": without(LLM, r' +nvidia.com/gpu: "1"\n'),
    "no resources in the template": without(SERVICE, r" +resources:\n +\{\{- toYaml .Values.resources .*\n"),
    "no tolerations in values": without(LLM, r"^tolerations:\n(  .*\n)+"),
    "no tolerations in the template": without(SERVICE, r" +\{\{- with .Values.tolerations \}\}\n(.*\n){3}"),
    "no selector in values": without(LLM, r"^nodeSelector:\n(  .*\n)+", "nodeSelector: {} # none\n"),
    "no length": without(SERVICE, r" +- --max-model-len=.*\n"),
    "too long": without(LLM, r"maxModelLen: 8192", "maxModelLen: 131072"),
    "KServe removed": without("charts/openshift-ai/values-common.yaml", r"kserve: Managed", "kserve: Removed"),
    "windows line ends": {LLM: text(LLM).replace("maxModelLen: 8192", "maxModelLen: 65536").replace("\n", "\r\n")},
}


@pytest.mark.parametrize("files", BREAKAGES.values(), ids=BREAKAGES)
def test_a_breakage_is_fixed(files: dict[str, str | None]) -> None:
    """By safe fixes alone the repository is clean again."""
    before, done = mended(overlay(files))
    assert left(before)
    assert left(done.report) == []
    assert done.report.incomplete == ()


def test_many_breakages_at_once_are_fixed() -> None:
    """All that are of different files, pass by pass."""
    files: dict[str, str | None] = {}
    for breakage in BREAKAGES.values():
        if not breakage.keys() & files.keys():
            files |= breakage
    assert len(files) > 10
    _, done = mended(overlay(files))
    assert left(done.report) == []
    assert len({finding.rule for finding in done.fixed}) > 4


def test_a_bare_chart_is_wired_as_its_neighbours_are() -> None:
    """Every step in every file, and nothing but additions."""
    contents = overlay(BARE)
    _, done = mended(contents)
    added = {path: _added(contents.get(path, b""), new) for path, new in done.contents.items()}
    assert added.pop(f"{UMBRELLA}/templates/app-signet-llm.yaml")
    assert added == {
        APPSET: [
            "            signetLLMEnabled: {{ $e.signetLLMEnabled | default false }}",
            "            - name: signetLLM.enabled",
            "              value: '{{ \"{{ .signetLLMEnabled }}\" }}'",
        ],
        ENVS: ["    signetLLMEnabled: false", "    signetLLMEnabled: false", "    signetLLMEnabled: true"],
        f"{UMBRELLA}/values.yaml": ["signetLLM:", "  enabled: false"],
        f"{UMBRELLA}/values-common.yaml": ["signetLLM:", "  enabled: false"],
    }


def _added(old: bytes, new: bytes) -> list[str]:
    """Lines that are new, where no other has gone."""
    rest = old.decode().splitlines()
    added = []
    for line in new.decode().splitlines():
        if rest and rest[0] == line:
            rest.pop(0)
        else:
            added.append(line)
    assert not rest
    return added


def in_values(form: str) -> str:
    """The ApplicationSet with its parameters as a block of values, or as an object of values."""
    template = text(APPSET)
    start, end = template.index("          parameters:"), template.index("      destination:")
    found = re.findall(r"- name: (\S+)\n\s+value: (.*)\n", template[start:end])
    tree: dict[str, Any] = {}
    for name, value in found:
        *parents, last = name.split(".")
        at = tree
        for parent in parents:
            at = at.setdefault(parent, {})
        plain = re.fullmatch(r"""(?:'\{\{ "|"\{\{ `)(.*?)(?:" \}\}'|` \}\}")""", value)
        at[last] = f"{{{{ `{plain[1]}` }}}}" if plain and form == "values: |" else value
    return f"{template[:start]}          {form}\n{lines_of(tree, 12)}{template[end:]}"


def lines_of(tree: dict[str, Any], indent: int) -> str:
    """A tree as lines of YAML, its texts as they are."""
    spaces = " " * indent
    return "".join(
        f"{spaces}{key}:\n{lines_of(value, indent + 2)}" if isinstance(value, dict) else f"{spaces}{key}: {value}\n"
        for key, value in tree.items()
    )


def fasttemplate() -> str:
    """The ApplicationSet with the placeholders of fasttemplate, and elements that are texts."""
    found = re.sub(
        r"""(['"])\{\{ ["`]\{\{ \.(\w+)(?: \| default false)? \}\}["`] \}\}\1""", r"'{{ `{{\2}}` }}'", text(APPSET)
    )
    found = found.replace("""umbrella-{{ "{{ .env }}" }}'""", "umbrella-{{ `{{env}}` }}'")
    found = re.sub(r"  goTemplate.*\n", "", found)
    return re.sub(r"(Enabled: \{\{ .*?) \}\}", r"\1 | quote }}", found)


@pytest.mark.parametrize(
    "template",
    [in_values("values: |"), in_values("valuesObject:"), fasttemplate()],
    ids=["values", "object", "fasttemplate"],
)
def test_other_spellings_of_the_chain(template: str) -> None:
    """A bare chart is wired in the way its neighbours are, whatever that is."""
    bare = re.sub(r".*signetLLMEnabled: .*\n", "", template)
    bare = re.sub(r" +- name: signetLLM\.enabled\n.*\n| +signetLLM:\n +enabled: .*\n", "", bare)
    assert "signetLLM" not in bare
    contents = overlay({**BARE, APPSET: bare})
    before, done = mended(contents)
    assert "SGL102" in {one.rule for one in before.findings}
    tree = MemoryTree({**contents, **done.contents})
    with simulated(FIXTURE, Config(), tree=tree) as found:
        assert found.state.env("prod").application("signet-llm-prod")
        assert not found.state.env("sno").application("signet-llm-sno")


def test_line_ends_stay() -> None:
    """In a file of Windows line ends every line has one, new ones too."""
    crlf = {**without(LLM, r"^tolerations:\n(  .*\n)+")}
    contents = overlay({LLM: str(crlf[LLM]).replace("\n", "\r\n")})
    _, done = mended(contents)
    new = done.contents[LLM].decode()
    assert new.count("\n") == new.count("\r\n") > contents[LLM].decode().count("\n")
