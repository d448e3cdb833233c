"""A k6 script with the files it imports, read by meaning.

Starts where k6 does (the module, its default export, the functions that scenarios name) and follows calls, so that code
nobody calls and comments do not count. Where the same name gets values on several ways, what is known is given up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from signet_lint.k6.value import HOLE, UNKNOWN, Val

if TYPE_CHECKING:
    from tree_sitter import Node

_HTTP = frozenset(("get", "post", "put", "patch", "del", "head", "options", "request", "asyncRequest", "batch"))
_RANDOM = re.compile(r"random|faker|uuid|crypto|__ITER|__VU|Date\.now|shuffle", re.IGNORECASE)
_BODY_KEYS = frozenset(("messages", "input", "prompt", "max_tokens", "max_completion_tokens", "stream"))
_MAX_DEPTH = 12
_MAX_STEPS = 40_000
_NOT_ENTRIES = frozenset(("options", "handleSummary", "teardown"))
_FUNCTIONS = frozenset(
    ("function_declaration", "function_expression", "arrow_function", "method_definition", "generator_function")
)


@dataclass(frozen=True, slots=True)
class Call:
    """A request; `url` may have holes."""

    url: Val
    line: int
    file: str


@dataclass(frozen=True, slots=True)
class Model:
    """A model named in a request."""

    name: Val


@dataclass
class Script:
    """What a script does; `problem` is set where it cannot be read."""

    options: Val | None = None
    calls: list[Call] = field(default_factory=list)
    models: list[Val] = field(default_factory=list)
    limits: list[Val] = field(default_factory=list)
    sizes: list[Val] = field(default_factory=list)
    pauses: list[Val] = field(default_factory=list)
    reads: dict[str, Val] = field(default_factory=dict)
    defaulted: set[str] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)
    problem: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class _Function:
    node: Node
    scope: _Scope


@dataclass(frozen=True, slots=True)
class _Special:
    """A thing of k6: `env`, `http`, `sleep`, `random`."""

    kind: str
    member: str = ""


class _Scope:
    def __init__(self, file: str, parent: _Scope | None = None) -> None:
        self.file, self.parent, self.names = file, parent, {}  # type: ignore[var-annotated]
        self.exports: dict[str, Val] = parent.exports if parent else {}

    def find(self, name: str) -> Val | None:
        scope: _Scope | None = self
        while scope is not None:
            if name in scope.names:
                found: Val = scope.names[name]
                return found
            scope = scope.parent
        return None

    def owner(self, name: str) -> _Scope:
        scope: _Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope
            scope = scope.parent
        return self


def read_script(
    file: str, load: Callable[[str], str | None], environment: Mapping[str, str | None], *, open_ended: bool = False
) -> Script:
    """Read a script; `load` gives the text of a file by its path, `environment` None for a variable it cannot tell."""
    script = Script()
    reader = _Reader(script, load, environment, open_ended=open_ended)
    try:
        module = reader.module(file)
        if module is not None:
            reader.enter(module)
    except (RecursionError, _TooLongError):
        script.problem = "it is too long to follow"
    return script


class _TooLongError(Exception):
    pass


class _Reader:
    def __init__(
        self,
        script: Script,
        load: Callable[[str], str | None],
        environment: Mapping[str, str | None],
        *,
        open_ended: bool,
    ) -> None:
        self.script, self.load, self.environment, self.open_ended = script, load, environment, open_ended
        self.modules: dict[str, _Scope | None] = {}
        self.depth = self.steps = 0
        self.walked: set[int] = set()

    # Modules

    def module(self, file: str) -> _Scope | None:
        if file in self.modules:
            return self.modules[file]
        self.modules[file] = None
        text = self.load(file)
        if text is None:
            self.script.unread.append(file)
            return None
        root = _parse(file, text)
        if root.has_error:
            self.script.problem = self.script.problem or f"`{file}` is no JavaScript that can be read"
        scope = self.modules[file] = _Scope(file)
        self.block(root, scope)
        return scope

    def enter(self, module: _Scope) -> None:
        self.script.options = module.exports.get("options")
        scenarios = self.script.options.get("scenarios") if self.script.options else None
        named = {"default", "setup"}
        if scenarios is not None and isinstance(scenarios.value, dict):
            runs = [one.get("exec") for one in scenarios.value.values()]
            named = {run.text if run else "default" for run in runs} | {"setup"}
        for name, value in list(module.exports.items()):
            if name in named and isinstance(value.value, _Function):
                self.call(value.value, [])

    def block(self, node: Node, scope: _Scope) -> Val:
        for child in node.named_children:  # functions are known before they are written
            inner = child.child_by_field_name("declaration") if child.type == "export_statement" else child
            if inner is not None and inner.type in ("function_declaration", "generator_function_declaration"):
                name = _text(inner.child_by_field_name("name"))
                scope.names[name] = self.at(inner, scope, _Function(inner, scope))
        result: list[Val] = []
        for child in node.named_children:
            found = self.statement(child, scope)
            if found is not None:
                result.append(found)
        return _joined(result)

    # Statements: a value where one is returned

    def statement(self, node: Node, scope: _Scope) -> Val | None:
        self.step()
        kind = node.type
        if kind == "comment" or (kind in _FUNCTIONS and kind == "function_declaration"):
            return None
        handler: Callable[[Node, _Scope], Val | None] | None = getattr(self, f"s_{kind}", None)
        if handler is not None:
            return handler(node, scope)
        if kind.endswith("_statement") or kind in (
            "statement_block",
            "else_clause",
            "catch_clause",
            "finally_clause",
            "switch_body",
            "switch_case",
            "switch_default",
        ):
            returned = [found for child in node.named_children if (found := self.statement(child, scope)) is not None]
            return _joined(returned) if returned else None
        self.eval(node, scope)
        return None

    def s_return_statement(self, node: Node, scope: _Scope) -> Val:
        return self.eval(node.named_children[0], scope) if node.named_children else Val(None)

    def s_statement_block(self, node: Node, scope: _Scope) -> Val | None:
        result = [found for child in node.named_children if (found := self.statement(child, scope)) is not None]
        return _joined(result) if result else None

    def s_lexical_declaration(self, node: Node, scope: _Scope) -> None:
        for one in node.named_children:
            if one.type == "variable_declarator":
                value = one.child_by_field_name("value")
                target = one.child_by_field_name("name")
                if target is not None:
                    self.bind(target, self.eval(value, scope) if value is not None else Val(None), scope)

    s_variable_declaration = s_lexical_declaration

    def s_import_statement(self, node: Node, scope: _Scope) -> None:
        source = _string(node.child_by_field_name("source"))
        clause = next((c for c in node.named_children if c.type == "import_clause"), None)
        exports = self.imported(source, scope)
        for part in clause.named_children if clause else ():
            if part.type == "identifier":
                scope.names[_text(part)] = exports("default")
            elif part.type == "namespace_import":
                scope.names[_text(part.named_children[0])] = exports("*")
            else:
                for one in part.named_children:
                    name = _text(one.child_by_field_name("name"))
                    alias = one.child_by_field_name("alias")
                    scope.names[_text(alias) if alias else name] = exports(name)

    def s_export_statement(self, node: Node, scope: _Scope) -> None:
        source = node.child_by_field_name("source")
        exports = self.imported(_string(source), scope) if source else None
        declaration = node.child_by_field_name("declaration")
        value = node.child_by_field_name("value")
        is_default = any(child.type == "default" for child in node.children)
        if declaration is not None:
            self.statement(declaration, scope)
            names = [_text(declaration.child_by_field_name("name"))] + [
                _text(one.child_by_field_name("name"))
                for one in declaration.named_children
                if one.type == "variable_declarator"
            ]
            for name in filter(None, names):
                found = scope.find(name)
                if found is not None:
                    scope.exports["default" if is_default else name] = found
        if value is not None:
            scope.exports["default"] = self.eval(value, scope)
        for clause in node.named_children:
            for one in clause.named_children if clause.type == "export_clause" else ():
                name = _text(one.child_by_field_name("name"))
                alias = one.child_by_field_name("alias")
                known = exports(name) if exports else scope.find(name)
                scope.exports[_text(alias) if alias else name] = known or Val()

    def imported(self, source: str, scope: _Scope) -> Callable[[str], Val]:
        if source == "k6/http":
            return lambda name: Val(_Special("http", "" if name in ("default", "*") else name))
        if source == "k6":
            return lambda name: (
                Val(_Special("sleep" if name == "sleep" else "k6", "")) if name != "*" else Val(_Special("k6all"))
            )
        if source.startswith((".", "/")):
            module = self.module(_resolved(scope.file, source))
            if module is None:
                return lambda name: Val(is_random=bool(_RANDOM.search(name)))
            return lambda name: Val(dict(module.exports)) if name == "*" else module.exports.get(name, Val())
        return lambda name: Val(_Special("random")) if _RANDOM.search(f"{name} {source}") else Val()

    # Names

    def bind(self, target: Node, value: Val, scope: _Scope) -> None:  # noqa: PLR0912 - one branch a pattern of the grammar
        if target.type == "identifier":
            scope.names[_text(target)] = value
        elif target.type == "object_pattern":
            for one in target.named_children:
                key, name, default = one, one, None
                if one.type == "pair_pattern":
                    key, name = one.named_children[0], one.named_children[1]
                if one.type == "object_assignment_pattern":
                    key = name = one.named_children[0]
                    default = one.named_children[1]
                if name.type == "assignment_pattern":
                    name, default = name.named_children[0], name.named_children[1]
                found = self.member(value, _key(key), key, scope)
                if default is not None:
                    found = self.either(found, self.eval(default, scope))
                if name.type == "shorthand_property_identifier_pattern":
                    scope.names[_text(name)] = found
                else:
                    self.bind(name, found, scope)
        elif target.type == "array_pattern":
            for at, one in enumerate(target.named_children):
                items = value.value if isinstance(value.value, list) else []
                self.bind(one, items[at] if at < len(items) else Val(is_random=value.is_random), scope)
        elif target.type == "assignment_pattern":
            default = target.named_children[1]
            given = value if value.value is not None else self.eval(default, scope)
            self.bind(target.named_children[0], given, scope)
        else:
            for one in target.named_children:
                if one.type in ("identifier", "object_pattern", "assignment_pattern"):
                    self.bind(one, value, scope)

    def member(self, owner: Val, name: str, node: Node, scope: _Scope) -> Val:
        if isinstance(owner.value, _Special):
            if owner.value.kind == "env":
                return self.variable(name, node, scope)
            if owner.value.kind == "http":
                return Val(_Special("http", name))
            if owner.value.kind == "k6all":
                return Val(_Special("sleep" if name == "sleep" else "k6"))
            return owner
        if isinstance(owner.value, dict):
            found: Val = owner.value.get(name, Val() if HOLE in owner.value else Val(None))
            return found
        return Val(names=owner.names, is_random=owner.is_random)

    def variable(self, name: str, node: Node, scope: _Scope) -> Val:
        given = self.environment.get(name, None if not self.open_ended else HOLE)
        if name in self.environment and given is None:
            given = HOLE
        value = UNKNOWN if given == HOLE else given
        found = Val(value, node.start_point[0] + 1, scope.file, frozenset((name,)))
        self.script.reads.setdefault(name, found)
        return found

    # Expressions

    def at(self, node: Node, scope: _Scope, value: Any, *parts: Val) -> Val:
        names = frozenset(name for part in parts for name in part.names)
        return Val(value, node.start_point[0] + 1, scope.file, names, any(part.varies for part in parts))

    def step(self) -> None:
        self.steps += 1
        if self.steps > _MAX_STEPS:
            raise _TooLongError

    def eval(self, node: Node, scope: _Scope) -> Val:
        self.step()
        if node.type in _FUNCTIONS:
            return self.at(node, scope, _Function(node, scope))
        handler: Callable[[Node, _Scope], Val] | None = getattr(self, f"e_{node.type}", None)
        if handler is not None:
            return handler(node, scope)
        parts = [self.used(child, scope) for child in node.named_children if child.type != "comment"]
        return (
            parts[0]
            if len(parts) == 1 and node.type.endswith(("parenthesized_expression", "as_expression", "await_expression"))
            else self.at(node, scope, UNKNOWN, *parts)
        )

    def e_as_expression(self, node: Node, scope: _Scope) -> Val:
        return self.eval(node.named_children[0], scope)

    e_satisfies_expression = e_non_null_expression = e_as_expression

    def used(self, node: Node, scope: _Scope) -> Val:
        """A value given away: a function may be called by whoever gets it."""
        value = self.eval(node, scope)
        for one in value.value if isinstance(value.value, list) else [value]:
            if isinstance(one.value, _Function) and id(one.value.node) not in self.walked:
                self.walked.add(id(one.value.node))
                returned = self.call(one.value, [])
                value = Val(value.value, value.line, value.file, value.names, value.is_random or returned.varies)
        return value

    def e_string(self, node: Node, scope: _Scope) -> Val:
        found = self.at(node, scope, _string(node))
        for match in re.finditer(r'"model"\s*:\s*"([^"]+)"', found.value):
            self.script.models.append(Val(match.group(1), found.line, found.file))
        return found

    def e_number(self, node: Node, scope: _Scope) -> Val:
        try:
            number: Any = float(_text(node).replace("_", ""))
        except ValueError:
            number = UNKNOWN
        return self.at(node, scope, number)

    def e_true(self, node: Node, scope: _Scope) -> Val:
        return self.at(node, scope, True)

    def e_false(self, node: Node, scope: _Scope) -> Val:
        return self.at(node, scope, False)

    def e_undefined(self, node: Node, scope: _Scope) -> Val:
        return self.at(node, scope, None)

    e_null = e_undefined

    def e_identifier(self, node: Node, scope: _Scope) -> Val:
        name = _text(node)
        if name == "__ENV":
            return Val(_Special("env"))
        found = scope.find(name)
        if found is None:
            return self.at(node, scope, UNKNOWN) if not _RANDOM.search(name) else Val(is_random=True)
        return found

    def e_template_string(self, node: Node, scope: _Scope) -> Val:
        text, parts = "", []
        for child in node.named_children:
            if child.type == "template_substitution":
                part = self.used(child.named_children[0], scope) if child.named_children else Val()
                parts.append(part)
                text += part.text
            else:
                text += _escaped(child)
        return self.at(node, scope, text, *parts)

    def e_binary_expression(self, node: Node, scope: _Scope) -> Val:
        left, right = (self.eval(_child(node, name), scope) for name in ("left", "right"))
        operator = _text(node.child_by_field_name("operator"))
        if operator in ("||", "??"):
            return self.either(left, right)
        value: Any = UNKNOWN
        numbers = isinstance(left.value, (int, float)) and isinstance(right.value, (int, float))
        if (
            operator == "+"
            and not numbers
            and (isinstance(left.value, str) or isinstance(right.value, str) or left.names or right.names)
        ):
            value = left.text + right.text
        elif numbers:
            value = _arithmetic(operator, left.value, right.value)
        return self.at(node, scope, value, left, right)

    def either(self, left: Val, right: Val) -> Val:
        self.script.defaulted |= left.names
        if left.value is UNKNOWN:
            return Val(UNKNOWN, left.line, left.file, left.names | right.names, left.is_random or right.is_random)
        return left if left.value not in (None, "", 0, False) else right

    def e_ternary_expression(self, node: Node, scope: _Scope) -> Val:
        condition = self.eval(_child(node, "condition"), scope)
        first, second = (self.eval(_child(node, name), scope) for name in ("consequence", "alternative"))
        joined = _joined([first, second])
        return Val(joined.value, joined.line, joined.file, joined.names, joined.is_random or condition.is_random)

    def e_member_expression(self, node: Node, scope: _Scope) -> Val:
        owner = self.eval(_child(node, "object"), scope)
        if _RANDOM.search(_text(node)) and not isinstance(owner.value, dict):
            return Val(_Special("random"), is_random=True)
        return self.member(owner, _text(node.child_by_field_name("property")), node, scope)

    def e_subscript_expression(self, node: Node, scope: _Scope) -> Val:
        owner, index = self.eval(_child(node, "object"), scope), self.eval(_child(node, "index"), scope)
        if isinstance(index.value, str) and HOLE not in index.value:
            return self.member(owner, index.value, node, scope)
        if (
            isinstance(owner.value, list)
            and isinstance(index.value, (int, float))
            and int(index.value) < len(owner.value)
        ):
            found: Val = owner.value[int(index.value)]
            return found
        items = (
            owner.value
            if isinstance(owner.value, list)
            else list(owner.value.values())
            if isinstance(owner.value, dict)
            else []
        )
        for item in items:
            self.used_value(item)
        return self.at(node, scope, UNKNOWN, owner, index)

    def used_value(self, value: Val) -> None:
        if isinstance(value.value, _Function) and id(value.value.node) not in self.walked:
            self.walked.add(id(value.value.node))
            self.call(value.value, [])

    def e_array(self, node: Node, scope: _Scope) -> Val:
        items: list[Val] = []
        for child in node.named_children:
            if child.type == "spread_element":
                spread = self.eval(child.named_children[0], scope)
                items += spread.value if isinstance(spread.value, list) else [Val(is_random=spread.is_random)]
            elif child.type != "comment":
                items.append(self.eval(child, scope))
        return self.at(node, scope, items)

    def e_object(self, node: Node, scope: _Scope) -> Val:
        entries: dict[str, Val] = {}
        for child in node.named_children:
            if child.type == "spread_element":
                spread = self.eval(child.named_children[0], scope)
                entries.update(spread.value if isinstance(spread.value, dict) else {HOLE: spread})
            elif child.type == "pair":
                entries[_key(_child(child, "key"))] = self.eval(_child(child, "value"), scope)
            elif child.type == "shorthand_property_identifier":
                entries[_text(child)] = self.e_identifier(child, scope)
            elif child.type == "method_definition":
                entries[_text(child.child_by_field_name("name"))] = self.at(child, scope, _Function(child, scope))
        if _BODY_KEYS & entries.keys():
            self.body(entries)
        return self.at(node, scope, entries)

    def body(self, entries: Mapping[str, Val]) -> None:
        if "model" in entries:
            self.script.models.append(entries["model"])
        self.script.limits += [entries[k] for k in ("max_tokens", "max_completion_tokens") if k in entries]
        self.script.sizes += [entries[k] for k in ("messages", "input", "prompt") if k in entries]

    def e_assignment_expression(self, node: Node, scope: _Scope) -> Val:
        target, value = _child(node, "left"), self.eval(_child(node, "right"), scope)
        if target.type == "identifier":
            name = _text(target)
            owner = scope.owner(name)
            before = owner.names.get(name)
            owner.names[name] = value if before is None or before.value is None else _joined([before, value])
        elif target.type == "member_expression":
            key = _text(target.child_by_field_name("property"))
            holder = self.eval(_child(target, "object"), scope)
            if isinstance(holder.value, dict):
                holder.value[key] = value
            self.body({key: value})
        return value

    e_augmented_assignment_expression = e_assignment_expression

    def e_call_expression(self, node: Node, scope: _Scope) -> Val:
        callee = self.eval(_child(node, "function"), scope)
        arguments = _child(node, "arguments")
        if arguments.type == "template_string":
            given = [self.eval(arguments, scope)]
        else:
            given = [self.eval(one, scope) for one in arguments.named_children if one.type != "comment"]
        name = _text(node.child_by_field_name("function"))
        if isinstance(callee.value, _Function):
            return self.call(callee.value, given)
        returned = [self.call(one.value, []) for one in given if isinstance(one.value, _Function)]
        for one in given:
            for item in one.value if isinstance(one.value, list) else ():
                self.used_value(item)
        if isinstance(callee.value, _Special):
            return self.special(callee.value, given, node, scope)
        if name == "require" and given:
            exports = self.imported(given[0].text, scope)
            return exports("*" if given[0].text.startswith((".", "k6")) else "default")
        if name in ("Object.freeze", "String", "encodeURI") and given:
            return given[0]
        if name == "Object.assign" and all(isinstance(one.value, dict) for one in given):
            return self.at(node, scope, {k: v for one in given for k, v in one.value.items()})
        known = self.method(node, callee, given, scope)
        return known or self.at(node, scope, UNKNOWN, callee, *given, *returned)

    def method(self, node: Node, callee: Val, given: list[Val], scope: _Scope) -> Val | None:
        """Methods of texts that keep what is known of a URL."""
        function = _child(node, "function")
        if function.type != "member_expression":
            return None
        name = _text(function.child_by_field_name("property"))
        owner = self.eval(_child(function, "object"), scope)
        if not isinstance(owner.value, str) and not (owner.names and name in ("replace", "trim", "concat")):
            return None if not owner.is_random else self.at(node, scope, UNKNOWN, owner, callee, *given)
        text = owner.text
        if name == "concat":
            return self.at(node, scope, text + "".join(one.text for one in given), owner, *given)
        if name in ("trim", "toString", "toLowerCase"):
            return owner
        if name == "replace":  # of a URL: slashes at its end
            return self.at(node, scope, text.rstrip("/"), owner)
        return None

    def special(self, special: _Special, given: list[Val], node: Node, scope: _Scope) -> Val:
        line = node.start_point[0] + 1
        if special.kind == "sleep":
            self.script.pauses.append(given[0] if given else Val())
        elif special.kind == "http" and special.member in _HTTP and given:
            urls = [given[1] if special.member in ("request", "asyncRequest") and len(given) > 1 else given[0]]
            if special.member == "batch":
                urls = list(_batched(given[0]))
            self.script.calls += [Call(url, line, scope.file) for url in urls]
        elif special.kind == "http" and special.member == "url" and given:
            return given[0]
        return Val(line=line, file=scope.file, is_random=special.kind == "random" or any(one.varies for one in given))

    def call(self, function: _Function, given: list[Val]) -> Val:
        if self.depth >= _MAX_DEPTH:
            return Val()
        self.walked.add(id(function.node))
        scope = _Scope(function.scope.file, function.scope)
        parameters = function.node.child_by_field_name("parameters")
        targets = list(parameters.named_children) if parameters else []
        single = function.node.child_by_field_name("parameter")
        targets = [single] if single is not None else [one for one in targets if one.type != "comment"]
        for at, target in enumerate(targets):
            self.bind(target, given[at] if at < len(given) else (Val() if not given else Val(None)), scope)
        body = function.node.child_by_field_name("body")
        self.depth += 1
        try:
            if body is None:
                return Val()
            return self.block(body, scope) if body.type == "statement_block" else self.eval(body, scope)
        finally:
            self.depth -= 1


def _batched(requests: Val) -> list[Val]:
    items = (
        requests.value
        if isinstance(requests.value, list)
        else list(requests.value.values())
        if isinstance(requests.value, dict)
        else [Val()]
    )
    urls: list[Val] = []
    for item in items:
        if isinstance(item.value, list):
            urls.append(item.value[1] if len(item.value) > 1 else Val())
        else:
            urls.append(item.get("url") or Val() if isinstance(item.value, dict) else item)
    return urls


def _joined(values: list[Val]) -> Val:
    """One value for several that are possible."""
    if len(values) == 1:
        return values[0]
    names = frozenset(name for one in values for name in one.names)
    known = values[0].value if values and all(one.value == values[0].value for one in values) else UNKNOWN
    first = values[0] if values else Val()
    # Which of them it is differs, or would not be several.
    return Val(known, first.line, first.file, names, any(one.varies for one in values))


def _arithmetic(operator: str, left: float, right: float) -> Any:
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    return left / right if operator == "/" and right else UNKNOWN


def _parse(file: str, text: str) -> Node:
    from tree_sitter import Language, Parser

    if file.endswith(".ts"):
        import tree_sitter_typescript

        language = Language(tree_sitter_typescript.language_typescript())
    else:
        import tree_sitter_javascript

        language = Language(tree_sitter_javascript.language())
    return Parser(language).parse(text.encode()).root_node


def _resolved(file: str, source: str) -> str:
    parts = file.split("/")[:-1] if not source.startswith("/") else []
    for part in source.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in (".", "") or (part == "" and not parts):
            parts.append(part)
    return "/".join(parts)


def _child(node: Node, name: str) -> Node:
    found = node.child_by_field_name(name)
    if found is None:  # a broken script
        return node.children[0] if node.children else node.parent or node
    return found


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def _key(node: Node) -> str:
    return _string(node) if node.type == "string" else _text(node)


def _escaped(node: Node) -> str:
    text = _text(node)
    return {"\\n": "\n", "\\t": "\t"}.get(text, text[1:]) if node.type == "escape_sequence" else text


def _string(node: Node | None) -> str:
    return "".join(map(_escaped, node.named_children)) if node is not None else ""
