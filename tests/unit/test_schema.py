"""Schemas of built-in and custom kinds: what they accept, each kind of fault, and the schema files themselves."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from signet_lint.schema import SchemaCatalogue
from signet_lint.schema.sources import kubernetes_definitions, schema_folder
from signet_lint.schema.verdict import DEMANDS, FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = "1.33"
MISSING = object()

GOOD_MANIFESTS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}, creationTimestamp: null}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 25%, maxUnavailable: 0}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1.2
          args: [--port, "8080"]
          env: [{name: PORT, value: "8080"}, {name: EMPTY, value: null}]
          ports: [{name: http, containerPort: 8080, protocol: TCP}]
          readinessProbe: {httpGet: {path: /healthz, port: http}}
          resources: {limits: {cpu: 1.5, memory: 1Gi}, requests: {cpu: 500m, memory: 1e9}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: ClusterIP
  selector: {app: web}
  ports: [{name: a, port: 80, targetPort: http}, {name: b, port: 81, targetPort: 8080}]
---
apiVersion: v1
kind: Secret
metadata: {name: token}
data: {token: aHVudGVyMg==}
stringData: {user: admin}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, annotations: null}
data: {LOG_LEVEL: debug, RELEASED: 2025-11-01}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: openshift-gitops, finalizers: [resources-finalizer.argocd.argoproj.io]}
spec:
  project: default
  destination: {server: https://kubernetes.default.svc, namespace: web}
  source:
    repoURL: https://git.example.com/gitops.git
    targetRevision: main
    path: charts/web
    helm:
      valueFiles: [values-common.yaml]
      ignoreMissingValueFiles: true
      parameters: [{name: a.b, value: "1", forceString: true}]
      valuesObject: {anything: {goes: [here, 1]}}
  syncPolicy:
    automated: {prune: true, selfHeal: true}
    syncOptions: [CreateNamespace=true]
    retry: {limit: 5, backoff: {duration: 5s, factor: 2, maxDuration: 3m}}
---
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: envs}
spec:
  goTemplate: true
  goTemplateOptions: [missingkey=error]
  generators:
    - list: {elements: [{name: local, gpu: false}, {name: prod, gpu: true}]}
    - matrix:
        generators:
          - git: {repoURL: https://git.example.com/gitops.git, revision: main, directories: [{path: charts/*}]}
          - clusters: {selector: {matchLabels: {env: prod}}}
  syncPolicy: {applicationsSync: sync, preserveResourcesOnDeletion: false}
  template:
    metadata: {name: "umbrella-{{ .name }}"}
    spec:
      project: default
      destination: {name: "{{ .name }}", namespace: openshift-gitops}
      source: {repoURL: https://git.example.com/gitops.git, path: charts/umbrella}
---
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: signet}
spec:
  sourceRepos: ["*"]
  destinations: [{server: https://kubernetes.default.svc, namespace: "*"}]
  clusterResourceWhitelist: [{group: "*", kind: "*"}]
---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: llm, annotations: {serving.kserve.io/deploymentMode: RawDeployment}}
spec:
  predictor:
    minReplicas: 1
    maxReplicas: 1
    deploymentStrategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}
    nodeSelector: {nvidia.com/gpu.present: "true"}
    tolerations: [{key: nvidia.com/gpu, operator: Exists, effect: NoSchedule}]
    model:
      modelFormat: {name: vLLM}
      runtime: vllm-cuda-runtime
      storageUri: hf://org/model
      args: [--max-model-len=8192]
      resources: {limits: {nvidia.com/gpu: 1, memory: 24Gi}}
---
apiVersion: serving.kserve.io/v1alpha1
kind: ServingRuntime
metadata: {name: vllm-cuda-runtime}
spec:
  multiModel: false
  supportedModelFormats: [{name: vLLM, autoSelect: true, priority: 1}]
  containers:
    - name: kserve-container
      image: registry.example.com/vllm:0.11
      command: [python, -m, vllm.entrypoints.openai.api_server]
      ports: [{containerPort: 8080, protocol: TCP}]
---
apiVersion: serving.kserve.io/v1alpha1
kind: ClusterServingRuntime
metadata: {name: vllm}
spec: {containers: [{name: kserve-container, image: registry.example.com/vllm:0.11}]}
---
apiVersion: serving.kserve.io/v1alpha1
kind: LLMInferenceService
metadata: {name: llm-d}
spec:
  model: {uri: hf://org/model, name: org/model}
  replicas: 1
  router: {route: {}, gateway: {}, scheduler: {}}
  template: {containers: [{name: main, resources: {limits: {nvidia.com/gpu: "1"}}}]}
---
apiVersion: datasciencecluster.opendatahub.io/v2
kind: DataScienceCluster
metadata: {name: default-dsc}
spec:
  components:
    kserve: {managementState: Managed, rawDeploymentServiceConfig: Headed, nim: {managementState: Removed}}
    kueue: {managementState: Unmanaged}
    dashboard: {managementState: Managed}
---
apiVersion: datasciencecluster.opendatahub.io/v1
kind: DataScienceCluster
metadata: {name: default-dsc}
spec: {components: {kueue: {managementState: Managed}, codeflare: {managementState: Removed}}}
---
apiVersion: dscinitialization.opendatahub.io/v2
kind: DSCInitialization
metadata: {name: default-dsci}
spec: {applicationsNamespace: redhat-ods-applications, monitoring: {managementState: Managed}}
---
apiVersion: infrastructure.opendatahub.io/v1
kind: HardwareProfile
metadata: {name: gpu}
spec:
  identifiers:
    - {displayName: GPU, identifier: nvidia.com/gpu, minCount: 1, defaultCount: "1", resourceType: Accelerator}
---
apiVersion: operators.coreos.com/v1alpha1
kind: Subscription
metadata: {name: rhods-operator, namespace: redhat-ods-operator}
spec: {name: rhods-operator, channel: fast-3.x, source: redhat-operators, sourceNamespace: openshift-marketplace,
  installPlanApproval: Automatic, config: {env: [{name: A, value: b}]}}
---
apiVersion: operators.coreos.com/v1
kind: OperatorGroup
metadata: {name: nfd}
spec: {targetNamespaces: [openshift-nfd], upgradeStrategy: Default}
---
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: web}
spec:
  host: ""
  to: {kind: Service, name: web, weight: 100}
  port: {targetPort: http}
  tls: {termination: edge, insecureEdgeTerminationPolicy: Redirect}
---
apiVersion: nvidia.com/v1
kind: ClusterPolicy
metadata: {name: gpu-cluster-policy}
spec:
  daemonsets: {tolerations: [{key: nvidia.com/gpu, operator: Exists}]}
  dcgm: {}
  dcgmExporter: {}
  devicePlugin: {config: {name: time-slicing, default: l40s}}
  driver: {enabled: true}
  gfd: {}
  mig: {strategy: none}
  nodeStatusExporter: {}
  operator: {}
  toolkit: {}
---
apiVersion: machine.openshift.io/v1beta1
kind: MachineSet
metadata: {name: gpu, namespace: openshift-machine-api}
spec:
  replicas: 1
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec:
      metadata: {labels: {node-role.kubernetes.io/gpu: ""}}
      taints: [{key: nvidia.com/gpu, value: "true", effect: NoSchedule}]
      providerSpec: {value: {instanceType: g6e.xlarge, blockDevices: [{ebs: {volumeSize: 120}}]}}
---
apiVersion: autoscaling.openshift.io/v1beta1
kind: MachineAutoscaler
metadata: {name: gpu}
spec:
  minReplicas: 0
  maxReplicas: 2
  scaleTargetRef: {apiVersion: machine.openshift.io/v1beta1, kind: MachineSet, name: gpu}
---
apiVersion: autoscaling.openshift.io/v1
kind: ClusterAutoscaler
metadata: {name: default}
spec: {resourceLimits: {gpus: [{type: nvidia.com/gpu, min: 0, max: 4}]}, scaleDown: {enabled: true, unneededTime: 10m}}
---
apiVersion: nfd.openshift.io/v1
kind: NodeFeatureDiscovery
metadata: {name: nfd-instance, namespace: openshift-nfd}
spec: {instance: "", operand: {servicePort: 12000}, workerConfig: {configData: "core: {}"}, extraLabelNs: null}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: web}
spec: {selector: {matchLabels: {app: web}}, endpoints: [{port: http, path: /metrics, interval: 30s, scheme: http}]}
---
apiVersion: secrets.hashicorp.com/v1beta1
kind: VaultStaticSecret
metadata: {name: hf-token}
spec: {mount: gitops, path: llm/hf, type: kv-v2, refreshAfter: 1h, destination: {name: hf-token, create: true}}
---
apiVersion: secrets.hashicorp.com/v1beta1
kind: VaultAuth
metadata: {name: default}
spec: {method: kubernetes, mount: kubernetes, kubernetes: {role: gitops, serviceAccount: default}}
---
apiVersion: secrets.hashicorp.com/v1beta1
kind: VaultConnection
metadata: {name: default}
spec: {address: "http://vault.vault.svc:8200", skipTLSVerify: false}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: web}
spec:
  secretName: web-tls
  dnsNames: [web.example.com]
  issuerRef: {name: ca, kind: ClusterIssuer}
  privateKey: {rotationPolicy: Always}
---
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: {name: letsencrypt}
spec: {acme: {server: "https://acme.example.com", privateKeySecretRef: {name: key}, solvers: [{http01: {ingress: {}}}]}}
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: self}
spec: {selfSigned: {}}
"""


