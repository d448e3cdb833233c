"""The catalogues: every entry is sourced, and the accessors decide as Kubernetes, Argo CD and the servers do."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import resources

import pytest

from signet_lint.catalogue import instance_types, kinds, model_servers, nodes, rbac
from signet_lint.catalogue.command_words import statements

FILES = sorted(
    entry.name for entry in resources.files("signet_lint.catalogue").iterdir() if entry.name.endswith(".json")
)
SECTIONS = [
    pytest.param(rows, id=f"{name}:{section}")
    for name in FILES
    for section, rows in json.loads(resources.files("signet_lint.catalogue").joinpath(name).read_text("utf-8")).items()
]
VLLM_CUDA = "registry.redhat.io/rhaiis/vllm-cuda-rhel9@sha256:" + "a" * 64
API_SERVER = "vllm.entrypoints.openai.api_server"


def identity(row: dict) -> str:
    """What may occur once only: all that is said, but for the source."""
    names = (
        "group",
        "kind",
        "installation",
        "api_groups",
        "role",
        "name",
        "pattern",
        "flags",
        "names",
        "package",
        "component",
    )
    return json.dumps([row.get(name) for name in names])


@pytest.mark.parametrize("rows", SECTIONS)
def test_every_entry_has_a_source_and_is_unique(rows):
    """A fact without a source, or said twice, does not belong in a catalogue."""
    assert rows
    assert [row for row in rows if not str(row.get("source", "")).strip()] == []
    identities = [identity(row) for row in rows]
    assert len(identities) == len(set(identities))


def test_patterns_compile_and_entries_load():
    """Every regular expression is valid and every row fits its dataclass."""
    content = json.loads(resources.files("signet_lint.catalogue").joinpath("model_servers.json").read_text("utf-8"))
    patterns = [image for section in ("servers", "not_servers") for row in content[section] for image in row["images"]]
    patterns += [row["pattern"] for row in content["cpu_images"]]
    patterns += [row[field] for row in content["cpu_env"] for field in ("name", "value")]
    patterns += [row["value"] for row in content["cpu_args"] if row["value"] is not None]
    assert all(re.compile(pattern) for pattern in patterns)
    assert all((kinds.entries(), model_servers.entries(), nodes.labels(), nodes.accelerators(), nodes.gpus()))
    assert all((instance_types.entries(), instance_types.quotas(), rbac.installations()))


def test_importing_reads_no_file():
    """Nothing is loaded at import time, and no YAML library is needed."""
    code = (
        "import sys; from signet_lint.catalogue import instance_types, kinds, model_servers, nodes, rbac; "
        "loaded = [kinds.entries.cache_info().currsize, rbac._content.cache_info().currsize, "
        "model_servers._content.cache_info().currsize, nodes.labels.cache_info().currsize]; "
        "sys.exit(1 if any(loaded) or 'yaml' in sys.modules else 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


KINDS = [
    ("", "Namespace", "namespaces", True, "builtin"),
    ("", "Endpoints", "endpoints", False, "builtin"),
    ("apps", "Deployment", "deployments", False, "builtin"),
    ("networking.k8s.io", "Ingress", "ingresses", False, "builtin"),
    ("networking.k8s.io", "NetworkPolicy", "networkpolicies", False, "builtin"),
    ("storage.k8s.io", "StorageClass", "storageclasses", True, "builtin"),
    ("extensions", "Ingress", "ingresses", False, "builtin"),
    ("route.openshift.io", "Route", "routes", False, "builtin"),
    ("project.openshift.io", "Project", "projects", True, "builtin"),
    ("security.openshift.io", "SecurityContextConstraints", "securitycontextconstraints", True, "builtin"),
    ("config.openshift.io", "Ingress", "ingresses", True, "builtin"),
    ("operator.openshift.io", "IngressController", "ingresscontrollers", False, "builtin"),
    ("operator.openshift.io", "DNS", "dnses", True, "builtin"),
    ("operator.openshift.io", "CertManager", "certmanagers", True, "csv"),
    ("operator.openshift.io", "IstioCSR", "istiocsrs", False, "csv"),
    ("machine.openshift.io", "MachineSet", "machinesets", False, "builtin"),
    ("autoscaling.openshift.io", "ClusterAutoscaler", "clusterautoscalers", True, "builtin"),
    ("autoscaling.openshift.io", "MachineAutoscaler", "machineautoscalers", False, "builtin"),
    ("operators.coreos.com", "OperatorGroup", "operatorgroups", False, "builtin"),
    ("operators.coreos.com", "Operator", "operators", True, "builtin"),
    ("monitoring.coreos.com", "Prometheus", "prometheuses", False, "builtin"),
    ("datasciencecluster.opendatahub.io", "DataScienceCluster", "datascienceclusters", True, "csv"),
    ("infrastructure.opendatahub.io", "HardwareProfile", "hardwareprofiles", False, "csv"),
    ("serving.kserve.io", "InferenceService", "inferenceservices", False, "operand"),
    ("serving.kserve.io", "ClusterServingRuntime", "clusterservingruntimes", True, "operand"),
    ("nvidia.com", "ClusterPolicy", "clusterpolicies", True, "csv"),
    ("nfd.openshift.io", "NodeFeatureDiscovery", "nodefeaturediscoveries", False, "csv"),
    ("cert-manager.io", "ClusterIssuer", "clusterissuers", True, "csv"),
    ("secrets.hashicorp.com", "VaultStaticSecret", "vaultstaticsecrets", False, "csv"),
    ("redhatcop.redhat.io", "Namespace", "namespaces", False, "csv"),
    ("redhatcop.redhat.io", "Policy", "policies", False, "csv"),
    ("tekton.dev", "PipelineRun", "pipelineruns", False, "operand"),
    ("triggers.tekton.dev", "ClusterTriggerBinding", "clustertriggerbindings", True, "operand"),
    ("operator.tekton.dev", "TektonConfig", "tektonconfigs", True, "csv"),
    ("pipelines.openshift.io", "GitopsService", "gitopsservices", True, "csv"),
    ("kueue.x-k8s.io", "ResourceFlavor", "resourceflavors", True, "operand"),
    ("couchbase.com", "CouchbaseCluster", "couchbaseclusters", False, "csv"),
]


@pytest.mark.parametrize(
    ("group", "kind", "plural", "cluster", "provenance"), KINDS, ids=[f"{k[1]}.{k[0]}" for k in KINDS]
)
def test_kind(group, kind, plural, cluster, provenance):
    """Plural, scope and provenance of a kind depend on its group, never on the kind alone."""
    entry = kinds.lookup(group, kind)
    assert entry is not None
    assert (entry.plural, kinds.is_cluster_scoped(group, kind), entry.provenance) == (plural, cluster, provenance)
    assert kinds.is_builtin(group, kind) is (provenance == "builtin")


def test_unknown_kind():
    """An unknown kind has no scope, rather than a guessed one."""
    assert kinds.lookup("example.com", "Widget") is None
    assert kinds.is_cluster_scoped("example.com", "Widget") is None
    assert not kinds.is_builtin("example.com")


def test_builtin_groups():
    """A group is the cluster's where any kind of it is."""
    assert kinds.is_builtin("")
    assert kinds.is_builtin("route.openshift.io")
    assert not kinds.is_builtin("serving.kserve.io")


