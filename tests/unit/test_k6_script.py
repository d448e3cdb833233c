"""Spellings of k6 scripts, and what is read of each."""

from __future__ import annotations

import pytest

from signet_lint.k6 import HOLE, Script, read_script

HEAD = "import http from 'k6/http'; import { sleep } from 'k6';\n"
ENV: dict[str, str | None] = {"A": "https://a", "SECRET": None}


def read(text: str, **others: str) -> Script:
    files = {"s/x.js": text, **{f"s/{name}.js": other for name, other in others.items()}}
    return read_script("s/x.js", files.get, ENV)


@pytest.mark.parametrize(
    ("body", "url"),
    [
        ("http.post(`${__ENV.A}/v1`)", "https://a/v1"),
        ("http.post(__ENV['A'] + '/v1')", "https://a/v1"),
        ("const { A } = __ENV; http.post(A + '/v1')", "https://a/v1"),
        ("const { A: base } = __ENV; http.post(`${base}/v1`)", "https://a/v1"),
        ("const { NONE = 'https://d' } = __ENV; http.post(`${NONE}/v1`)", "https://d/v1"),
        ("const e = __ENV; http.post(`${e.A}/v1`)", "https://a/v1"),
        ("http.post(`${__ENV.NONE || 'https://d'}/v1`)", "https://d/v1"),
        ("http.post(`${__ENV.NONE}/v1`)", "undefined/v1"),
        ("http.post(`${__ENV.SECRET}/v1`)", f"{HOLE}/v1"),
        ("http.request('POST', `${__ENV.A}/v1`)", "https://a/v1"),
        ("http.batch([['POST', `${__ENV.A}/v1`]])", "https://a/v1"),
        ("http.batch([{ method: 'POST', url: `${__ENV.A}/v1` }])", "https://a/v1"),
        ("http.post(http.url`${__ENV.A}/v1`)", "https://a/v1"),
        ("const url = (p) => `${__ENV.A}${p}`; http.post(url('/v1'))", "https://a/v1"),
        ("function send(b, p) { return http.post(b + p); } send(__ENV.A, '/v1')", "https://a/v1"),
        ("const c = { base: __ENV.A, path: '/v1' }; http.post(c.base + c['path'])", "https://a/v1"),
        ("http.post(`${__ENV.A.replace(/x$/, '')}/v1`)", "https://a/v1"),
        ("[1].forEach(() => { http.post(`${__ENV.A}/v1`); })", "https://a/v1"),
        ("if (Math.random() < 0.5) { http.post(`${__ENV.A}/v1`); }", "https://a/v1"),
    ],
)
def test_url_of_a_request(body: str, url: str) -> None:
    """A URL is put together as the script does it."""
    assert [call.url.text for call in read(f"{HEAD}export default function () {{ {body} }}").calls] == [url]


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}// http.post('x')\nexport default function () {{ /* http.post('x') */ }}",
        f"{HEAD}function unused() {{ http.post('x'); }}\nexport default () => {{}};",
        "const http = { post() {} };\nexport default function () { http.post('x'); }",
        f"{HEAD}export function other() {{ http.post('x'); }}\nexport default function () {{}}",
    ],
)
def test_what_k6_never_sends(text: str) -> None:
    """Comments, functions nobody calls and things of another name are no requests."""
    assert read(text).calls == []


def test_scenarios_name_what_runs() -> None:
    """Functions named by `exec` run, the default export then does not."""
    options = "export const options = { scenarios: { a: { executor: 'constant-vus', exec: 'one' } } };\n"
    text = f"{HEAD}{options}export function one() {{ http.get('1'); }}\nexport default function () {{ http.get('2'); }}"
    assert [call.url.text for call in read(text).calls] == ["1"]


def test_imports_are_followed() -> None:
    """What another file exports is read there, with its own lines."""
    lib = "import client from 'k6/http';\n\nexport const send = (p) => client.post(`${__ENV.A}${p}`);\n"
    script = read("import { send as go } from './lib.js';\nexport default function () { go('/v1'); }", lib=lib)
    assert [(call.url.text, call.file, call.line) for call in script.calls] == [("https://a/v1", "s/lib.js", 3)]


def test_import_that_is_not_there_is_told() -> None:
    """A file that cannot be loaded is named."""
    assert read("import './lib.js';\nimport { a } from './gone.js';", lib="").unread == ["s/gone.js"]


@pytest.mark.parametrize(
    ("argument", "varies"),
    [
        ("Math.random() * 2", True),
        ("between(1, 2)", True),
        ("pick()", True),
        ("2", False),
        ("same(1)", False),
        ("1 + 1", False),
    ],
)
def test_random_pauses(argument: str, varies: bool) -> None:
    """Randomness is seen through functions."""
    helpers = (
        "function between(a, b) { const r = Math.random(); return a + Math.floor(r * (b - a)); }\n"
        "const pick = () => [1, 2][Math.floor(Math.random() * 2)];\nconst same = (n) => n;\n"
    )
    script = read(f"{HEAD}{helpers}export default function () {{ sleep({argument}); }}")
    assert [pause.varies for pause in script.pauses] == [varies]


def test_models_and_limits_of_bodies() -> None:
    """Bodies are read where they are written, through constants and variables."""
    text = f"{HEAD}const M = 'm';\nexport default function () {{ JSON.stringify({{ model: M, messages: [], max_tokens: 5 }}); }}"
    script = read(text)
    assert ([m.text for m in script.models], [one.text for one in script.limits]) == (["m"], ["5"])


@pytest.mark.parametrize(
    "text", ["export default function ( {", "for (", "\x00", "", "export const options = " + "[" * 3000]
)
def test_broken_script_is_no_crash(text: str) -> None:
    """A script that is no JavaScript is told or read as far as it goes."""
    assert read(text).calls == []


def test_endless_recursion_ends() -> None:
    """A function that calls itself is followed a few times only."""
    script = read(f"{HEAD}function a() {{ a(); a(); }}\nexport default function () {{ a(); http.get('x'); }}")
    assert script.problem or [call.url.text for call in script.calls] == ["x"]


def test_typescript() -> None:
    """Types do not disturb."""
    text = f"{HEAD}const base: string = __ENV.A as string;\nexport default function (): void {{ http.post(`${{base}}/v1`); }}"
    script = read_script("x.ts", {"x.ts": text}.get, ENV)
    assert ([call.url.text for call in script.calls], script.problem) == (["https://a/v1"], "")