def _documents() -> dict[str, dict[str, Any]]:
    documents = yaml.safe_load_all(GOOD_MANIFESTS)
    return {f"{document['apiVersion']}/{document['kind']}": document for document in documents}


GOOD = _documents()
BY_KIND = {document["kind"]: document for document in reversed(GOOD.values())}
SCHEMA_FILES = sorted(schema_folder().glob("*_*_*.json"))


@pytest.fixture(scope="module")
def catalogue() -> SchemaCatalogue:
    return SchemaCatalogue(VERSION)


def changed(kind: str, path: str, value: Any) -> dict[str, Any]:
    """The good manifest of ``kind`` with the value at the dotted ``path`` replaced, added or (MISSING) removed."""
    document = deepcopy(BY_KIND[kind])
    *parents, last = [int(step) if step.isdecimal() else step for step in path.split(".")]
    target: Any = document
    for step in parents:
        target = target[step] if isinstance(step, int) else target.setdefault(step, {})
    if value is MISSING:
        del target[last]
    else:
        target[last] = value
    return document


@pytest.mark.parametrize("name", GOOD)
def test_good_manifest_has_no_faults(catalogue: SchemaCatalogue, name: str) -> None:
    """A manifest as it should be is accepted without a word."""
    assert catalogue.validate(GOOD[name]) == []


