"""Rows on Helm sources."""

from __future__ import annotations

from typing import Any

from tests.parity.row import CHART, OTHER, URL, Expect, Row, application, helm, text

_CMD = "util/helm/cmd.go"
_REPO = "reposerver/repository/repository.go"
A, B = "charts/x/a.yaml", "charts/x/b.yaml"
TWO = {A: "v: a\nmap: {a: 9}\nonly: a\n", B: "v: b\n"}


def _set(name: str, value: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "value": value, **more}


def _with(files: dict[str, str], **chart_source: Any) -> dict[str, str]:
    return {**CHART, **files, "apps.yaml": text(application(chart_source))}


def _several(*sources: dict[str, Any], files: dict[str, str] | None = None) -> dict[str, str]:
    many = {**application(), "spec": {**application()["spec"], "sources": list(sources)}}
    return {**CHART, **(files or {}), "apps.yaml": text(many)}


def _row(name: str, upstream: str, files: dict[str, str], expect: Expect, *fields: str, **more: Any) -> Row:
    fields = tuple(one if "." in one and one.startswith("source.") else f"source.helm.{one}" for one in fields)
    return Row(
        area="Helm", name=name, status=more.pop("status", "supported"), upstream=upstream, files=files, expect=expect,
        fields=fields, **more,
    )  # fmt: skip


