"""What several formats say of a finding in words."""

from __future__ import annotations

from signet_lint.finding import Finding


def context(finding: Finding) -> str:
    """Where it holds: environments, Application and manifest, or "" where it has none of them."""
    parts = []
    if finding.envs:
        parts.append("in " + ", ".join(finding.envs))
    if finding.application:
        parts.append(f"Application {finding.application}")
    if finding.subject:
        parts.append(f"{finding.subject.kind} {manifest_name(finding)}")
    return " · ".join(parts)


def manifest_name(finding: Finding) -> str:
    """The manifest's name, behind its namespace where it has one; "" without a manifest."""
    subject = finding.subject
    if subject is None:
        return ""
    return f"{subject.namespace}/{subject.name}" if subject.namespace else subject.name
