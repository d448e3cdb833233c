"""What everything starts from: installations of entry charts, and plain files that somebody must apply."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cache, partial

from signet_lint.argocd.deploy import Deployer, plain_application, source_bodies
from signet_lint.argocd.helm_request import passed_value
from signet_lint.argocd.installs import Install, entry_folders, installs, named_entries
from signet_lint.argocd.plain import outermost, plain_roots
from signet_lint.model.application import Application
from signet_lint.model.resource import Key, Resource
from signet_lint.render.values import nodes
from signet_lint.source.location import Location

GROUP = "argoproj.io"


class Entries:
    """The entries of a repository; what is not known of them is told to the deployer."""

    def __init__(self, deployer: Deployer) -> None:
        self.deployer = deployer
        self.folders = entry_folders(deployer.repository, deployer.config)
        self.plain = cache(partial(plain_application, deployer))

    def installs(self) -> list[Install]:
        """The installations of every entry chart."""
        repository, engine, config = self.deployer.repository, self.deployer.engine, self.deployer.config
        return [one for folder in self.folders for one in installs(repository, engine, config, folder)]

    def installed_by(self, found: Iterable[Install]) -> Iterator[tuple[tuple[str, str], Resource]]:
        """The Applications in plain files that install an entry chart for an environment, and so stand for it."""
        chosen = [one for one in found if one.selector]
        for path in plain_roots(self.deployer.repository, ()).paths if chosen else ():
            for manifest in _applications(self.plain(path)):
                for _, body in source_bodies(manifest):
                    here = [one for one in chosen if one.folder == str(body.get("path")).strip("/")]
                    yield from (((o.folder, o.env), manifest) for o in here if passed_value(body, o.selector) == o.env)

    def tell_unrendered(self, known: Collection[str]) -> None:
        """Environments that an entry chart's values name beside those that are known, and that it renders nothing for."""
        for folder in self.folders:
            file = f"{folder}/values.yaml".lstrip("/")
            for path, value in nodes(self.deployer.repository.values(file)):
                entries = named_entries(value) if path else {}
                for name in entries if any(one in known for one in entries) else ():
                    if name not in known:
                        why = f"`{folder}` renders nothing for it with its own values"
                        self.deployer.leave_out(f"environment `{name}`", why, Key(file, (*path, entries[name])))

    def plain_entries(self, deployed: Iterable[str]) -> list[Application]:
        """The plain files with Applications that somebody must apply: no Application deploys them, nor these folders."""
        paths, kustomized = plain_roots(self.deployer.repository, deployed)
        for path in kustomized:
            why = "a kustomization takes the file in, and is not rendered here"
            self.deployer.leave_out(f"Applications in `{path}`", why, Location(path))
        return [self.plain(path) for path in outermost(paths, lambda path: self._plain_files_of(self.plain(path)))]

    def _plain_files_of(self, entry: Application) -> set[str]:
        """The plain files that the Applications written down in an entry deploy from this repository."""
        return {file for one in _applications(entry) for file in self.deployer.plain_files_of(one)}


def _applications(entry: Application) -> list[Resource]:
    return [one for one in entry.resources if one.kind == "Application" and one.gvk.group == GROUP]