def test_operators_of_kinds():
    """What is owned by a CSV or started by an operator names the package; what is built in does not."""
    for entry in kinds.entries():
        assert (entry.operator is not None) is (entry.provenance in {"csv", "operand"}), entry


def rule(groups="", resources="pods", verbs="*", names=""):
    return rbac.PolicyRule(
        tuple(groups.split(",")), tuple(resources.split()), tuple(verbs.split()), tuple(names.split())
    )


MATCHES = [
    pytest.param([rule()], ("", "pods", "get delete", None), "", id="exact"),
    pytest.param([rule("apps")], ("", "pods", "get", None), "get", id="other-group"),
    pytest.param([rule("*")], ("apps", "pods", "get", None), "", id="any-group"),
    pytest.param([rule(resources="*")], ("", "secrets", "get", None), "", id="any-resource"),
    pytest.param([rule(resources="*")], ("", "pods/log", "get", None), "", id="any-resource-covers-subresources"),
    pytest.param([rule(resources="pods/*")], ("", "pods", "get", None), "get", id="subresources-do-not-cover-resource"),
    pytest.param([rule(resources="pods/log")], ("", "pods", "get", None), "get", id="one-subresource-is-not-resource"),
    pytest.param([rule(resources="pods")], ("", "pods/log", "get", None), "get", id="resource-is-not-subresource"),
    pytest.param([rule(resources="*/scale")], ("", "pods/scale", "get", None), "", id="any-resource-one-subresource"),
    pytest.param(
        [rule(resources="*/scale")], ("", "pods/log", "get", None), "get", id="any-resource-other-subresource"
    ),
    pytest.param([rule(verbs="get")], ("", "pods", "get list", None), "list", id="missing-verb"),
    pytest.param([rule(verbs="get"), rule(verbs="list")], ("", "pods", "get list", None), "", id="two-rules-together"),
    pytest.param([rule(names="a")], ("", "pods", "get update", "a"), "", id="named-object"),
    pytest.param([rule(names="a")], ("", "pods", "get", "b"), "get", id="other-name"),
    pytest.param([rule(names="a")], ("", "pods", "get", None), "get", id="names-do-not-cover-all-objects"),
    pytest.param(
        [rule(names="a")], ("", "pods", "create list watch get", "a"), "create list watch", id="nameless-verbs"
    ),
    pytest.param([], ("", "pods", "get", None), "get", id="no-rules"),
    pytest.param([rule(resources="Pods")], ("", "pods", "get", None), "get", id="case-matters"),
    pytest.param([rule("apps,")], ("", "pods", "get", None), "", id="core-among-groups"),
]


@pytest.mark.parametrize(("rules", "wanted", "missing"), MATCHES)
def test_rules_allow(rules, wanted, missing):
    """Rules match as Kubernetes' authorizer matches them."""
    group, resource, verbs, name = wanted
    assert rbac.rules_allow(rules, group, resource, verbs.split(), name) == frozenset(missing.split())