def test_every_custom_kind_has_a_good_manifest() -> None:
    """No schema of ours goes without the manifest that proves it can be met."""
    kinds = {json.loads(path.read_text())["x-kubernetes-group-version-kind"][0]["kind"] for path in SCHEMA_FILES}
    assert kinds <= BY_KIND.keys()


POD = "spec.template.spec"


@dataclass(frozen=True)
class Broken:
    """A good manifest with one value changed, and the fault to be found at ``at`` (by default at ``path``)."""

    kind: str
    path: str
    value: Any
    fault: str
    words: str = ""
    at: str = ""


FAULTS = [
    Broken("Deployment", "spec.replica", 2, "unknown-field"),
    Broken("Deployment", "specs", {}, "unknown-field", "`specs` is not a field of Deployment"),
    Broken(
        "Deployment",
        f"{POD}.containers.0.imagepullpolicy",
        "Always",
        "unknown-field",
        "did you mean `imagePullPolicy`?",
    ),
    Broken("Deployment", f"{POD}.containers.0.imagePullPolicy", "always", "bad-enum", "did you mean `Always`?"),
    Broken(
        "Deployment",
        f"{POD}.containers.0.args.1",
        8080,
        "wrong-type",
        "`args[1]` of Deployment spec.template.spec.containers[0] is the number 8080, but must be a string; quote it",
    ),
    Broken("Deployment", f"{POD}.containers.0.env.0.value", True, "wrong-type", "the boolean true"),
    Broken("Deployment", f"{POD}.containers", None, "wrong-type", "null, but must be a list"),
    Broken(
        "Deployment",
        f"{POD}.containers.0.name",
        MISSING,
        "missing-field",
        "`name` is missing from",
        at=f"{POD}.containers.0",
    ),
    Broken("Deployment", f"{POD}.containers.0.resources.limits.memory", "24GB", "bad-value", "must be a quantity"),
    Broken("Deployment", f"{POD}.containers.0.resources.limits.cpu", True, "wrong-type", "a number or a string"),
    Broken("Deployment", f"{POD}.containers.0.ports.0.containerPort", "8080", "wrong-type", "; remove the quotes"),
    Broken("Deployment", f"{POD}.containers.0.ports.0.containerPort", 10**10, "bad-value", "must fit in 32 bits"),
    Broken("Deployment", f"{POD}.containers.0.readinessProbe.httpGet.port", [], "wrong-type", "an integer or a string"),
    Broken(
        "Deployment",
        f"{POD}.tolerations",
        [{"effect": "Noschedule"}],
        "bad-enum",
        "must be `NoSchedule`, `PreferNoSchedule` or `NoExecute`; did you mean `NoSchedule`?",
        at=f"{POD}.tolerations.0.effect",
    ),
    Broken("Deployment", "spec.strategy.type", "Rolling", "bad-enum", "`Recreate` or `RollingUpdate`"),
    Broken(
        "Deployment", "spec.selector", MISSING, "missing-field", "`selector` is missing from Deployment spec", at="spec"
    ),
    Broken(
        "Deployment", "metadata.labels.version", 1.0, "wrong-type", "the number 1.0, but must be a string; quote it"
    ),
    Broken("Deployment", "metadata.annotation", {}, "unknown-field", "did you mean `annotations`?"),
    Broken("Deployment", "spec.replicas", 1.5, "wrong-type", "must be an integer"),
    Broken("Service", "spec.ports", {}, "wrong-type", "an object, but must be a list"),
    Broken("Secret", "data.token", "no base64!", "bad-value", "`token` of Secret data is a string, but must be base64"),
    Broken("Secret", "stringData.pin", 4711, "wrong-type", "`pin` of Secret stringData is an integer"),
    Broken("ConfigMap", "data.PORT", 8080, "wrong-type"),
    Broken(
        "Application",
        "spec.source.helm.valuesFiles",
        [],
        "unknown-field",
        "did you mean `valueFiles`, which is set as well?",
    ),
    Broken("Application", "spec.source.helm.parameters.0.value", True, "wrong-type", "; quote it"),
    Broken("Application", "spec.project", MISSING, "missing-field", at="spec"),
    Broken("Application", "spec.syncPolicy.automated.prune", "true", "wrong-type", "; remove the quotes"),
    Broken("Application", "spec.syncPolicy.automated.selfheal", True, "unknown-field"),
    Broken("ApplicationSet", "spec.generators.1.matrix.generators.0.git.repoUrl", "", "unknown-field"),
    Broken("ApplicationSet", "spec.generators.0.list.element", [], "unknown-field", "did you mean"),
    Broken("ApplicationSet", "spec.template.spec.sources", {}, "wrong-type"),
    Broken("ApplicationSet", "spec.syncPolicy.applicationsSync", "create", "bad-enum", "`create-only`"),
    Broken(
        "AppProject",
        "spec.destinations.0.cluster",
        "a",
        "unknown-field",
        "its fields are `name`, `namespace` and `server`",
    ),
    Broken("InferenceService", "spec.predictor.model.runtimeName", "x", "unknown-field"),
    Broken("InferenceService", "spec.predictor.minReplica", 1, "unknown-field", "minReplicas"),
    Broken("InferenceService", "spec.predictor.nodeSelector.gpu", True, "wrong-type", "; quote it"),
    Broken(
        "InferenceService",
        "spec.predictor.model.modelFormat.name",
        MISSING,
        "missing-field",
        at="spec.predictor.model.modelFormat",
    ),
    Broken("InferenceService", "spec.predictor.scaleMetric", "gpu", "bad-enum"),
    Broken("InferenceService", "spec.predictor", MISSING, "missing-field", at="spec"),
    Broken("ServingRuntime", "spec.runtimeClassName", "nvidia", "unknown-field"),
    Broken("ServingRuntime", "spec.supportedModelFormats.0.priority", 0, "bad-value", "must be at least 1"),
    Broken("ServingRuntime", "spec.containers", MISSING, "missing-field", at="spec"),
    Broken("ClusterServingRuntime", "spec.containers.0.image", 1, "wrong-type"),
    Broken("LLMInferenceService", "spec.model.uri", MISSING, "missing-field", at="spec.model"),
    Broken(
        "DataScienceCluster", "spec.components.kserve.managementState", "Enabled", "bad-enum", "`Managed` or `Removed`"
    ),
    Broken(
        "DataScienceCluster", "spec.components.kueue.managementState", "Managed", "bad-enum", "`Unmanaged` or `Removed`"
    ),
    Broken("DataScienceCluster", "spec.components.kserve.serving", {}, "unknown-field"),
    Broken("DataScienceCluster", "spec.components.modelmeshserving", {}, "unknown-field"),
    Broken("DSCInitialization", "spec.serviceMesh", {}, "unknown-field"),
    Broken("HardwareProfile", "spec.identifiers.0.minCount", True, "wrong-type", "an integer or a string"),
    Broken("Subscription", "spec.sourceNamespace", MISSING, "missing-field", at="spec"),
    Broken("Subscription", "spec.chanel", "stable", "unknown-field", "`channel`"),
    Broken("OperatorGroup", "spec.targetNamespaces", "openshift-nfd", "wrong-type"),
    Broken("Route", "spec.tls.termination", "Edge", "bad-enum", "did you mean `edge`?"),
    Broken("Route", "spec.to.weight", 300, "bad-value", "must be at most 256"),
    Broken("Route", "spec.path", "api", "bad-value"),
    Broken("ClusterPolicy", "spec.gfd", MISSING, "missing-field", at="spec"),
    Broken("ClusterPolicy", "spec.mig.strategy", "all", "bad-enum"),
    Broken("MachineSet", "spec.template.spec.taints.0.value", True, "wrong-type"),
    Broken("MachineSet", "spec.template.spec.provider", {}, "unknown-field"),
    Broken("MachineAutoscaler", "spec.maxReplicas", 0, "bad-value", "must be at least 1"),
    Broken("ClusterAutoscaler", "spec.scaleDown.uneededTime", "1m", "unknown-field", "did you mean"),
    Broken("NodeFeatureDiscovery", "spec.workerConfig.configData", {}, "wrong-type"),
    Broken("ServiceMonitor", "spec.endpoints.0.interval", "30 s", "bad-value", "must match"),
    Broken("VaultStaticSecret", "spec.type", "kv", "bad-enum", "`kv-v1` or `kv-v2`"),
    Broken("VaultAuth", "spec.kubernetes.serviceAcount", "x", "unknown-field"),
    Broken("VaultConnection", "spec.address", MISSING, "missing-field", at="spec"),
    Broken("Certificate", "spec.issuerRef.name", MISSING, "missing-field", at="spec.issuerRef"),
    Broken("ClusterIssuer", "spec.acme.solvers.0.http01.ingres", {}, "unknown-field", "`ingress`"),
    Broken("Issuer", "spec.selfsigned", {}, "unknown-field"),
]


