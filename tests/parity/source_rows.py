"""Rows on Applications, their sources, and what becomes of manifests."""

from __future__ import annotations

from typing import Any

from tests.parity.row import ARGO_CD, CHART, OTHER, URL, Expect, Row, Status, application, text

_TYPES = "pkg/apis/application/v1alpha1/types.go"
_REPO = "reposerver/repository/repository.go"
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n"


def _of(source: Any, files: dict[str, str] | None = None, **spec: Any) -> dict[str, str]:
    return {**CHART, **(files or {}), "apps.yaml": text(application(source, **spec))}


def _row(
    area: str, name: str, upstream: str, files: dict[str, str], expect: Expect, *fields: str,
    status: Status = "supported", version: str = ARGO_CD,
) -> Row:  # fmt: skip
    return Row(
        area=area, name=name, status=status, upstream=upstream, files=files, expect=expect, fields=fields,
        version=version,
    )  # fmt: skip


DEPLOYED = Expect(resources=("ConfigMap there/seen",), values={"v": "chart"})
X = {"path": "charts/x"}
PLAIN = {"plain/b.yaml": MAP % "b", "plain/a.yml": MAP % "a", "plain/c.json": '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}',
         "plain/sub/d.yaml": MAP % "d", "plain/readme.txt": MAP % "no"}  # fmt: skip