ROWS = (
    _row("the chart's `values.yaml` is the lowest layer", f"{_CMD} template", helm(), Expect(values={"v": "chart"})),
    _row(
        "`valueFiles` in listed order, the last wins; maps merge deeply",
        f"{_CMD} template",
        helm(TWO, valueFiles=["a.yaml", "b.yaml"]),
        Expect(values={"v": "b", "only": "a", "map": {"a": 9, "b": 2}}),
        "valueFiles",
    ),
    _row(
        "lists are replaced whole; `null` takes a key away",
        "helm/helm pkg/cli/values/options.go MergeValues",
        helm(values="list: [3]\nmap: {a: null}\n"),
        Expect(values={"list": [3], "map": {"b": 2}}),
    ),
    _row("`values` over `valueFiles`", f"{_CMD} template", helm(TWO, valueFiles=["a.yaml"], values="v: inline\n"),
         Expect(values={"v": "inline", "only": "a"}), "values"),
    _row(
        "`valuesObject` alone counts where both are given",
        "pkg/apis/application/v1alpha1/values.go ValuesYAML",
        helm(values="v: text\ngone: 1\n", valuesObject={"v": "object"}),
        Expect(values={"v": "object", "gone": None}),
        "valuesObject",
    ),
    _row(
        "`parameters` over values, typed by Helm's `--set`",
        f"{_CMD} template",
        helm(valuesObject={"v": "x"}, parameters=[_set("v", "true"), _set("text", "007"), _set("int", "12"), _set("many", "{a,b}")]),
        Expect(values={"v": True, "text": "007", "int": 12, "many": ["a", "b"]}),
        "parameters", "parameters.name", "parameters.value",
    ),
    _row("`forceString` over `parameters`", f"{_CMD} template",
         helm(parameters=[_set("v", "true", forceString=True), _set("v", "false")]), Expect(values={"v": "true"}),
         "parameters.forceString"),
    _row(
        "of parameters with one name the last counts; commas are escaped",
        f"{_CMD} cleanSetParameters",
        helm(parameters=[_set("v", "1"), _set("v", "a,b")]),
        Expect(values={"v": "a,b"}),
    ),
    _row(
        "`fileParameters` over everything",
        f"{_CMD} template",
        helm({"charts/x/text.txt": "from a file"}, parameters=[_set("v", "p", forceString=True)],
             fileParameters=[{"name": "v", "path": "text.txt"}]),
        Expect(values={"v": "from a file"}),
        "fileParameters", "fileParameters.name", "fileParameters.path",
    ),
    _row(
        "`$NAME` in parameters and value files: only `ARGOCD_APP_*`, other names are empty, `$$` is `$`",
        "pkg/apis/application/v1alpha1/types.go Env.Envsubst",
        helm({"charts/x/demo.yaml": "only: demo\n"}, valueFiles=["$ARGOCD_APP_NAME.yaml"],
             parameters=[_set("v", "$ARGOCD_APP_NAME/$NOBODY/$$")]),
        Expect(values={"v": "demo//$", "only": "demo"}),
    ),
    _row("`$NAME` in `values` stays", "types.go Env.Envsubst", helm(values="v: $ARGOCD_APP_NAME\n"),
         Expect(values={"v": "$ARGOCD_APP_NAME"})),
    _row(
        "a value file that is not there fails the source",
        f"{_REPO} getResolvedValueFiles",
        helm(valueFiles=["nope.yaml"]),
        Expect(rendered=False, finding="SGL115"),
    ),
    _row("`ignoreMissingValueFiles` drops it", f"{_REPO} getResolvedValueFiles",
         helm(TWO, valueFiles=["nope.yaml", "b.yaml"], ignoreMissingValueFiles=True), Expect(values={"v": "b"}),
         "ignoreMissingValueFiles"),
    _row("a value file with a leading `/` counts from the root", "util/io/path/resolved.go",
         helm({"shared/a.yaml": "v: root\n"}, valueFiles=["/shared/a.yaml"]), Expect(values={"v": "root"})),
    _row("a value file outside the repository is refused", "util/io/path/resolved.go",
         helm(valueFiles=["../../../etc/passwd"], ignoreMissingValueFiles=True), Expect(rendered=False, problem="outside repository root")),
    _row("a value file at a URL", "util/io/path/resolved.go", helm(valueFiles=["https://example.com/a.yaml"]),
         Expect(told="is on another server"), status="not examined"),
    _row("globs in `valueFiles`: a name like any other (3.5 expands them)", f"{_REPO} getResolvedValueFiles",
         helm(TWO, valueFiles=["*.yaml"]), Expect(rendered=False, finding="SGL115")),
    _row(
        "`$ref/…` is a file of the source with that `ref`",
        f"{_REPO} getResolvedRefValueFile",
        _several({"repoURL": URL, "path": "charts/x", "helm": {"valueFiles": ["$vals/shared/a.yaml"]}},
                 {"repoURL": URL, "targetRevision": "main", "ref": "vals"}, files={"shared/a.yaml": "v: ref\n"}),
        Expect(values={"v": "ref"}),
    ),
    _row(
        "`$ref/…` of another repository",
        f"{_REPO} getResolvedRefValueFile",
        _several({"repoURL": URL, "path": "charts/x", "helm": {"valueFiles": ["$vals/a.yaml"]}},
                 {"repoURL": OTHER, "targetRevision": "main", "ref": "vals"}),
        Expect(told="not this one"),
        status="not examined",
    ),
    _row("two sources with one `ref` are refused", "util/argo/argo.go ValidateRepo",
         _several({"repoURL": URL, "path": "charts/x"}, {"repoURL": URL, "ref": "r"}, {"repoURL": URL, "ref": "r"}),
         Expect(problem="same `ref` key")),
    _row("the release is named as the Application", f"{_REPO} helmTemplate", helm(),
         Expect(seen={"release": "demo", "namespace": "there", "install": "true", "upgrade": "false"})),
    _row("`releaseName`", f"{_REPO} helmTemplate", helm(releaseName="other"), Expect(seen={"release": "other"}),
         "releaseName"),
    _row("`helm.namespace` over the destination's", f"{_REPO} helmTemplate", helm(namespace="elsewhere"),
         Expect(seen={"namespace": "elsewhere"}, resources=("ConfigMap there/seen",)), "namespace"),
    _row("`kubeVersion`, without a vendor's suffix", f"{_REPO} helmTemplate", helm(kubeVersion="v1.30.4+vendor"),
         Expect(seen={"kube": "v1.30.4"}), "kubeVersion"),
    _row("a `kubeVersion` that is none is refused", f"{_REPO} helmTemplate", helm(kubeVersion="latest"),
         Expect(rendered=False, problem="could not parse kubernetes version")),
    _row(
        "`apiVersions` is what `.Capabilities.APIVersions` has",
        f"{_REPO} helmTemplate",
        helm({"charts/x/templates/more.yaml": 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: has-{{ .Capabilities.APIVersions.Has "example.org/v1" }}}\n'},
             apiVersions=["v1", "example.org/v1"]),
        Expect(resources=("ConfigMap there/has-true", "ConfigMap there/seen")),
        "apiVersions",
    ),
    _row(
        "`.Capabilities.APIVersions.Has` of an API that only the cluster can tell of",
        f"{_REPO} helmTemplate",
        helm({"charts/x/templates/more.yaml": '{{ if .Capabilities.APIVersions.Has "example.org/v1" }}a: b{{ end }}\n'}),
        Expect(told="whether the cluster serves it is not known"),
        status="not examined",
    ),
    _row("`lookup` finds nothing", "helm template without a cluster",
         helm({"charts/x/templates/more.yaml": 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "l-{{ len (lookup "v1" "Secret" "a" "b") }}"}\n'}),
         Expect(resources=("ConfigMap there/l-0", "ConfigMap there/seen"))),
    _row("`crds/` is included", f"{_CMD} template",
         helm({"charts/x/crds/c.yaml": "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: c.example.org}\n"}),
         Expect(resources=("ConfigMap there/seen", "CustomResourceDefinition /c.example.org"))),
    _row("`skipCrds`", f"{_CMD} template",
         helm({"charts/x/crds/c.yaml": "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: c.example.org}\n"}, skipCrds=True),
         Expect(resources=("ConfigMap there/seen",)), "skipCrds"),
    _row("`values.schema.json` is heeded", f"{_CMD} template",
         helm({"charts/x/values.schema.json": '{"required": ["nope"]}'}), Expect(rendered=False, problem="nope")),
    _row("`skipSchemaValidation`", f"{_CMD} template",
         helm({"charts/x/values.schema.json": '{"required": ["nope"]}'}, skipSchemaValidation=True),
         Expect(values={"v": "chart"}), "skipSchemaValidation"),
    _row(
        "tests of a chart are never applied, with `skipTests` or without",
        "gitops-engine pkg/sync/hook",
        helm({"charts/x/templates/test.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: t, annotations: {helm.sh/hook: test}}\n"}, skipTests=True),
        Expect(resources=("ConfigMap there/seen",)),
        "skipTests",
    ),
    _row("`version`: only `v3` (3.5 takes `v4` too)", f"{_CMD} NewCmd", helm(version="v2"),
         Expect(rendered=False, problem="is not supported"), "version"),
    _row("`passCredentials` only matters to downloads", f"{_CMD} template", helm(passCredentials=True),
         Expect(values={"v": "chart"}), "passCredentials", status="not relevant"),
    _row(
        "subcharts in `charts/`: conditions, aliases, `import-values`",
        "helm/helm pkg/chartutil/dependencies.go",
        helm({
            "charts/x/Chart.yaml": CHART["charts/x/Chart.yaml"] + "dependencies:\n- {name: s, version: 0.1.0, alias: one, condition: one.enabled, import-values: [{child: out, parent: got}]}\n- {name: s, version: 0.1.0, alias: two, condition: two.enabled}\n",
            "charts/x/charts/s/Chart.yaml": "apiVersion: v2\nname: s\nversion: 0.1.0\n",
            "charts/x/charts/s/values.yaml": "enabled: true\nout: {k: imported}\n",
            "charts/x/charts/s/templates/s.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: sub-{{ .Chart.Name }}}\n",
        }, valuesObject={"two": {"enabled": False}}),
        Expect(values={"got": {"k": "imported"}}, resources=("ConfigMap there/seen", "ConfigMap there/sub-one")),
    ),
    _row(
        "a dependency that is not in `charts/` (Argo CD would run `helm dependency build`)",
        f"{_REPO} helmTemplate",
        helm({"charts/x/Chart.yaml": CHART["charts/x/Chart.yaml"] + "dependencies: [{name: redis, version: 1.0.0, repository: https://example.org}]\n"}),
        Expect(told="Argo CD would fetch it"),
        status="not examined",
    ),
    _row(
        "a template of a dependency that is not in `charts/`: whether the chart renders is not known",
        f"{_REPO} helmTemplate",
        helm({
            "charts/x/Chart.yaml": CHART["charts/x/Chart.yaml"] + "dependencies: [{name: redis, version: 1.0.0, repository: https://example.org}]\n",
            "charts/x/templates/more.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ include \"redis.name\" . }}'}\n",
        }),
        Expect(told="`charts/x/charts/`", rendered=False),
        status="not examined",
    ),
    _row("`chart`: a chart of a chart repository", "types.go IsHelm",
         _with({}, chart="redis", targetRevision="1.0.0"), Expect(told="comes from the chart repository"), "source.chart",
         status="not examined"),
    _row(
        "Helm hooks become sync phases; those that Argo CD does not know are not applied",
        "gitops-engine pkg/sync/hook/helm",
        helm({"charts/x/templates/hooks.yaml": "".join(
            f"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, annotations: {{helm.sh/hook: {name}}}}}\n"
            for name in ("pre-install", "post-install", "post-rollback"))}),
        Expect(resources=("ConfigMap there/post-install", "ConfigMap there/pre-install", "ConfigMap there/seen")),
    ),
)  # fmt: skip