WRITE = frozenset({"create", "update", "patch", "delete"})
MANAGE = ["get", "list", "watch", *sorted(WRITE)]
CLUSTER_WIDE = [
    ("", "namespaces", frozenset()),
    ("", "configmaps", frozenset()),
    ("rbac.authorization.k8s.io", "clusterrolebindings", frozenset()),
    ("operators.coreos.com", "subscriptions", frozenset()),
    ("machine.openshift.io", "machinesets", frozenset()),
    ("operator.openshift.io", "certmanagers", frozenset()),
    ("", "secrets", WRITE),
    ("", "serviceaccounts", WRITE),
    ("apps", "deployments", WRITE),
    ("autoscaling.openshift.io", "clusterautoscalers", WRITE),
    ("autoscaling.openshift.io", "machineautoscalers", WRITE),
    ("datasciencecluster.opendatahub.io", "datascienceclusters", WRITE),
    ("nvidia.com", "clusterpolicies", WRITE),
    ("scheduling.k8s.io", "priorityclasses", WRITE),
    ("apiextensions.k8s.io", "customresourcedefinitions", WRITE),
]


@pytest.mark.parametrize(("group", "resource", "missing"), CLUSTER_WIDE, ids=[f"{r}.{g}" for g, r, _ in CLUSTER_WIDE])
def test_openshift_gitops_cluster_wide(group, resource, missing):
    """The default instance reads everything and writes only a few groups."""
    assert rbac.rules_allow(rbac.baseline("openshift-gitops").cluster_rules, group, resource, MANAGE) == missing


IN_NAMESPACE = [
    ("", "secrets", frozenset()),
    ("", "serviceaccounts", frozenset()),
    ("", "pods", frozenset()),
    ("apps", "deployments", frozenset()),
    ("batch", "cronjobs", frozenset()),
    ("networking.k8s.io", "networkpolicies", frozenset()),
    ("rbac.authorization.k8s.io", "rolebindings", frozenset()),
    ("route.openshift.io", "routes", frozenset()),
    ("image.openshift.io", "imagestreams", frozenset()),
    ("apps.openshift.io", "deploymentconfigs", frozenset()),
    ("monitoring.coreos.com", "servicemonitors", frozenset()),
    ("argoproj.io", "applications", frozenset()),
    ("operators.coreos.com", "subscriptions", frozenset()),
    ("operators.coreos.com", "operatorgroups", WRITE),
    ("", "resourcequotas", WRITE),
    ("", "limitranges", WRITE),
    ("", "endpoints", WRITE),
    ("", "namespaces", WRITE),
    ("serving.kserve.io", "inferenceservices", WRITE),
    ("cert-manager.io", "certificates", WRITE),
    ("nfd.openshift.io", "nodefeaturediscoveries", WRITE),
]


@pytest.mark.parametrize(("group", "resource", "missing"), IN_NAMESPACE, ids=[f"{r}.{g}" for g, r, _ in IN_NAMESPACE])
def test_openshift_gitops_in_managed_namespace(group, resource, missing):
    """In a managed namespace it has a copy of admin and what the operator adds."""
    assert rbac.rules_allow(rbac.baseline("openshift-gitops").namespace_rules, group, resource, MANAGE) == missing


def test_other_installations():
    """Upstream's controller may do everything; none may do nothing; an unknown one is an error."""
    upstream = rbac.baseline("argocd-upstream")
    assert (upstream.namespace, upstream.service_account) == ("argocd", "argocd-application-controller")
    assert rbac.rules_allow(upstream.cluster_rules, "example.com", "widgets", MANAGE) == frozenset()
    assert rbac.rules_allow(rbac.baseline("none").cluster_rules, "", "pods", ["get"]) == {"get"}
    assert rbac.baseline("openshift-gitops").managed_by_label == "argocd.argoproj.io/managed-by"
    with pytest.raises(KeyError):
        rbac.baseline("other")


def test_cluster_roles_are_nested():
    """Admin can do what edit can, edit what view can, and only admin writes roles."""
    admin, edit, view = (rbac.builtin_cluster_role(name) for name in ("admin", "edit", "view"))
    assert admin.rules
    assert set(view.rules) < set(edit.rules) < set(admin.rules)
    assert rbac.rules_allow(edit.rules, "rbac.authorization.k8s.io", "roles", ["create"]) == {"create"}
    assert rbac.rules_allow(view.rules, "", "secrets", ["get"]) == {"get"}
    assert rbac.rules_allow(edit.rules, "", "secrets", MANAGE) == frozenset()


ROLE_NAMES = [
    ("cluster-admin", True, True),
    ("cluster-reader", True, True),
    ("monitoring-edit", True, True),
    ("self-provisioner", True, True),
    ("system:image-puller", True, True),
    ("system:openshift:scc:anyuid", True, False),
    ("system:auth-delegator", True, True),
    ("kserve-admin", True, False),
    ("cert-manager-edit", True, False),
    ("nodefeaturediscoveries.nfd.openshift.io-v1-admin", True, False),
    ("openshift-gitops-openshift-gitops-argocd-application-controller", True, False),
    ("admins", False, False),
    ("my-team-role", False, False),
    ("openshift-gitops-argocd-application-controller", False, False),
]


@pytest.mark.parametrize(("name", "exists", "rules_known"), ROLE_NAMES, ids=[name for name, _, _ in ROLE_NAMES])
def test_builtin_cluster_role(name, exists, rules_known):
    """Roles that exist without being rendered are known, some by name only."""
    role = rbac.builtin_cluster_role(name)
    assert (role is not None) is exists
    assert (role is not None and role.rules is not None) is rules_known