@pytest.mark.parametrize("broken", FAULTS, ids=lambda broken: f"{broken.kind}-{broken.path}-{broken.fault}")
def test_fault_is_found_where_it_is(catalogue: SchemaCatalogue, broken: Broken) -> None:
    """One fault put into a good manifest is found alone, by kind, path and message."""
    errors = catalogue.validate(changed(broken.kind, broken.path, broken.value))
    assert errors is not None
    assert [error.kind for error in errors] == [broken.fault]
    assert ".".join(map(str, errors[0].path)) == (broken.at or broken.path)
    assert broken.words in errors[0].message


def test_message_puts_the_subject_first(catalogue: SchemaCatalogue) -> None:
    """The whole message of a misspelled field, and of one whose right spelling stands beside it."""
    document = changed("Deployment", "spec.replica", 2)
    (beside,) = catalogue.validate(document) or []
    del document["spec"]["replicas"]
    (alone,) = catalogue.validate(document) or []
    assert (alone.field, beside.field) == ("replica", "replica")
    assert alone.message == "`replica` is not a field of Deployment spec; did you mean `replicas`?"
    assert beside.message.endswith("; did you mean `replicas`, which is set as well?")


def test_all_faults_come_at_once_in_order(catalogue: SchemaCatalogue) -> None:
    """Faults are complete, without doubles, and sorted by path with list indexes as numbers."""
    document = changed("Deployment", f"{POD}.containers.0.args", ["a", *range(11)])
    document["metadata"]["labels"]["n"] = 1
    document["spec"]["strategy"]["kind"] = "x"
    paths = [error.path for error in catalogue.validate(document) or []]
    arguments = [("spec", "template", "spec", "containers", 0, "args", index) for index in range(1, 12)]
    assert paths == [("metadata", "labels", "n"), ("spec", "strategy", "kind"), *arguments]


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        pytest.param("Deployment", "spec.replicas", 2.0, id="integral-float"),
        pytest.param("Deployment", "spec.replicas", None, id="null-in-a-built-in-kind"),
        pytest.param("InferenceService", "spec.predictor.model.args", None, id="null-in-a-custom-kind"),
        pytest.param("InferenceService", "spec.predictor.nodeSelector.gpu", None, id="null-in-a-map"),
        pytest.param("Deployment", f"{POD}.containers.0.imagePullPolicy", "", id="empty-enum"),
        pytest.param("Deployment", "spec.strategy.rollingUpdate.maxSurge", 1, id="int-or-string-as-int"),
        pytest.param("Deployment", "status", {}, id="status"),
        pytest.param("ConfigMap", "data.DAY", date(2025, 11, 1), id="yaml-date"),
        pytest.param("MachineSet", "spec.template.spec.providerSpec.value.any", [{"x": 1}], id="open-object"),
        pytest.param("InferenceService", "status", {"anything": 1}, id="open-status"),
    ],
)
def test_what_the_api_server_takes_is_no_fault(catalogue: SchemaCatalogue, kind: str, path: str, value: Any) -> None:
    """Other right ways to write a value stay silent."""
    assert catalogue.validate(changed(kind, path, value)) == []


