"""`signet-lint diff` as a user runs it, in a clone of the example repository with a few commits."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner
from referencing import Registry, Resource

from signet_lint.cli import cli
from signet_lint.schema.sources import schema_folder
from tests.overlay import FIXTURE
from tests.unit.test_gittree import git

PROD_LOADTEST = "charts/signet-loadtest/values-common.yaml"
PROD_POOL = "charts/cluster-capacity/values-prod.yaml"
LLM_APP = "charts/signet-umbrella/templates/app-signet-llm.yaml"


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """The example repository under git, the current folder in it."""
    root = tmp_path / "clone"
    shutil.copytree(FIXTURE, root)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "first")
    monkeypatch.chdir(root)
    return root


def edit(root: Path, path: str, old: str, new: str) -> None:
    """Replace the one place of a text in a file."""
    text = (root / path).read_text()
    assert text.count(old) == 1
    (root / path).write_text(text.replace(old, new))


def run(*arguments):
    """Run the command and give its exit code and output."""
    result = CliRunner().invoke(cli, ["diff", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_nothing_differs(clone):
    """Without a change it says that nothing differs, and only that."""
    code, out, err = run()
    assert (code, err) == (0, "")
    assert out == "Argo CD would deploy the same, and the findings are the same.\n"


def test_working_tree_against_last_commit(clone):
    """A changed field, with its value before and after, and the finding that is new."""
    edit(clone, PROD_LOADTEST, "replicas: 0", "replicas: 1")
    code, out, _ = run("--env", "prod")
    assert code == 0
    assert "~ Deployment signet-prod/signet-loadtest" in out
    assert "/spec/replicas: 0 -> 1" in out
    assert f"+ new   {PROD_LOADTEST}:" in out
    assert "SGL801" in out
    assert "0 added, 0 removed, 1 changed in 1 environment" in out


def test_two_revisions(clone):
    """Both sides come from commits; what lies in the working tree plays no part."""
    edit(clone, PROD_POOL, "  replicas: 2", "  replicas: 3")
    edit(clone, PROD_POOL, "  max: 2", "  max: 3")
    git(clone, "commit", "-qam", "more machines")
    shutil.rmtree(clone / "charts/web-frontend")
    code, out, _ = run("HEAD~1", "HEAD")
    assert code == 0
    assert "GPUs there: 2 -> 3" in out
    assert "vCPUs of GPU machines: 8 -> 12" in out
    assert "web-frontend" not in out


def test_an_application_goes(clone):
    """An Application that is gone, with all it deployed, in the environment that had it."""
    (clone / LLM_APP).unlink()
    code, out, _ = run()
    assert code == 0
    assert "- Application signet-llm-prod" in out
    assert "- InferenceService signet-prod/signet-llm" in out
    assert "GPUs asked: 2 -> 1" in out
    assert "\nlocal\n" not in f"\n{out}"


def test_json_follows_its_schema(clone):
    """The JSON form is what schemas/diff-v1.json says, findings as in the report."""
    (clone / LLM_APP).unlink()
    code, out, _ = run("--format", "json")
    assert code == 0
    content = json.loads(out)
    report, own = (json.loads((schema_folder() / f"{name}-v1.json").read_text()) for name in ("report", "diff"))
    registry = Registry().with_resources([(s["$id"], Resource.from_contents(s)) for s in (report, own)])
    jsonschema.Draft202012Validator(own, registry=registry).validate(content)
    (env,) = content["environments"]
    assert env["name"] == "prod"
    assert env["sums"]["before"]["gpus_asked"] - env["sums"]["after"]["gpus_asked"] == 1
    assert "SGL102" in {finding["rule"] for finding in content["findings"]["new"]}


def test_markdown(clone):
    """The Markdown form has a row for each environment and a coloured block that nothing can break out of."""
    config = "charts/web-frontend/templates/configmap.yaml"
    (clone / config).write_text((clone / config).read_text() + "  more: '```'\n")
    edit(clone, PROD_LOADTEST, "replicas: 0", "replicas: 1")
    _, out, _ = run("--format", "markdown")
    assert "| prod |" in out
    assert out.count("<details>") == out.count("</details>") == 3
    assert "\n````diff" in out
    assert "\n!" in out


def test_a_secret_is_not_shown(clone):
    """Of a Secret it says which keys differ, never what is in them."""
    path = clone / "charts/web-frontend/templates/secret.yaml"
    manifest = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\nstringData:\n  key: {}\n"
    path.write_text(manifest.format("before-before"))
    git(clone, "add", "-A")
    git(clone, "commit", "-qm", "secret")
    path.write_text(manifest.format("after-after"))
    for form in ("text", "markdown", "json"):
        code, out, err = run("--format", form)
        assert code == 0
        assert "(hidden)" in out
        assert "before-before" not in out + err
        assert "after-after" not in out + err


def test_a_token_written_out_is_not_shown(clone):
    """Neither when its variable is new, nor when its value changes."""
    path = clone / "charts/signet-llm/templates/servingruntime.yaml"
    before, line = path.read_text(), "          value: /tmp/hf_home\n"
    assert line in before
    with_token = before.replace(line, line + "        - name: MY_API_KEY\n          value: {}\n").replace
    for token in ("k9-plain-" + "before", "k9-plain-" + "after"):
        path.write_text(with_token("value: {}\n", f"value: {token}\n"))
        for form in ("text", "markdown", "json"):
            code, out, err = run("--format", form)
            assert code == 0
            assert "/env/1" in out
            assert "k9-plain" not in out + err
        git(clone, "commit", "-qam", "token")


def test_an_environment_on_one_side(clone):
    """An environment that the older side does not have is added whole."""
    entry = "charts/argocd-apps/values.yaml"
    text = (clone / entry).read_text()
    (clone / entry).write_text(
        text + text[text.index("  - name: sno") : text.index("  - name: prod")].replace("sno", "lab")
    )
    code, out, err = run("--env", "lab")
    assert (code, err) == (0, "")
    assert out.startswith("lab (added)\n")
    assert "+ Application web-frontend-lab" in out


def test_wrong_arguments(clone):
    """A revision or an environment that is not there is an error of usage."""
    code, _, err = run("nope")
    assert (code, err) == (2, "error: no git revision `nope`\nhint: name a branch, a tag or a commit of this clone\n")
    code, _, err = run("--env", "prd")
    assert code == 2
    assert "did you mean `prod`" in err


def test_a_side_that_cannot_be_analysed(clone):
    """With nothing to deploy on one side it exits 3 and says which."""
    shutil.rmtree(clone / "charts")
    code, _, err = run()
    assert code == 3
    assert "the files here: nothing to lint" in err