def test_aggregated_roles():
    """KServe's and cert-manager's roles reach admin only under a condition; OLM adds what a CSV owns."""
    rules = [rule for role in rbac.aggregated_roles("admin") for rule in role.rules]
    assert rbac.rules_allow(rules, "serving.kserve.io", "inferenceservices", MANAGE) == frozenset()
    assert rbac.rules_allow(rules, "cert-manager.io", "issuers", MANAGE) == frozenset()
    assert rbac.rules_allow(rules, "serving.kserve.io", "inferencegraphs", MANAGE) == frozenset(MANAGE)
    assert rbac.rules_allow(rules, "cert-manager.io", "clusterissuers", MANAGE) == frozenset(MANAGE)
    assert all(role.condition for role in rbac.aggregated_roles("admin"))
    assert rbac.aggregated_roles("cluster-admin") == ()
    assert rbac.csv_owned_rule("a.b", "things") == rbac.PolicyRule(("a.b",), ("things",), ("*",))
    assert rbac.csv_owned_rule("a.b", "things", "cluster-reader") is None


EXCLUSIONS = [
    ("tekton.dev", "PipelineRun", "openshift-gitops", True),
    ("tekton.dev", "TaskRun", "openshift-gitops", True),
    ("tekton.dev", "Pipeline", "openshift-gitops", False),
    ("tekton.dev", "PipelineRun", "argocd-upstream", False),
    ("cert-manager.io", "CertificateRequest", "openshift-gitops", True),
    ("cert-manager.io", "Certificate", "openshift-gitops", False),
    ("", "Endpoints", "openshift-gitops", True),
    ("discovery.k8s.io", "EndpointSlice", "argocd-upstream", True),
    ("apiregistration.k8s.io", "APIService", "openshift-gitops", True),
    ("apiregistration.k8s.io", "APIService", "argocd-upstream", False),
    ("tekton.dev", "PipelineRun", "none", False),
]


@pytest.mark.parametrize(
    ("group", "kind", "installation", "expected"), EXCLUSIONS, ids=[f"{k}-{i}" for _, k, i, _ in EXCLUSIONS]
)
def test_excluded(group, kind, installation, expected):
    """Kinds that an installation excludes by default."""
    assert rbac.excluded(group, kind, installation) is expected


