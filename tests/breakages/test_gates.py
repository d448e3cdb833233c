"""What switches an Application may be asked in many ways: each is silent while it is on, and found where the flag is off."""

from __future__ import annotations

import pytest

from tests.breakages.cases import ENVS, LLM_APP, UMBRELLA, found
from tests.overlay import fixture_files

ON, OFF = "    signetLLMEnabled: true\n", "    signetLLMEnabled: false # here\n"
END = "{{- end }}\n"
HELPER = f"{UMBRELLA}/templates/_on.tpl"
# What stands before the Application and behind it, and a partial.
GATES: dict[str, tuple[str, str, str]] = {
    "its text is not false": ('{{- if ne (toString .Values.signetLLM.enabled) "false" }}\n', END, ""),
    "a variable by ternary": (
        '{{- $on := ternary true false (eq (.Values.signetLLM.enabled | toString) "true") }}\n{{- if $on }}\n',
        END,
        "",
    ),
    "inside of with": ("{{- with .Values.signetLLM }}\n{{- if .enabled }}\n{{- with $ }}\n", END * 3, ""),
    "together with another": ("{{- if and .Values.signetLLM.enabled .Values.openshiftAI.enabled }}\n", END, ""),
    "in the else": ("{{- if not .Values.signetLLM.enabled }}\n{{- else }}\n", END, ""),
    "by dig": ('{{- if dig "signetLLM" "enabled" false (.Values | merge (dict)) }}\n', END, ""),
    "by get": ('{{- if get (get .Values "signetLLM") "enabled" }}\n', END, ""),
    "in a list of words": ('{{- if has (toString .Values.signetLLM.enabled) (list "true" "yes") }}\n', END, ""),
    "only as a boolean": (
        '{{- if kindIs "bool" .Values.signetLLM.enabled }}\n{{- if .Values.signetLLM.enabled }}\n',
        END * 2,
        "",
    ),
    "in a rendered text": ('{{- if eq (tpl "{{ .Values.signetLLM.enabled }}" .) "true" }}\n', END, ""),
    "in a partial": (
        '{{- if eq (include "on" .) "true" }}\n',
        END,
        '{{- define "on" }}{{ .Values.signetLLM.enabled | toString }}{{- end }}',
    ),
    "in a partial, by a name that it is given": (
        '{{- if include "on" (dict "root" $ "key" "signetLLM") }}\n',
        END,
        '{{- define "on" }}{{- if (index .root.Values .key).enabled }}true{{ end }}{{- end }}',
    ),
}


def _files(name: str, flag: str) -> dict[str, str | None]:
    before, behind, partial = GATES[name]
    application = fixture_files()[LLM_APP].decode()
    body = application[application.index("apiVersion:") : application.rindex("{{- end }}")]
    envs = fixture_files()[ENVS].decode()
    assert envs.count(ON) == 1
    return {LLM_APP: before + body + behind, HELPER: partial or "{{/* nothing */}}", ENVS: envs.replace(ON, flag)}


@pytest.mark.parametrize("name", GATES)
def test_no_way_to_ask_is_a_finding(name: str) -> None:
    """The Application is deployed as before."""
    assert found({"files": _files(name, ON)}) == []


@pytest.mark.parametrize("name", GATES)
def test_a_flag_that_is_off_is_found(name: str) -> None:
    """At the flag of the environment that must run it."""
    files = _files(name, OFF)
    line = (files[ENVS] or "")[: (files[ENVS] or "").index("# here")].count("\n") + 1
    assert found({"files": files}) == [f"SGL108 {ENVS}:{line}"]
