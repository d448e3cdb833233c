"""`signet-lint render`: prints the manifests that Argo CD would apply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from signet_lint import exits
from signet_lint.commands import output
from signet_lint.commands.repository import root_folder
from signet_lint.errors import UsageError

if TYPE_CHECKING:
    from signet_lint.model.resource import Resource
    from signet_lint.model.state import DesiredState


@click.command(epilog="\b\nExample:\n  signet-lint render --env prod --kind InferenceService")
@click.argument("root", default=".")
@click.option("--env", "envs", multiple=True, metavar="NAME", help="Only this environment (repeatable).")
@click.option("--app", "apps", multiple=True, metavar="NAME", help="Only what this Application deploys (repeatable).")
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only manifests of this kind (repeatable).")
@click.option("--config", "config_file", metavar="FILE", help="Configuration file to use instead of the repository's.")
@click.option("--helm", metavar="PATH", help="Render with this helm command instead of the built-in engine.")
def render(
    *,
    root: str,
    envs: tuple[str, ...],
    apps: tuple[str, ...],
    kinds: tuple[str, ...],
    config_file: str | None,
    helm: str | None,
) -> int:
    """Print the manifests that Argo CD would apply from the repository at ROOT, as YAML.

    Exits 3 when some of them could not be made; standard error says which.
    """
    from signet_lint.pipeline import open_engine, simulate
    from signet_lint.settings import load

    folder = root_folder(root)
    config = load(folder, Path(config_file) if config_file else None)
    state = simulate(folder, config, envs or config.envs, open_engine(config, helm))
    if set(envs) - {env.name for env in state.envs}:
        state = simulate(folder, config, (), open_engine(config, helm))
    code = _say_missing(state)
    shown = chosen(state, envs, apps, kinds)
    output.write(manifests(shown, _secrets(shown, state)))
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


def manifests(resources: Iterable[Resource], secrets: Sequence[str] = ()) -> str:
    """YAML documents, each under a comment that names its environment, Application and template; `secrets` hidden."""
    from signet_lint.report.escape import visible

    parts = []
    for resource in resources:
        place = f"env: {resource.env}, application: {resource.application}, template: {_template(resource)}"
        parts.append(f"---\n# {visible(place)}\n{_yaml(_shown(resource, secrets))}")
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


def _yaml(body: Mapping[str, Any]) -> str:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Long texts as blocks, no anchors: as people write manifests."""

        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the signature is the library's
            return True

    def represent(dumper: Any, text: str) -> Any:
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)

    Dumper.add_representer(str, represent)
    return yaml.dump(_plain(body), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=10_000)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


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