SERVERS = [
    pytest.param(VLLM_CUDA, [], [], "vllm", id="rhaiis-digest"),
    pytest.param("registry.redhat.io/rhoai/odh-vllm-cuda-rhel9:v3.0", [], [], "vllm", id="rhoai"),
    pytest.param("registry.redhat.io/rhoai/odh-vllm-cpu-rhel9:v3.0", [], [], "vllm", id="rhoai-cpu"),
    pytest.param("quay.io/modh/vllm:rhoai-2.20-cuda", ["python", "-m", API_SERVER], ["--port=8080"], "vllm", id="modh"),
    pytest.param("vllm/vllm-openai:v0.11.0", [], ["--model", "x"], "vllm", id="upstream"),
    pytest.param("docker.io/vllm/vllm-openai", [], [], "vllm", id="upstream-untagged"),
    pytest.param("localhost:5000/vllm:dev", [], [], "vllm", id="local-registry-port"),
    pytest.param("lmcache/vllm-openai:latest", [], [], "vllm", id="vllm-with-lmcache"),
    pytest.param("rocm/vllm-dev:main", [], [], "vllm", id="rocm"),
    pytest.param("ghcr.io/llm-d/llm-d-cuda:v0.3", [], [], "vllm", id="llm-d"),
    pytest.param("python:3.12", ["/bin/sh", "-c", "pip install vllm && exec vllm serve org/m"], [], "vllm", id="shell"),
    pytest.param(
        "python:3.12", ["bash", "-c"], [f"set -e\npython3 -m {API_SERVER} \\\n --port 80"], "vllm", id="lines"
    ),
    pytest.param(
        "x/y:1", ["bash", "-lc", f"cat > r.sh <<EOF\npython -m {API_SERVER}\nEOF\nsh r.sh"], [], "vllm", id="heredoc"
    ),
    pytest.param("x/y:1", ["sh", "-c", 'bash -c "vllm serve m"'], [], "vllm", id="nested-shell"),
    pytest.param("x/y:1", ["sh", "-c", 'exec "$@"', "--"], ["vllm", "serve", "m"], "vllm", id="positional-parameters"),
    pytest.param("x/y:1", ["/opt/venv/bin/vllm", "serve"], ["m"], "vllm", id="path-to-program"),
    pytest.param("x/y:1", ["sh", "-c", "(hf download m; vllm serve /m) 2>&1 | tee log"], [], "vllm", id="subshell"),
    pytest.param("vllm/vllm-openai:v0.11.0", ["/start.sh"], [], "vllm", id="wrapper-script"),
    pytest.param("vllm/vllm-openai:v1", ["sh", "-c", "sleep 5; exec /start.sh"], [], "vllm", id="sleep-then-script"),
    pytest.param("vllm/vllm-openai:v1", ["sh", "-c", "ollama pull x & vllm serve y"], [], "vllm", id="server-outranks"),
    pytest.param("alpindale/aphrodite-openai:v0.9", [], [], "aphrodite", id="aphrodite"),
    pytest.param(
        "nvcr.io/nvidia/ai-dynamo/vllm-runtime:0.6", ["python3", "-m", "dynamo.vllm"], [], "vllm", id="dynamo"
    ),
    pytest.param("ghcr.io/huggingface/text-generation-inference:3.3.5", [], [], "tgi", id="tgi"),
    pytest.param("quay.io/o/x:1", ["text-generation-launcher"], ["--num-shard=1"], "tgi", id="tgi-command"),
    pytest.param("ghcr.io/huggingface/text-embeddings-inference:cpu-1.9", [], [], "tei", id="tei-cpu"),
    pytest.param("ghcr.io/huggingface/text-embeddings-inference:89-1.9", [], [], "tei", id="tei-ada"),
    pytest.param("ollama/ollama", [], [], "ollama", id="ollama"),
    pytest.param(
        "ollama/ollama:0.12.3", ["sh", "-c", "ollama serve & sleep 5; ollama pull l"], [], "ollama", id="ollama-pull"
    ),
    pytest.param("ghcr.io/ggml-org/llama.cpp:server-cuda", [], ["-m", "/m.gguf"], "llama.cpp", id="llama.cpp"),
    pytest.param("debian:12", ["/app/llama-server", "-m", "m"], [], "llama.cpp", id="llama-server"),
    pytest.param("x/y:1", ["python3", "-m", "llama_cpp.server"], [], "llama.cpp", id="llama-cpp-python"),
    pytest.param("lmsysorg/sglang:v0.5.3", ["python3", "-m", "sglang.launch_server"], [], "sglang", id="sglang"),
    pytest.param("nvcr.io/nvidia/tritonserver:25.08-py3", [], [], "triton", id="triton"),
    pytest.param("x/y:1", ["tritonserver", "--model-repository=/m"], [], "triton", id="triton-command"),
    pytest.param("nvcr.io/nvidia/tensorrt-llm/release:1.0", ["trtllm-serve", "m"], [], "tensorrt-llm", id="trt-llm"),
    pytest.param("nvcr.io/nim/meta/llama-3.1-8b-instruct:1.8", [], [], "nim", id="nim"),
    pytest.param("nvcr.io/nim/nvidia/llama-3.2-nv-embedqa-1b-v2:1.6", [], [], "nim", id="nim-embeddings"),
    pytest.param("michaelf34/infinity:0.0.77-cpu", [], ["v2"], "infinity", id="infinity"),
    pytest.param("localai/localai:latest-gpu-nvidia-cuda-12", [], [], "localai", id="localai"),
    pytest.param("openvino/model_server:2025.3-gpu", [], [], "ovms", id="ovms"),
    pytest.param("registry.redhat.io/rhoai/odh-openvino-model-server-rhel9:v3", [], [], "ovms", id="ovms-rhoai"),
    pytest.param("openmmlab/lmdeploy:v0.10", ["lmdeploy", "serve", "api_server"], [], "lmdeploy", id="lmdeploy"),
    pytest.param("seldonio/mlserver:1.7", [], [], "mlserver", id="mlserver"),
    pytest.param("kserve/sklearnserver:v0.15", [], [], "kserve-classic", id="sklearn"),
    pytest.param("kserve/huggingfaceserver:v0.15.2-gpu", [], [], "huggingfaceserver", id="huggingface"),
    pytest.param("pytorch/torchserve-kfs:0.9.0", [], [], "torchserve", id="torchserve"),
    pytest.param("tensorflow/serving:2.19", [], [], "tensorflow-serving", id="tf-serving"),
    pytest.param("quay.io/docling-project/docling-serve-cu128:v1", [], [], "docling", id="docling"),
]


@pytest.mark.parametrize(("image", "command", "args", "server"), SERVERS)
def test_recognised(image, command, args, server):
    """Inference servers are recognised by image, command and any statement of a shell text."""
    found = model_servers.recognise(image, command, args)
    assert found is not None
    assert found.name == server


