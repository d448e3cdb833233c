"""SGL305: a Subscription whose package, channel, source or version stands in the template."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.operators import OLM
from signet_lint.model.resource import Resource, WrittenOut
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_TEMPLATE = "charts/bootstrap-operators/templates/subscription-openshift-ai.yaml"
_CERT = "charts/bootstrap-operators/templates/subscription-cert-manager.yaml"
_FIELDS = ("name", "channel", "source", "startingCSV")


@rule(
    id="SGL305",
    name="hard-coded-subscription",
    severity="warning",
    section="5.1",
    summary="A Subscription's package, channel, source or CSV is written in the template instead of coming from values.",
    rationale="Catalogues differ from cluster to cluster; what an environment cannot pin, it cannot mend either.",
    remedy="take it from the chart's values",
    each=Resource,
    kinds=("Subscription",),
    bad=(
        Example(
            title="the channel",
            edits={_TEMPLATE: (("channel: {{ .Values.operators.openshiftAI.channel | quote }}", "channel: fast-3.x"),)},
            at=f"{_TEMPLATE}:channel: fast-3.x",
        ),
        Example(
            title="the source in quotes",
            edits={_CERT: (("source: {{ $op.source }}", 'source: "redhat-operators"'),)},
            at=f'{_CERT}:source: "redhat-operators"',
        ),
        Example(
            title="a literal in an action",
            edits={
                _CERT: (
                    ("name: {{ $op.package }}\n  channel", 'name: {{ "openshift-cert-manager-operator" }}\n  channel'),
                )
            },
            at=f'{_CERT}:name: {{{{ "openshift',
        ),
    ),
    good=(
        Example(
            title="a default in the template",
            edits={_CERT: (("channel: {{ $op.channel }}", 'channel: {{ $op.channel | default "stable-v1" }}'),)},
        ),
        Example(
            title="the whole spec from values",
            edits={
                _CERT: (
                    (
                        "  name: {{ $op.package }}\n  channel: {{ $op.channel }}\n  source: {{ $op.source }}\n",
                        '  {{- dict "name" $op.package "channel" $op.channel "source" $op.source | toYaml | nindent 2 }}\n',
                    ),
                )
            },
        ),
    ),
)
def hard_coded_subscription(resource: Resource, _: DesiredState) -> Iterator[Outcome]:
    """Judges one Subscription; whether a field is written out is measured where the finding is placed."""
    for field in _FIELDS if resource.gvk.group == OLM else ():
        value = resource.get("spec", field)
        if isinstance(value, str) and value:
            message = f"`{field}: {value}` of Subscription `{resource.name}` is written in the template"
            yield Hit(WrittenOut(resource, ("spec", field)), message)
