"""`signet-lint capacity`: the sums, as a table and as JSON."""

from __future__ import annotations

import json
import shutil

import jsonschema
import pytest
from click.testing import CliRunner

from signet_lint.cli import cli
from signet_lint.schema.sources import schema_folder
from tests.overlay import FIXTURE

GIB = 1024**3


def run(*arguments):
    """Run the command and give exit code, standard output and standard error."""
    result = CliRunner().invoke(cli, ["capacity", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def test_sums_of_the_plan():
    """One chat and one embeddings service on two GPUs, within the quota, with the memory sum of each."""
    code, out, _ = run(FIXTURE, "--format", "json")
    content = json.loads(out)
    jsonschema.validate(content, json.loads((schema_folder() / "capacity-v1.json").read_text()))
    prod = content["environments"][-1]
    services = {service["task"]: service for service in prod["services"]}
    chat = services["/v1/chat/completions"]
    assert code == 0
    assert (prod["gpus_asked"], prod["gpus_there"], prod["vcpus"], prod["vcpu_quota"]) == (2, 2, 8, 8)
    assert chat["model"] == "Qwen/Qwen2.5-14B-Instruct"
    # 14.77 billion parameters of two bytes; 48 layers x 8 heads x 128 x 2 (keys, values) x 2 bytes x 8192 tokens.
    assert chat["memory"]["weights"] == 14770033664 * 2
    assert chat["memory"]["cache"] == 2 * 48 * 8 * 128 * 2 * 8192
    assert chat["memory"]["budget"] == pytest.approx(45776 * 1024**2 * 0.9, abs=1)
    assert chat["memory"]["fits"]
    assert services["/v1/embeddings"]["model"] == "intfloat/e5-mistral-7b-instruct"
    assert prod["load_tests"] == [{"name": "signet-loadtest", "replicas": 0}]
    assert content["environments"][0]["services"] == []


def test_longest_context_is_the_border():
    """A context of the length said to be the longest fits, one token more does not."""
    from tests.overlay import check
    from tests.test_rules import RULES

    _, out, _ = run(FIXTURE, "--format", "json", "--env", "prod")
    longest = json.loads(out)["environments"][0]["services"][1]["memory"]["longest"]
    rule = [rule for rule in RULES if rule.id == "SGL613"]
    values = "charts/signet-llm/values-common.yaml"
    for length, findings in ((longest, 0), (longest + 1, 1)):
        report = check(rule, edits={values: [("maxModelLen: 8192", f"maxModelLen: {length}")]})
        assert len(report.findings) == findings


def test_table(tmp_path):
    """The table says what is asked and there, and what does not fit."""
    root = tmp_path / "repo"
    shutil.copytree(FIXTURE, root)
    values = root / "charts/signet-llm/values-common.yaml"
    values.write_text(values.read_text().replace("Qwen2.5-14B", "Qwen2.5-32B"))
    code, out, err = run(root, "--env", "prod")
    assert (code, err) == (0, "")
    assert "2 asked, 2 there" in out
    assert "8 of a quota of 8" in out
    assert "61.0 + 2.0 + 1.0 = 64.0 GiB does not fit" in out
    assert "40.2 GiB (L40S)" in out
    assert "\x1b" not in out


def test_unknown_and_wrong(tmp_path):
    """A model that no catalogue knows is said so, an environment that is not there refused."""
    root = tmp_path / "repo"
    shutil.copytree(FIXTURE, root)
    values = root / "charts/signet-llm/values-common.yaml"
    values.write_text(values.read_text().replace("Qwen/Qwen2.5-14B-Instruct", "acme/new"))
    assert "signet-llm: `acme/new` is not in the model catalogue" in run(root)[1]
    assert run(root, "--env", "prd")[0] == 2
    (tmp_path / "empty").mkdir()
    assert run(tmp_path / "empty")[0] == 3
