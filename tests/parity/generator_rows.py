"""Rows on ApplicationSets: generators, templates, patches."""

from __future__ import annotations

from typing import Any

from tests.parity.row import ARGO_CD, OTHER, URL, Expect, Row, Status, elements, generated, template

_GEN = "applicationset/generators"
_UTILS = "applicationset/utils/utils.go"
FILES = {
    "envs/prod/config.json": '{"env": "prod", "deep": {"num": 1}}',
    "envs/sno/config.json": '{"env": "sno"}',
    "envs/.hidden/config.json": '{"env": "hidden"}',
}


def _row(
    area: str, name: str, upstream: str, files: dict[str, str], expect: Expect, *fields: str,
    status: Status = "supported", version: str = ARGO_CD,
) -> Row:  # fmt: skip
    return Row(
        area=area, name=name, status=status, upstream=upstream, files=files, expect=expect,
        fields=tuple(f"set:{one}" for one in fields), version=version,
    )  # fmt: skip


def _git(**body: Any) -> dict[str, Any]:
    return {"git": {"repoURL": URL, "revision": "HEAD", **body}}


# The repository is known by what its configuration says; a git generator alone tells nobody.
def _apps(*names: str, **more: Any) -> Expect:
    return Expect(applications=names, **more)


_G = "generators"
ROWS = (
    _row("Generators", "list: an Application for each element", f"{_GEN}/list.go", generated(elements("prod", "sno")), _apps("prod", "sno"),
         _G, f"{_G}.list", f"{_G}.list.elements", "goTemplate", "template", "template.metadata", "template.spec"),
    _row("Generators", "list: `elementsYaml` after `elements`", f"{_GEN}/list.go",
         generated({"list": {"elements": [{"env": "a"}], "elementsYaml": "- env: b\n"}}), _apps("a", "b"), f"{_G}.list.elementsYaml"),
    _row("Generators", "list: without goTemplate every value must be text", f"{_GEN}/list.go",
         generated({"list": {"elements": [{"env": "a", "on": True}]}}, go=False, name="{{env}}"), _apps(problem="error parsing value as string")),
    _row("Generators", "git directories, with `exclude`; hidden folders are never seen", f"{_GEN}/git.go",
         generated(_git(directories=[{"path": "envs/*"}, {"path": "envs/sno", "exclude": True}]), name="{{ .path.basename }}", files=FILES),
         _apps("prod"), f"{_G}.git", f"{_G}.git.repoURL", f"{_G}.git.directories", f"{_G}.git.revision"),
    _row("Generators", "git files: their content and place are parameters", f"{_GEN}/git.go",
         generated(_git(files=[{"path": "envs/prod/config.json"}]), name="{{ .env }}-{{ .path.basename }}-{{ .deep.num }}", files=FILES), _apps("prod-prod-1"),
         f"{_G}.git.files"),
    _row("Generators", "git: `pathParamPrefix` and `values`", f"{_GEN}/git.go",
         generated(_git(files=[{"path": "envs/sno/*.json"}], pathParamPrefix="at", values={"k": "{{ .env }}!"}), name="a", files=FILES,
                   template=template("{{ .at.path.basename }}-{{ .values.k | trimSuffix \"!\" }}")), _apps("sno-sno"),
         f"{_G}.git.pathParamPrefix", f"{_G}.git.values"),
    _row("Generators", "git of another repository", f"{_GEN}/git.go", generated(_git(repoURL=OTHER, directories=[{"path": "*"}]), elements("a")),
         _apps("a", told="is not this one"), status="not examined"),
    _row("Generators", "matrix: the product of two; of equal keys the first generator's counts", f"{_GEN}/matrix.go",
         generated({"matrix": {"generators": [elements("p", "s"), {"list": {"elements": [{"num": "1", "env": "x"}, {"num": "2"}]}}]}}, name="{{ .env }}{{ .num }}"),
         _apps("p1", "p2", "s1", "s2"), f"{_G}.matrix", f"{_G}.matrix.generators"),
    _row("Generators", "matrix: the second generator sees the first's parameters", f"{_GEN}/matrix.go",
         generated({"matrix": {"generators": [elements("p"), {"list": {"elements": [{"num": "of-{{ .env }}"}]}}]}}, name="{{ .num }}"), _apps("of-p")),
    _row("Generators", "matrix: other than two generators are refused", f"{_GEN}/matrix.go",
         generated({"matrix": {"generators": [elements("p")]}}), _apps(problem="less than two generators")),
    _row("Generators", "merge: later generators override by `mergeKeys`; what matches nothing is dropped", f"{_GEN}/merge.go",
         generated({"merge": {"mergeKeys": ["env"], "generators": [elements("a", "b", num="1"), {"list": {"elements": [{"env": "b", "num": "2"}, {"env": "c", "num": "3"}]}}]}}, name="{{ .env }}{{ .num }}"),
         _apps("a1", "b2"), f"{_G}.merge", f"{_G}.merge.generators", f"{_G}.merge.mergeKeys"),
    _row("Generators", "nesting: a third level of matrix or merge is refused", f"{_GEN}/matrix.go",
         generated({"matrix": {"generators": [elements("a"), {"matrix": {"generators": [elements("b"), {"matrix": {"generators": [elements("c"), elements("d")]}}]}}]}}),
         _apps(problem="nested this deep")),
    *(
        _row("Generators", name, f"{_GEN}/{file}.go", generated({name: {}}, elements("a")), _apps("a", told=f"{name} generator"), f"{_G}.{name}", status="not examined")
        for name, file in (("clusters", "cluster"), ("scmProvider", "scm_provider"), ("clusterDecisionResource", "duck_type"), ("pullRequest", "pull_request"), ("plugin", "plugin"))
    ),
    _row("Generators", "an entry of no known kind is passed over (and told)", "applicationset/controllers/template/template.go",
         generated({"nobody": {}}, elements("a")), _apps("a", problem="unrecognized generators")),
    _row("Generators", "`selector` filters parameter sets", f"{_GEN}/generator_spec_processor.go",
         generated({**elements("prod", "sno"), "selector": {"matchLabels": {"env": "sno"}}}), _apps("sno"), f"{_G}.selector"),
    _row("Generators", "a generator's own `template` outranks `spec.template`, field by field", f"{_GEN}/generator_spec_processor.go",
         generated({"list": {"elements": [{"env": "a"}], "template": {"metadata": {"name": "own-{{ .env }}"}, "spec": {"project": "own"}}}}),
         _apps("own-a", spec={"project": "own"}, seen={"namespace": "there"}), f"{_G}.list.template", f"{_G}.git.template", f"{_G}.matrix.template", f"{_G}.merge.template"),
    _row("Generators", "`requeueAfterSeconds`", f"{_GEN}/git.go", generated(_git(directories=[{"path": "envs/prod"}], requeueAfterSeconds=60), name="{{ .path.basename }}", files=FILES),
         _apps("prod"), f"{_G}.git.requeueAfterSeconds", status="not relevant"),
    _row("Templates", "goTemplate: Sprig, `normalize`, `slugify`, `toYaml`", _UTILS,
         generated({"list": {"elements": [{"env": "Pro_D"}]}}, name="{{ .env | normalize }}-{{ upper \"x\" | lower }}"), _apps("pro-d-x")),
    _row("Templates", "goTemplate: an unknown key is `<no value>`", _UTILS, generated(elements("a"), template=template("a", namespace="{{ .nobody }}")),
         _apps("a", spec={"destination": {"namespace": "<no value>"}})),
    _row("Templates", "`goTemplateOptions: [missingkey=error]` makes it an error", _UTILS,
         generated(elements("a"), template=template("{{ .nobody }}"), goTemplateOptions=["missingkey=error"]), _apps(problem="map has no entry for key", finding="SGL003"), "goTemplateOptions"),
    _row("Templates", "fasttemplate: an unknown key stays as it is written", "util fasttemplate",
         generated(elements("a"), go=False, template=template("x-{{env}}", namespace="{{nobody}}")), _apps("x-a", spec={"destination": {"namespace": "{{nobody}}"}})),
    _row("Templates", "strings and map keys are expanded, other values are not", f"{_UTILS} deeplyReplace",
         generated(elements("a"), template=template("{{ .env }}", {"path": "charts/x", "helm": {"valuesObject": {"{{ .env }}": "{{ .env }}!", "num": 1}}})),
         _apps("a", values={"a": "a!", "num": 1})),
    _row("Templates", "`templatePatch` is a strategic merge patch; `project` stays", "applicationset/controllers/template/patch.go",
         generated(elements("a"), templatePatch="spec:\n  project: other\n  source:\n    helm: {releaseName: 'r-{{ .env }}'}\n"),
         _apps("a", spec={"project": "default"}, seen={"release": "r-a"}), "templatePatch"),
    _row("Templates", "the Application's namespace is the ApplicationSet's", "applicationset/controllers/template/template.go",
         generated(elements("a"), template={**template("{{ .env }}"), "metadata": {"name": "{{ .env }}", "namespace": "else"}}), _apps("a", problem="")),
    _row("Templates", "of equal names the first counts", "applicationset/controllers/applicationset_controller.go", generated(elements("a", "a")), _apps("a", finding="SGL008")),
    *(
        _row("ApplicationSets", f"`{name}`", "pkg/apis/application/v1alpha1/applicationset_types.go", generated(elements("a"), **{name: value}), _apps("a", values={"v": "chart"}),
             name, status="not relevant")
        for name, value in (
            ("syncPolicy", {"applicationsSync": "create-update"}), ("strategy", {"type": "RollingSync", "rollingSync": {"steps": []}}),
            ("preservedFields", {"annotations": ["a"]}), ("ignoreApplicationDifferences", [{"jsonPointers": ["/spec"]}]), ("applyNestedSelectors", True))
    ),
)  # fmt: skip