@pytest.mark.parametrize(
    "document",
    [
        {"apiVersion": "example.com/v1", "kind": "Widget"},
        {"apiVersion": "serving.kserve.io/v9", "kind": "InferenceService"},
        {"apiVersion": "policy/v1beta1", "kind": "PodDisruptionBudget"},
        {"apiVersion": "apps.openshift.io/v1", "kind": "Deployment"},
        {"apiVersion": "../argoproj.io/v1alpha1", "kind": "Application"},
        {"kind": "Deployment"},
        {"apiVersion": 1, "kind": "Deployment"},
        {},
    ],
    ids=str,
)
def test_unknown_kind_has_no_verdict(catalogue: SchemaCatalogue, document: dict[str, Any]) -> None:
    """Without a schema there is no list of faults, not even an empty one."""
    assert catalogue.validate(document) is None


def test_describes_tells_schema_from_none(catalogue: SchemaCatalogue) -> None:
    """Callers can count the kinds that were not looked at."""
    assert catalogue.describes("apps/v1", "Deployment")
    assert not catalogue.describes("apps/v9", "Deployment")


@pytest.mark.parametrize("version", ["v1.33.4+e2d1", "1.32", "1.99", "1.2"])
def test_versions_without_files_take_the_nearest_older(version: str) -> None:
    """Any Kubernetes version can be asked for."""
    assert SchemaCatalogue(version).validate(BY_KIND["Service"]) == []


