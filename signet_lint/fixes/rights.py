"""Rights for Argo CD's controller, in a template of their own beside those that are there."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from msgspec import Struct

from signet_lint.finding import Edit, Point
from signet_lint.fixes.ports import Files, is_there
from signet_lint.model.access import rights_in
from signet_lint.model.needs import MANAGE
from signet_lint.model.repair import Allow
from signet_lint.model.state import DesiredState

_RBAC = "rbac.authorization.k8s.io"
_SUBJECTS = re.compile(r"^subjects:[ \t]*\r?\n(?P<lines>(?:[ \t]+\S.*\r?\n|[ \t]*-.*\r?\n)+)", re.MULTILINE)
_NAMESPACE = re.compile(r"^    namespace:[ \t]*(?P<text>\S.*?)[ \t]*\r?$", re.MULTILINE)


class RightsWriter(Struct, frozen=True):
    """Writes roles and bindings for the controller into the chart that renders an Application."""

    state: DesiredState
    files: Files

    def allow(self, wanted: Allow) -> tuple[Edit, ...] | None:
        """A new template with the role and its binding; None where the Application is no chart's."""
        template = self._template_of(wanted)
        if template is None:
            return None
        stem = (wanted.group.partition(".")[0] or wanted.role or "core") + ("" if wanted.namespace else "-cluster")
        folder = posixpath.dirname(template)
        path = next(p for p in self._free(f"{folder}/rbac-argocd-{stem}") if not is_there(self.files, p))
        name = posixpath.splitext(posixpath.basename(path))[0].removeprefix("rbac-")
        namespace = self._namespace(wanted, template)
        if namespace is None:
            return None
        start = Point(1, 1)
        return (Edit(path, start, start, _text(wanted, name, namespace, self._subjects(folder, wanted))),)

    def _template_of(self, wanted: Allow) -> str | None:
        """The template that renders the Application that needs the right."""
        for umbrella in self.state.umbrellas:
            chart = self.state.chart(umbrella.chart)
            application = self.state.env(wanted.env).application(wanted.application)
            if chart is None or application is None or application.manifest is None:
                continue
            name = application.manifest.ref.template
            if name in chart.templates:
                return chart.file(name)
        return None

    def _namespace(self, wanted: Allow, template: str) -> str | None:
        """The namespace as the Application's own template writes its destination, else its name."""
        application = self.state.env(wanted.env).application(wanted.application)
        if not wanted.namespace or application is None or wanted.namespace != application.destination:
            return wanted.namespace
        text = self.files.text(template)
        _, _, below = text.partition("  destination:")
        found = _NAMESPACE.search(below)
        if found is None:
            return wanted.namespace
        spelt = found["text"]
        return spelt if spelt == wanted.namespace or ".Values." in spelt else None

    def _subjects(self, folder: str, wanted: Allow) -> str:
        """The controller as a binding beside names it, else as the rights found in the environment do."""
        chart = self.state.chart(posixpath.dirname(folder))
        for text in chart.templates.values() if chart else ():
            for match in _SUBJECTS.finditer(text):
                if "kind: RoleBinding" in text or "kind: ClusterRoleBinding" in text:
                    return match["lines"].replace("\r\n", "\n")
        rights = rights_in(self.state.env(wanted.env), self.state.config)
        bound = next((grant.binding for grant in rights.grants if grant.binding is not None), None)
        subject = bound.get("subjects", 0, default={}) if bound else {}
        argocd = self.state.config.argocd
        name = subject.get("name", argocd.service_account)
        namespace = subject.get("namespace", argocd.namespace)
        return f"  - kind: ServiceAccount\n    name: {name}\n    namespace: {namespace}\n"

    def _free(self, stem: str) -> Iterator[str]:
        yield f"{stem}.yaml"
        number = 2
        while True:
            yield f"{stem}-{number}.yaml"
            number += 1


def _text(wanted: Allow, name: str, namespace: str, subjects: str) -> str:
    kind = "Role" if namespace else "ClusterRole"
    metadata = f"metadata:\n  name: {name}\n" + (f"  namespace: {namespace}\n" if namespace else "")
    metadata += '  annotations:\n    argocd.argoproj.io/sync-wave: "-1"\n'
    head = f"apiVersion: {_RBAC}/v1\nkind: "
    role = ""
    if not wanted.role:
        resources = "".join(f"      - {plural}\n" for plural in wanted.resources)
        rules = (
            f'rules:\n  - apiGroups: ["{wanted.group}"]\n    resources:\n{resources}    verbs: [{", ".join(MANAGE)}]\n'
        )
        role = f"{head}{kind}\n{metadata}{rules}---\n"
    ref_kind, ref_name = ("ClusterRole", wanted.role) if wanted.role else (kind, name)
    ref = f"roleRef:\n  apiGroup: {_RBAC}\n  kind: {ref_kind}\n  name: {ref_name}\n"
    return f"{role}{head}{kind}Binding\n{metadata}subjects:\n{subjects}{ref}"