NOT_SERVERS = [
    pytest.param("ghcr.io/llm-d/llm-d-inference-sim:v0.5", [], ["--model", "x"], id="simulator"),
    pytest.param("lmcache/lmstack-router:latest", [], [], id="lmstack-router"),
    pytest.param("ghcr.io/vllm-project/production-stack/router:1", [], [], id="production-stack-router"),
    pytest.param("ghcr.io/vllm-project/semantic-router/extproc:latest", [], [], id="semantic-router"),
    pytest.param("quay.io/x/vllm-router:1", [], [], id="vllm-router"),
    pytest.param("ghcr.io/llm-d/llm-d-inference-scheduler:v0.3", [], [], id="llm-d-scheduler"),
    pytest.param("ghcr.io/llm-d/llm-d-routing-sidecar:v0.3", [], [], id="llm-d-sidecar"),
    pytest.param("registry.k8s.io/gateway-api-inference-extension/epp:v1", [], [], id="endpoint-picker"),
    pytest.param("ghcr.io/berriai/litellm:main", [], ["--port", "4000"], id="litellm"),
    pytest.param("lmcache/standalone:nightly", [], ["lmcache_server", "localhost", "80"], id="lmcache-server"),
    pytest.param("quay.io/trustyai/guardrails-detector-huggingface-runtime:v1", [], [], id="detector"),
    pytest.param("quay.io/trustyai/vllm-orchestrator-gateway:v1", [], [], id="orchestrator-gateway"),
    pytest.param("grafana/k6", ["k6", "run", "/s.js"], [], id="k6"),
    pytest.param("vllm/vllm-openai:v0.11.0", ["vllm", "bench", "serve"], [], id="vllm-bench"),
    pytest.param("vllm/vllm-openai:v0.11.0", ["sh", "-c", "vllm bench serve --model x"], [], id="vllm-bench-shell"),
    pytest.param("ghcr.io/vllm-project/guidellm:latest", [], [], id="guidellm"),
    pytest.param("nvcr.io/nvidia/tritonserver:25.08-py3-sdk", ["genai-perf", "profile"], [], id="genai-perf"),
    pytest.param("nvcr.io/nvidia/k8s/dcgm-exporter:4", [], [], id="dcgm-exporter"),
    pytest.param("x/ollama-exporter:1", [], [], id="ollama-exporter"),
    pytest.param("ghcr.io/open-webui/open-webui:main", [], [], id="open-webui"),
    pytest.param("quay.io/x/ollama-operator:v1", [], [], id="operator"),
    pytest.param("vllm/vllm-openai:v1", ["huggingface-cli", "download", "org/m"], [], id="download"),
    pytest.param("vllm/vllm-openai:v1", ["sh", "-c", "hf download org/m --local-dir /m"], [], id="hf-download"),
    pytest.param(
        "vllm/vllm-openai:v1", ["python", "-c", "from huggingface_hub import snapshot_download"], [], id="snapshot"
    ),
    pytest.param("ollama/ollama:0.12", ["ollama", "pull", "llama3"], [], id="ollama-pull"),
    pytest.param("kserve/storage-initializer:v0.15", [], ["s3://x", "/mnt"], id="storage-initializer"),
    pytest.param("vllm/vllm-openai:v1", ["sleep", "infinity"], [], id="sleep"),
    pytest.param("vllm/vllm-openai:v1", ["sh", "-c", "echo 'then run vllm serve'; nvidia-smi 2>&1"], [], id="echo"),
    pytest.param("vllm/vllm-openai:v1", ["sh", "-c", "# vllm serve m\nsleep infinity"], [], id="commented-out"),
    pytest.param("vllm/vllm-openai:v1", ["bash", "-c", "ray start --address $HEAD --block"], [], id="ray-worker"),
    pytest.param("python:3.12", ["python", "-m", "http.server"], [], id="python"),
    pytest.param("nginx:1.29", [], [], id="nginx"),
    pytest.param("busybox", ["sh", "-c", "until curl -f http://vllm:8000/health; do sleep 1; done"], [], id="wait-for"),
    pytest.param("quay.io/x/app:1", [], ["--backend", "vllm", "--url", "http://vllm/v1"], id="client-of-vllm"),
    pytest.param("quay.io/vllm-team/app:1", [], [], id="vllm-in-organisation"),
    pytest.param("registry/nim:1", [], [], id="nim-without-model"),
    pytest.param("", [], [], id="no-image"),
]


@pytest.mark.parametrize(("image", "command", "args"), NOT_SERVERS)
def test_not_recognised(image, command, args):
    """Routers, simulators, clients, downloads and idle containers are no inference servers."""
    assert model_servers.recognise(image, command, args) is None


def test_max_model_len_is_vllms():
    """Only vLLM and its forks take a maximum model length."""
    assert {server.name for server in model_servers.entries() if server.max_model_len} == {"vllm", "aphrodite"}


CPU_IMAGES = [
    ("registry.redhat.io/rhoai/odh-vllm-cpu-rhel9:v3.0", True),
    ("quay.io/opendatahub/vllm:stable-cpu", True),
    ("public.ecr.aws/q9t5s3a7/vllm-cpu-release-repo:v0.11.0", True),
    ("ghcr.io/huggingface/text-embeddings-inference:cpu-1.9", True),
    ("ghcr.io/huggingface/text-embeddings-inference:cpu-arm64-1.9", True),
    ("ghcr.io/huggingface/text-generation-inference:3.3.5-intel-cpu", True),
    ("michaelf34/infinity:0.0.77-cpu", True),
    ("nvcr.io/nvidia/tritonserver:25.08-cpu-only-py3", True),
    ("ghcr.io/ggml-org/llama.cpp:server", True),
    ("localai/localai:latest", True),
    ("ghcr.io/ggml-org/llama.cpp:server-cuda", False),
    ("localai/localai:latest-gpu-nvidia-cuda-12", False),
    ("vllm/vllm-openai:v0.11.0", False),
    ("ghcr.io/huggingface/text-embeddings-inference:89-1.9", False),
    (VLLM_CUDA, False),
    ("quay.io/x/cpuset-vllm:1", False),
]


@pytest.mark.parametrize(("image", "expected"), CPU_IMAGES, ids=[image[-30:] for image, _ in CPU_IMAGES])
def test_cpu_signal_in_image(image, expected):
    """Images built for the CPU are told by repository and tag."""
    assert (model_servers.cpu_signal_in_image(image) is not None) is expected