def test_version_chooses_the_definitions() -> None:
    """A field that Kubernetes 1.33 brought is unknown to 1.32."""
    document = changed("Deployment", f"{POD}.containers.0.lifecycle", {"stopSignal": "SIGINT"})
    assert SchemaCatalogue("1.33").validate(document) == []
    assert [error.field for error in SchemaCatalogue("1.32").validate(document) or []] == ["stopSignal"]


BUNDLE = {"name": "a", "projected": {"sources": [{"clusterTrustBundle": 1}]}}


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        pytest.param("InferenceService", "spec.predictor.schedulingGates", [{"name": 1}], id="field-of-a-type"),
        pytest.param("Subscription", "spec.config.volumes", [BUNDLE], id="type"),
    ],
)
def test_what_an_old_kubernetes_lacks_is_not_judged(kind: str, path: str, value: Any) -> None:
    """A custom kind's own field of a type that the cluster's Kubernetes does not have is left alone."""
    document = changed(kind, path, value)
    assert [error.kind for error in SchemaCatalogue("1.33").validate(document) or []] == ["wrong-type"]
    assert SchemaCatalogue("1.25").validate(document) == []


def test_null_is_no_excuse_for_a_wrong_name(catalogue: SchemaCatalogue) -> None:
    """An unknown field counts even without a value, an optional one without a value does not."""
    document = changed("Application", "spec.syncPolicy.automated", None)
    document["spec"]["syncpolicy"] = None
    assert [error.field for error in catalogue.validate(document) or []] == ["syncpolicy"]


