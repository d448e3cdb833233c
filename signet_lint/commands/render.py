"""`signet-lint render`: prints the manifests that Argo CD would apply."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from signet_lint import exits
from signet_lint.commands import output
from signet_lint.commands.repository import root_folder
from signet_lint.errors import UsageError

if TYPE_CHECKING:
    from signet_lint.model.resource import Path as FieldPath
    from signet_lint.model.resource import Resource
    from signet_lint.model.state import DesiredState
    from signet_lint.simulated import Simulated


@click.command(
    epilog="\b\nExamples:\n  signet-lint render --env prod --kind InferenceService\n"
    "  signet-lint render --env prod --app signet-llm-prod --origins"
)
@click.argument("root", default=".")
@click.option("--env", "envs", multiple=True, metavar="NAME", help="Only this environment (repeatable).")
@click.option("--app", "apps", multiple=True, metavar="NAME", help="Only what this Application deploys (repeatable).")
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only manifests of this kind (repeatable).")
@click.option("--origins", "with_origins", is_flag=True, help="Say behind each field which line its value comes from.")
@click.option("--config", "config_file", metavar="FILE", help="Configuration file to use instead of the repository's.")
@click.option("--helm", metavar="PATH", help="Render with this helm command instead of the built-in engine.")
def render(
    *,
    root: str,
    envs: tuple[str, ...],
    apps: tuple[str, ...],
    kinds: tuple[str, ...],
    with_origins: bool,
    config_file: str | None,
    helm: str | None,
) -> int:
    """Print the manifests that Argo CD would apply from the repository at ROOT, as YAML.

    With --origins a comment behind each field is the road of its value: the line to edit, the lines that pass it on, the
    line that writes it. Exits 3 when some manifests could not be made; standard error says which.
    """
    from signet_lint.render.opening import open_engine
    from signet_lint.settings import load
    from signet_lint.simulated import simulated

    folder = root_folder(root)
    config = load(folder, Path(config_file) if config_file else None)
    wanted = envs or config.envs
    with simulated(folder, config, wanted, engine=open_engine(config, helm)) as found:
        if set(envs) <= {env.name for env in found.state.envs}:
            return _print(found, envs, apps, kinds, with_origins=with_origins)
    with simulated(folder, config, (), engine=open_engine(config, helm)) as found:
        return _print(found, envs, apps, kinds, with_origins=with_origins)


def _print(
    found: Simulated, envs: Sequence[str], apps: Sequence[str], kinds: Sequence[str], *, with_origins: bool
) -> int:
    code = _say_missing(found.state)
    shown = chosen(found.state, envs, apps, kinds)
    secrets = _secrets(shown, found.state)
    if not with_origins:
        output.write(manifests(shown, secrets))
        return code
    from signet_lint.report.field_origins import FieldOrigins

    origins = FieldOrigins(found.origins.for_every_field(), found.aside)
    with output.progress("tracing every field", quiet=False):
        text = manifests(shown, secrets, origins)
    output.write(text)
    if origins.untraced:
        fields = f"{origins.untraced} of {origins.seen} fields"
        output.say(f"not traced to a line: {fields}; their comments say what is known")
    return code


def chosen(state: DesiredState, envs: Sequence[str], apps: Sequence[str], kinds: Sequence[str]) -> list[Resource]:
    """The manifests asked for (no names: all); raises `UsageError` for names that nothing has, all at once."""
    resources = [r for env in state.envs if not envs or env.name in envs for r in env.resources]
    applications = {application.name for env in state.envs for application in env.applications}
    wrong = _unknown("environment", envs, {env.name for env in state.envs})
    wrong += _unknown("Application", apps, applications)
    wrong += _unknown("manifest of kind", kinds, {r.kind for env in state.envs for r in env.resources})
    if wrong and state.envs:
        raise UsageError("\n".join(wrong))
    wanted = {kind.casefold() for kind in kinds}
    found = [r for r in resources if not wanted or r.kind.casefold() in wanted]
    return [r for r in found if not apps or r.application in apps]


def _secrets(resources: Iterable[Resource], state: DesiredState) -> tuple[str, ...]:
    """Texts in manifests that must not be printed."""
    from signet_lint.model.secret import secret_texts

    return tuple({text for one in resources for text in secret_texts([one], state.env(one.env))} if state.envs else ())


def _unknown(what: str, names: Sequence[str], known: set[str]) -> list[str]:
    from signet_lint.registry import did_you_mean

    there = {name.casefold() for name in known}
    available = ", ".join(sorted(known)) or "none"
    return [
        f"no {what} `{name}`{did_you_mean(name, sorted(known)) or f'; there are: {available}'}"
        for name in names
        if name.casefold() not in there
    ]


class Annotations(Protocol):
    """What comments say about a manifest and its fields."""

    def manifest(self, resource: Resource) -> str:
        """A comment on a manifest as a whole; empty where there is nothing to say."""
        ...

    def field(self, resource: Resource, path: FieldPath) -> str:
        """A comment on a field."""
        ...


def manifests(
    resources: Iterable[Resource], secrets: Sequence[str] = (), annotations: Annotations | None = None
) -> str:
    """YAML documents, each under a comment that names its environment, Application and template; `secrets` hidden."""
    from signet_lint.report.escape import visible
    from signet_lint.report.manifests import annotated_yaml, manifest_yaml

    parts = []
    for resource in resources:
        body = _shown(resource, secrets)
        comments = [f"env: {resource.env}, application: {resource.application}, template: {_template(resource)}"]
        if annotations is None:
            text = manifest_yaml(body)
        else:
            comments += filter(None, [annotations.manifest(resource)])
            text = annotated_yaml(body, partial(annotations.field, resource))
        parts += ["---\n", *(f"# {visible(comment)}\n" for comment in comments), text]
    return "".join(parts)


def _shown(resource: Resource, secrets: Sequence[str]) -> Any:
    """A manifest as it may be printed: of a Secret, none of the content, however short."""
    from signet_lint.catalogue.tokens import hidden
    from signet_lint.report.redact import hide_in

    body = hide_in(resource.body, lambda text: output.without_secrets(text, secrets)) if secrets else resource.body
    if (resource.gvk.group, resource.kind) != ("", "Secret"):
        return body
    held = {key: resource.get(key) for key in ("data", "stringData") if key in resource.body}
    return {**body, **{key: hide_in(value, hidden) for key, value in held.items()}}


def _template(resource: Resource) -> str:
    """The manifest's template or file, relative to the root."""
    from signet_lint.render.rendering import Rendering

    maker, template = resource.ref.maker, resource.ref.template
    return maker.source_file(template) if isinstance(maker, Rendering) else template


def _say_missing(state: DesiredState) -> int:
    """Says on standard error what could not be rendered or was left out; returns the exit code."""
    from signet_lint.report.escape import visible

    unmade = ("render-failed", "not-a-manifest")
    failed = sorted({_problem(problem) for problem in state.problems if problem.kind in unmade})
    for text in failed:
        output.say(f"error: {visible(text)}")
    for text in sorted({f"{left.what}: {left.why}" for left in state.left_out}):
        output.say(f"not examined: {visible(text)}")
    if not state.envs:
        output.say("error: nothing to render: no chart or file here gives an Argo CD Application or ApplicationSet")
    return exits.INCOMPLETE if failed or not state.envs else exits.CLEAN


def _problem(problem: Any) -> str:
    where = ", ".join(part for part in (problem.env, problem.application) if part)
    return f"{where}: {problem.message}" if where else str(problem.message)