SOURCES = (
    _row("Sources", "`source.path` with a `Chart.yaml` is a chart", "util/app/discovery/discovery.go", _of(X), DEPLOYED,
         "source", "source.repoURL", "source.path", "source.helm"),
    _row("Sources", "`targetRevision`: the tree that is linted stands for it", f"{_REPO} GenerateManifest",
         _of({**X, "targetRevision": "v1"}), DEPLOYED, "source.targetRevision"),
    _row("Sources", "`source.name` only labels it", _TYPES, _of({**X, "name": "one"}), DEPLOYED, "source.name",
         status="not relevant"),
    _row("Sources", "`sources`: each is rendered; they outrank `source`", f"{_TYPES} GetSources",
         _of({"path": "nowhere"}, PLAIN, sources=[{"repoURL": URL, **X}, {"repoURL": URL, "path": "plain/sub"}]),
         Expect(resources=("ConfigMap there/d", "ConfigMap there/seen")), "sources"),
    _row("Sources", "`ref` with a `path` is rendered too", "docs/user-guide/multiple_sources.md",
         _of(None, PLAIN, sources=[{"repoURL": URL, **X}, {"repoURL": URL, "path": "plain/sub", "ref": "r"}]),
         Expect(resources=("ConfigMap there/d", "ConfigMap there/seen")), "source.ref"),
    _row("Sources", "a source of another repository", f"{_REPO} GenerateManifest",
         _of(None, sources=[{"repoURL": URL, **X}, {"repoURL": OTHER, "path": "theirs"}]), Expect(told="is not this one"),
         status="not examined"),
    _row("Sources", "an Application without a source is refused", "util/argo/argo.go ValidateRepo", _of(None),
         Expect(problem="no source")),
    _row("Sources", "a source without `path`, `chart` or `ref` is refused", "util/argo/argo.go ValidateRepo", _of({}),
         Expect(problem="`path`")),
    _row("Sources", "a path that is not in the repository", f"{_REPO} GenerateManifest", _of({"path": "nowhere"}),
         Expect(finding="SGL103", resources=())),
    _row("Sources", "`sourceHydrator`", f"{_TYPES} SourceHydrator",
         _of(None, sourceHydrator={"drySource": {"repoURL": URL, "path": "charts/x", "targetRevision": "HEAD"},
                                   "syncSource": {"targetBranch": "env", "path": "x"}}),
         Expect(told="source hydrator"), "sourceHydrator", status="not examined"),
    _row("Sources", "two tool blocks are refused", f"{_TYPES} ExplicitType",
         _of({**X, "helm": {"releaseName": "a"}, "directory": {"recurse": True}}),
         Expect(problem="multiple application sources defined")),
    _row("Sources", "an explicit `directory` block outranks `Chart.yaml`", f"{_TYPES} ExplicitType",
         _of({"path": "plain", "directory": {"recurse": True}}, {**PLAIN, "plain/Chart.yaml": ""}),
         Expect(resources=tuple(f"ConfigMap there/{one}" for one in "abcd"))),
    _row("Sources", "of `Chart.yaml` and `kustomization.yaml` in one folder the second counts",
         "util/app/discovery/discovery.go", _of(X, {"charts/x/kustomization.yaml": "resources: []\n"}),
         Expect(told="type Kustomize", resources=()), status="not examined"),
    _row("Sources", "kustomize", "util/kustomize/kustomize.go", _of({"path": "k", "kustomize": {"namePrefix": "a-"}}, {"k/a.yaml": MAP % "a", "k/kustomization.yaml": "resources: [a.yaml]\n"}),
         Expect(told="type Kustomize", resources=()), "source.kustomize", status="not examined"),
    _row("Sources", "plugins", f"{_REPO} runConfigManagementPluginSidecars", _of({"path": "plain", "plugin": {"name": "p"}}, PLAIN),
         Expect(told="type Plugin", resources=()), "source.plugin", status="not examined"),
    _row("Sources", "`.argocd-source.yaml` and `.argocd-source-<application>.yaml` are merged in",
         f"{_REPO} mergeSourceParameters",
         _of(X, {"charts/x/.argocd-source.yaml": "helm: {releaseName: all}\n",
                 "charts/x/.argocd-source-demo.yaml": "helm: {releaseName: mine}\n"}),
         Expect(seen={"release": "mine"})),
    _row("Directories", "`.yaml`, `.yml` and `.json` files of the folder", f"{_REPO} findManifests", _of({"path": "plain"}, PLAIN),
         Expect(resources=tuple(f"ConfigMap there/{one}" for one in "abc")), "source.directory"),
    _row("Directories", "`recurse`", f"{_REPO} findManifests", _of({"path": "plain", "directory": {"recurse": True}}, PLAIN),
         Expect(resources=tuple(f"ConfigMap there/{one}" for one in "abcd")), "source.directory.recurse"),
    _row("Directories", "`exclude` outranks `include`; both are globs", f"{_REPO} getPotentiallyValidManifestFile",
         _of({"path": "plain", "directory": {"include": "{a,b}.*", "exclude": "b.*"}}, PLAIN),
         Expect(resources=("ConfigMap there/a",)), "source.directory.include", "source.directory.exclude"),
    _row("Directories", "jsonnet files", f"{_REPO} findManifests", _of({"path": "plain", "directory": {"jsonnet": {"libs": ["l"]}}}, {"plain/x.jsonnet": "{}", "plain/a.yaml": MAP % "a"}),
         Expect(told="jsonnet is not evaluated", resources=("ConfigMap there/a",)), "source.directory.jsonnet",
         status="not examined"),
    _row("Directories", "`+argocd:skip-file-rendering` in a file", f"{_REPO} findManifests",
         _of({"path": "plain"}, {"plain/a.yaml": MAP % "a", "plain/z.yaml": "# +argocd:skip-file-rendering\n" + MAP % "z"}),
         Expect(resources=("ConfigMap there/a",))),
    _row("Manifests", "lists are flattened, empty documents skipped", f"{_REPO} GenerateManifests",
         _of({"path": "plain"}, {"plain/l.yaml": "---\n---\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: in}}\n"}),
         Expect(resources=("ConfigMap there/in",))),
    _row("Manifests", "`destination.namespace` for namespaced objects without one, none for cluster-scoped ones",
         "controller/state.go DeduplicateTargetObjects",
         _of({"path": "plain"}, {"plain/a.yaml": MAP % "a" + "---\n" + MAP % "b, namespace: own" + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: space, namespace: lost}\n"}),
         Expect(resources=("ConfigMap own/b", "ConfigMap there/a", "Namespace /space")), "destination", "destination.namespace"),
    _row("Manifests", "of objects with one name the last counts", "controller/state.go DeduplicateTargetObjects",
         _of({"path": "plain"}, {"plain/a.yaml": MAP % "a" + "---\n" + MAP % "a"}), Expect(resources=("ConfigMap there/a",))),
    _row("Manifests", "kinds that the installation excludes are not applied", "redhat-developer/gitops-operator v1.19 NewCR",
         _of({"path": "plain"}, {"plain/a.yaml": "apiVersion: tekton.dev/v1\nkind: PipelineRun\nmetadata: {name: a}\n"}),
         Expect(finding="SGL206")),
    _row("Manifests", "`argocd.argoproj.io/hook: Skip` leaves an object out", "gitops-engine pkg/sync/hook",
         _of({"path": "plain"}, {"plain/a.yaml": MAP % "a, annotations: {argocd.argoproj.io/hook: Skip}", "plain/b.yaml": MAP % "b"}),
         Expect(resources=("ConfigMap there/b",))),
    _row("Manifests", "hooks (PreSync, Sync, PostSync, SyncFail) are applied", "gitops-engine pkg/sync/hook",
         _of({"path": "plain"}, {"plain/a.yaml": MAP % "a, annotations: {argocd.argoproj.io/hook: PreSync}"}),
         Expect(resources=("ConfigMap there/a",))),
    _row("Manifests", "dry run: a custom resource in the sync that installs its operator", "docs/user-guide/sync-options.md",
         _of({"path": "plain"}, {
             "plain/crd.yaml": "apiVersion: operators.coreos.com/v1alpha1\nkind: Subscription\nmetadata: {name: nfd, namespace: openshift-nfd, annotations: {argocd.argoproj.io/sync-wave: '1'}}\nspec: {name: nfd, channel: stable, source: redhat-operators, sourceNamespace: openshift-marketplace}\n",
             "plain/cr.yaml": "apiVersion: nfd.openshift.io/v1\nkind: NodeFeatureDiscovery\nmetadata: {name: nfd, namespace: openshift-nfd, annotations: {argocd.argoproj.io/sync-wave: '0'}}\nspec: {}\n"}),
         Expect(finding="SGL308")),
    _row("Applications", "Applications that a chart or folder renders are deployed in turn (app of apps)", "docs/operator-manual/cluster-bootstrapping.md",
         _of({"path": "apps"}, {"apps/child.yaml": text(application(X, name="child", namespace="below"))}),
         Expect(applications=("child", "demo"), resources=("Application argocd/child", "ConfigMap below/seen"))),
    _row("Applications", "an ApplicationSet that an Application deploys is expanded", "applicationset/controllers",
         _of({"path": "apps"}, {"apps/set.yaml": text({"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet", "metadata": {"name": "s", "namespace": "argocd"},
             "spec": {"generators": [{"list": {"elements": [{"e": "one"}]}}], "template": {"metadata": {"name": "g-{{e}}"}, "spec": application(X)["spec"]}}})}),
         Expect(applications=("demo", "g-one"))),
    _row("Applications", "`syncPolicy.syncOptions`, read by rules", "docs/user-guide/sync-options.md",
         _of(X, syncPolicy={"syncOptions": ["CreateNamespace=true", "SkipDryRunOnMissingResource=true"]}), DEPLOYED, "syncPolicy", "syncPolicy.syncOptions"),
    _row("Applications", "`syncPolicy.automated`: the state is judged as synced", "docs/user-guide/auto_sync.md",
         _of(X, syncPolicy={"automated": {"prune": True, "selfHeal": True, "allowEmpty": False, "enabled": False}}), DEPLOYED, "syncPolicy.automated"),
    _row("Applications", "`managedNamespaceMetadata`, read by rules on access", "controller/sync_namespace.go",
         _of(X, syncPolicy={"managedNamespaceMetadata": {"labels": {"a": "b"}}}), DEPLOYED, "syncPolicy.managedNamespaceMetadata"),
    _row("Applications", "`retry`", f"{_TYPES} NextRetryAt", _of(X, syncPolicy={"retry": {"limit": 2}}), DEPLOYED, "syncPolicy.retry",
         status="not relevant"),
    _row("Applications", "`ignoreDifferences` changes what is compared, not what is deployed first", "docs/user-guide/diffing.md",
         _of(X, ignoreDifferences=[{"group": "apps", "kind": "Deployment", "jsonPointers": ["/spec/replicas"]}]), DEPLOYED,
         "ignoreDifferences", status="not relevant"),
    _row("Applications", "`info` and `revisionHistoryLimit`", _TYPES, _of(X, info=[{"name": "a", "value": "b"}], revisionHistoryLimit=3),
         DEPLOYED, "info", "revisionHistoryLimit", status="not relevant"),
    _row("Applications", "`destination.server` and `name`: every cluster is taken for the one", f"{_TYPES} ApplicationDestination",
         _of(X, destination={"name": "in-cluster", "namespace": "there"}), DEPLOYED, "destination.server", "destination.name"),
    _row("Applications", "`project`: what it permits is not asked", f"{_TYPES} AppProjectSpec", _of(X, project="team"), DEPLOYED, "project",
         status="not relevant"),
)  # fmt: skip