def test_end_of_a_pattern_is_the_end_of_the_text(catalogue: SchemaCatalogue) -> None:
    """A line break after a duration breaks its pattern, which is shown as the schema has it."""
    (error,) = catalogue.validate(changed("ServiceMonitor", "spec.endpoints.0.interval", "30s\n")) or []
    assert error.kind == "bad-value"
    assert error.message.endswith("$")


def test_what_is_no_version_is_refused() -> None:
    """A version that cannot be read is an error, not a guess."""
    with pytest.raises(ValueError, match="latest"):
        SchemaCatalogue("latest").validate(BY_KIND["Service"])


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        for value in schema.values():
            yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)


def _subschemas(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for group in ("properties", "$defs"):
        for child in schema.get(group, {}).values():
            yield from _subschemas(child)
    for word in ("items", "additionalProperties"):
        if isinstance(schema.get(word), dict):
            yield from _subschemas(schema[word])


@pytest.fixture(scope="module")
def registry() -> Registry[Any]:
    """The Kubernetes definitions under the addresses that our schemas use, for the reference implementation."""
    definitions = kubernetes_definitions(VERSION).items()
    return Registry().with_resources(
        [(f"kubernetes:{name}", DRAFT202012.create_resource(schema)) for name, schema in definitions]
    )


@pytest.mark.parametrize("path", SCHEMA_FILES, ids=lambda path: path.stem)
def test_schema_file_is_sound(path: Any, registry: Registry[Any]) -> None:
    """A schema file is valid JSON Schema, says what it describes, and every reference in it resolves."""
    schema = json.loads(path.read_text())
    Draft202012Validator.check_schema(schema)
    (gvk,) = schema["x-kubernetes-group-version-kind"]
    assert path.name == f"{gvk['group']}_{gvk['kind']}_{gvk['version']}.json".lower()
    assert schema["title"] == f"{gvk['kind']} ({gvk['group']}/{gvk['version']})"
    assert ".yaml, " in schema["description"]
    resolver = registry.resolver_with_root(DRAFT202012.create_resource(schema))
    for reference in _references(schema):
        resolver.lookup(reference)


SILENT = {"$defs", "$id", "$ref", "$schema", "default", "description", "items", "properties", "title"}
FORMATS_LEFT_ALONE = {"date-time", "double"}


def _unworded(schema: dict[str, Any]) -> set[str]:
    """The keywords and formats of a schema that would be passed over or told without words of their own."""
    worded = SILENT | DEMANDS.keys() | {"additionalProperties", "const", "enum", "format", "required", "type"}
    parts = list(_subschemas(schema))
    formats = {part["format"] for part in parts if "format" in part}
    words = {word for part in parts for word in part if not word.startswith("x-")}
    return (words - worded) | (formats - FORMATS.keys() - FORMATS_LEFT_ALONE)


@pytest.mark.parametrize("path", SCHEMA_FILES, ids=lambda path: path.stem)
def test_schema_file_is_heeded_whole(path: Any) -> None:
    """Every demand of a schema file has its words; objects are closed or declare what they are open to."""
    schema = json.loads(path.read_text())
    assert _unworded(schema) == set()
    assert all("additionalProperties" in part or "properties" not in part for part in _subschemas(schema))


@pytest.mark.parametrize("version", ["1.25", VERSION, "1.99"])
def test_kubernetes_definitions_are_heeded_whole(version: str) -> None:
    """Every demand of the Kubernetes definitions has its words, and every reference in them leads somewhere."""
    definitions = kubernetes_definitions(version)
    assert {word for schema in definitions.values() for word in _unworded(schema)} == set()
    assert set(_references(definitions)) <= {f"kubernetes:{name}" for name in definitions}


def test_enums_name_real_fields() -> None:
    """Every entry of the table of closed enums is a string field of the Kubernetes definitions."""
    definitions = kubernetes_definitions(VERSION)
    table = json.loads((schema_folder() / "kubernetes_enums.json").read_text())["enums"]
    fields = [definitions[name]["properties"][field] for name, entry in table.items() for field in entry]
    assert all("string" in field.get("items", field)["type"] for field in fields)


def _mutations(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every path of a document with other values for it; ``MISSING`` stands for its removal."""
    if path and path not in (("apiVersion",), ("kind",)):
        yield from ((path, other) for other in (7, "no", True, [], {}, MISSING))
    if isinstance(value, dict):
        yield (*path, "surplus"), "x"
        for key, inner in value.items():
            yield from _mutations(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _mutations(inner, (*path, index))


@pytest.mark.parametrize(
    "kind", ["InferenceService", "Route", "MachineAutoscaler", "ClusterPolicy", "VaultStaticSecret"]
)
def test_verdict_is_that_of_the_reference_implementation(
    catalogue: SchemaCatalogue, registry: Registry[Any], kind: str
) -> None:
    """Whatever is changed in a manifest, jsonschema rejects it exactly when faults other than formats are found."""
    document = BY_KIND[kind]
    group, version = document["apiVersion"].split("/")
    schema = json.loads((schema_folder() / f"{group}_{kind.lower()}_{version}.json").read_text())
    reference = Draft202012Validator(schema, registry=registry)
    for path, value in _mutations(document):
        mutant = deepcopy(document)
        target: Any = mutant
        for step in path[:-1]:
            target = target[step]
        if value is MISSING:
            del target[path[-1]]
        else:
            target[path[-1]] = value
        faults = [error for error in catalogue.validate(mutant) or [] if "must be a quantity" not in error.message]
        assert bool(faults) != reference.is_valid(mutant), (path, value, faults)