CPU_ENV = [
    ("CUDA_VISIBLE_DEVICES", "", True),
    ("CUDA_VISIBLE_DEVICES", "-1", True),
    ("CUDA_VISIBLE_DEVICES", "0", False),
    ("CUDA_VISIBLE_DEVICES", None, False),
    ("ROCR_VISIBLE_DEVICES", "-1", True),
    ("NVIDIA_VISIBLE_DEVICES", "none", True),
    ("NVIDIA_VISIBLE_DEVICES", "void", True),
    ("NVIDIA_VISIBLE_DEVICES", "", True),
    ("NVIDIA_VISIBLE_DEVICES", "all", False),
    ("VLLM_TARGET_DEVICE", "cpu", True),
    ("VLLM_TARGET_DEVICE", "cuda", False),
    ("VLLM_CPU_KVCACHE_SPACE", "40", True),
    ("VLLM_API_KEY", "cpu", False),
    ("OLLAMA_LLM_LIBRARY", "cpu_avx2", True),
    ("OLLAMA_LLM_LIBRARY", "cuda_v12", False),
    ("LLAMA_ARG_N_GPU_LAYERS", "0", True),
    ("LLAMA_ARG_N_GPU_LAYERS", "99", False),
    ("DEVICE", "CPU", True),
    ("DEVICE", "cuda", False),
    ("HF_HOME", "", False),
]


@pytest.mark.parametrize(("name", "value", "expected"), CPU_ENV, ids=[f"{n}={v}" for n, v, _ in CPU_ENV])
def test_cpu_signal_in_env(name, value, expected):
    """Variables that hide the GPU or choose the CPU; a value from elsewhere is no signal."""
    assert (model_servers.cpu_signal_in_env(name, value) is not None) is expected


CPU_ARGS = [
    pytest.param([], ["--device", "cpu"], [("--device cpu", 0)], id="two-items"),
    pytest.param([], ["--model=m", "--device=cpu"], [("--device=cpu", 1)], id="one-item"),
    pytest.param(["serve"], ["--target_device", "CPU"], [("--target_device CPU", 1)], id="underscore"),
    pytest.param([], ["-ngl", "0"], [("-ngl 0", 0)], id="ngl"),
    pytest.param([], ["--n-gpu-layers=0"], [("--n-gpu-layers=0", 0)], id="layers"),
    pytest.param(["sh", "-c", "vllm serve m --device cpu"], [], [("--device cpu", 2)], id="shell"),
    pytest.param(["x"], ["--cpu"], [("--cpu", 1)], id="bare-flag"),
    pytest.param([], ["-ngl", "0", "--device", "none"], [("-ngl 0", 0), ("--device none", 2)], id="two-signals"),
    pytest.param([], ["--device", "cuda"], [], id="cuda"),
    pytest.param([], ["--device"], [], id="no-value"),
    pytest.param([], ["-ngl", "99"], [], id="layers-on-gpu"),
    pytest.param([], ["--cpu-offload-gb", "0"], [], id="offload"),
    pytest.param([], ["--served-model-name", "cpu"], [], id="name-cpu"),
]


@pytest.mark.parametrize(("command", "args", "expected"), CPU_ARGS)
def test_cpu_signals_in_args(command, args, expected):
    """Arguments that choose the CPU are found with the item they stand in."""
    assert [(s.text, s.item) for s in model_servers.cpu_signals_in_args(command, args)] == expected


def test_cpu_runtime():
    """The ServingRuntime of OpenShift AI that serves on the CPU."""
    assert model_servers.cpu_signal_in_runtime("vllm-cpu-runtime") is not None
    assert model_servers.cpu_signal_in_runtime("vllm-cuda-runtime") is None


STATEMENTS = [
    pytest.param(["a", "b c"], [("a", "b c")], id="no-shell"),
    pytest.param(["sh", "-c", "a 'b c' && d; e"], [("a", "b c"), ("d",), ("e",)], id="separators"),
    pytest.param(["sh", "-c", "a 2>&1 >x & b"], [("a", ">x"), ("b",)], id="redirection"),
    pytest.param(["bash", "-eo", "pipefail", "-c", "a \\\n b # c\nd"], [("a", "b"), ("d",)], id="lines"),
    pytest.param(["sh", "-c", "a 'b; c"], [("a", "'b"), ("c",)], id="unbalanced-quote"),
    pytest.param(["sh", "script.sh"], [("sh", "script.sh")], id="script"),
    pytest.param([], [], id="empty"),
]


@pytest.mark.parametrize(("items", "expected"), STATEMENTS)
def test_statements(items, expected):
    """A shell text is split into its commands; other items stay whole."""
    assert [statement.words for statement in statements(items)] == expected


LABELS = [
    ("nvidia.com/gpu.present", True),
    ("nvidia.com/gpu.product", True),
    ("nvidia.com/gpu.deploy.driver", True),
    ("nvidia.com/cuda.driver.major", True),
    ("nvidia.com/mig-3g.20gb.count", True),
    ("feature.node.kubernetes.io/pci-10de.present", True),
    ("node.kubernetes.io/instance-type", True),
    ("node-role.kubernetes.io/worker", True),
    ("node-role.kubernetes.io/gpu", False),
    ("nvidia.com/gpu", False),
    ("nvidia.com/gpu.presents", False),
    ("accelerator", False),
    ("gpu", False),
]


@pytest.mark.parametrize(("label", "expected"), LABELS, ids=[label for label, _ in LABELS])
def test_label_known(label, expected):
    """Labels that discovery or the cluster gives; anything else a MachineSet must set."""
    assert nodes.label_known(label) is expected


