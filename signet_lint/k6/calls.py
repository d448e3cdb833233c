"""Calls: of the script's own functions, of k6, and of methods that keep what is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signet_lint.k6.names import Names
from signet_lint.k6.record import Call
from signet_lint.k6.scope import Function, Scope, Special
from signet_lint.k6.tree import child_of, text_of
from signet_lint.k6.value import UNKNOWN, Val

if TYPE_CHECKING:
    from tree_sitter import Node

_HTTP = frozenset(("get", "post", "put", "patch", "del", "head", "options", "request", "asyncRequest", "batch"))
_MAX_DEPTH = 12


class Calls(Names):
    """Follows calls, and writes down requests and pauses."""

    def e_call_expression(self, node: Node, scope: Scope) -> Val:
        callee = self.eval(child_of(node, "function"), scope)
        arguments = child_of(node, "arguments")
        if arguments.type == "template_string":
            given = [self.eval(arguments, scope)]
        else:
            given = [self.eval(one, scope) for one in arguments.named_children if one.type != "comment"]
        name = text_of(node.child_by_field_name("function"))
        if isinstance(callee.value, Function):
            return self.call(callee.value, given)
        returned = [self.call(one.value, []) for one in given if isinstance(one.value, Function)]
        for one in given:
            for item in one.value if isinstance(one.value, list) else ():
                self.used_value(item)
        if isinstance(callee.value, Special):
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

    def method(self, node: Node, callee: Val, given: list[Val], scope: Scope) -> Val | None:
        """Methods of texts that keep what is known of a URL."""
        function = child_of(node, "function")
        if function.type != "member_expression":
            return None
        name = text_of(function.child_by_field_name("property"))
        owner = self.eval(child_of(function, "object"), scope)
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

    def special(self, special: Special, given: list[Val], node: Node, scope: Scope) -> Val:
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

    def call(self, function: Function, given: list[Val]) -> Val:
        if self.depth >= _MAX_DEPTH:
            return Val()
        self.walked.add(id(function.node))
        scope = Scope(function.scope.file, function.scope)
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

    def used(self, node: Node, scope: Scope) -> Val:
        """A value given away: a function may be called by whoever gets it."""
        value = self.eval(node, scope)
        for one in value.value if isinstance(value.value, list) else [value]:
            if isinstance(one.value, Function) and id(one.value.node) not in self.walked:
                self.walked.add(id(one.value.node))
                returned = self.call(one.value, [])
                value = Val(value.value, value.line, value.file, value.names, value.is_random or returned.varies)
        return value

    def used_value(self, value: Val) -> None:
        if isinstance(value.value, Function) and id(value.value.node) not in self.walked:
            self.walked.add(id(value.value.node))
            self.call(value.value, [])


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