ACCELERATORS = [
    ("nvidia.com/gpu", "nvidia", "whole"),
    ("nvidia.com/gpu.shared", "nvidia", "time-slicing or mps"),
    ("nvidia.com/mig-1g.5gb", "nvidia", "mig"),
    ("amd.com/gpu", "amd", "whole"),
    ("gpu.intel.com/i915", "intel", "whole"),
    ("habana.ai/gaudi", "intel", "whole"),
    ("google.com/tpu", "google", "whole"),
    ("aws.amazon.com/neuroncore", "aws", "whole"),
]


@pytest.mark.parametrize(("resource", "vendor", "sharing"), ACCELERATORS, ids=[r for r, _, _ in ACCELERATORS])
def test_accelerator(resource, vendor, sharing):
    """Extended resources that stand for accelerators."""
    entry = nodes.accelerator(resource)
    assert entry is not None
    assert (entry.vendor, entry.sharing) == (vendor, sharing)


@pytest.mark.parametrize("resource", ["cpu", "memory", "nvidia.com/gpus", "example.com/gpu", "hugepages-2Mi"])
def test_no_accelerator(resource):
    """Other resources are none."""
    assert nodes.accelerator(resource) is None


INSTANCES = [
    ("g6e.xlarge", 4, 32, "L40S", 1, 45776, "nvidia.com/gpu", "G and VT"),
    ("g6e.2xlarge", 8, 64, "L40S", 1, 45776, "nvidia.com/gpu", "G and VT"),
    ("g6e.12xlarge", 48, 384, "L40S", 4, 45776, "nvidia.com/gpu", "G and VT"),
    ("g6.48xlarge", 192, 768, "L4", 8, 22888, "nvidia.com/gpu", "G and VT"),
    ("gr6.4xlarge", 16, 128, "L4", 1, 22888, "nvidia.com/gpu", "G and VT"),
    ("g5.16xlarge", 64, 256, "A10G", 1, 22888, "nvidia.com/gpu", "G and VT"),
    ("g5g.16xlarge", 64, 128, "T4g", 2, 16384, "nvidia.com/gpu", "G and VT"),
    ("g4dn.metal", 96, 384, "T4", 8, 16384, "nvidia.com/gpu", "G and VT"),
    ("g4ad.16xlarge", 64, 256, "Radeon Pro V520", 4, 8192, "amd.com/gpu", "G and VT"),
    ("g6f.large", 2, 8, "L4", 0, 2861, None, "G and VT"),
    ("g7e.12xlarge", 48, 512, "RTX PRO 6000", 2, 98304, "nvidia.com/gpu", "G and VT"),
    ("p4d.24xlarge", 96, 1152, "A100 40GB", 8, 40960, "nvidia.com/gpu", "P"),
    ("p4de.24xlarge", 96, 1152, "A100 80GB", 8, 81920, "nvidia.com/gpu", "P"),
    ("p5.4xlarge", 16, 256, "H100", 1, 81920, "nvidia.com/gpu", "P"),
    ("p6-b300.48xlarge", 192, 4096, "B300", 8, 275040, "nvidia.com/gpu", "P"),
    ("inf2.24xlarge", 96, 384, "Inferentia2", 6, None, "aws.amazon.com/neuron", "Inf"),
    ("trn1.32xlarge", 128, 512, "Trainium", 16, None, "aws.amazon.com/neuron", "Trn"),
]


@pytest.mark.parametrize("expected", INSTANCES, ids=[row[0] for row in INSTANCES])
def test_instance_type(expected):
    """Nominal sizes of EC2 instance types: processors, GiB, GPU, how many, MiB of each, resource and quota."""
    name, vcpus, gib, *rest, quota = expected
    entry = instance_types.lookup(name)
    assert entry is not None
    assert (entry.vcpus, entry.memory_mib) == (vcpus, gib * 1024)
    assert [entry.gpu, entry.gpu_count, entry.gpu_memory_mib, entry.resource] == rest
    assert entry.quota_group == quota
    assert quota in {known.group for known in instance_types.quotas()}


def test_unknown_instance_type():
    """A type without a GPU, or a misspelt one, is not in the catalogue."""
    assert instance_types.lookup("m6i.xlarge") is None
    assert instance_types.lookup("g6e.3xlarge") is None


def test_instance_types_and_gpus_agree():
    """Every NVIDIA or AMD instance type names a GPU of the GPU catalogue, with the same memory where it is whole."""
    for entry in instance_types.entries():
        if entry.resource in {"nvidia.com/gpu", "amd.com/gpu"}:
            gpu = nodes.gpu(entry.gpu)
            assert gpu is not None, entry
            assert gpu.memory_mib == entry.gpu_memory_mib, entry


GPU_PRODUCTS = [
    ("NVIDIA-L40S", "L40S", False),
    ("NVIDIA-L40S-SHARED", "L40S", False),
    ("NVIDIA-H100-80GB-HBM3", "H100", True),
    ("NVIDIA-A100-SXM4-40GB-MIG-1g.5gb", "A100 40GB", True),
    ("NVIDIA-A100-SXM4-40GB-MIG-1g.5gb-SHARED", "A100 40GB", True),
    ("Tesla-T4", "T4", False),
]


@pytest.mark.parametrize(("label", "name", "mig"), GPU_PRODUCTS, ids=[label for label, _, _ in GPU_PRODUCTS])
def test_gpu_by_product(label, name, mig):
    """GPUs are found by the product label of their nodes, also when shared or split."""
    entry = nodes.gpu_by_product(label)
    assert entry is not None
    assert (entry.name, entry.mig_capable) == (name, mig)
