"""Uses in calls: operations with their arguments, request lines, exports, constructors of records."""

from __future__ import annotations

import ast
from collections.abc import Iterable

import attrs

from halo_generator.diff_meaning import CallMeaning
from halo_generator.types import Type
from halo_generator.usage_values import CLIENT, Value, listed, text
from halo_generator.usage_walk import Walk

_SAME_PAGES = ("limit", "prefetch", "overlapping")
_SEQUENCES = ("list", "sorted", "reversed", "tuple", "set", "iter")


class Calls(Walk):
    """The half of the walk that looks at calls."""

    def by_key(self, owner: Value, key: object, node: ast.AST) -> Value | None:
        """Return the field of a record by its name in JSON."""
        raise NotImplementedError

    def _value_call(self, node: ast.Call) -> Value | None:
        function = self.value(node.func)
        if function is None:
            given = [self.value(argument) for argument in node.args]
            for keyword in node.keywords:
                self.value(keyword.value)
            name = getattr(node.func, "id", "")
            return given[0] if given and name in _SEQUENCES else None
        if function.kind == "method" and function.call is not None:
            return self._called(function, function.call, node)
        if function.kind == "method of client":
            return self._of_client(function.name, node)
        if function.kind == "class":
            self._keywords(node, function.name)
            return Value("data", type=Type(record=function.name))
        self._arguments(node)
        if function.kind == "function":
            return function.inner
        if function.kind in ("client class", "client"):
            return CLIENT
        if function.kind == "resource":
            return function
        return self._of_data(function, node)

    def _arguments(self, node: ast.Call) -> None:
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
            self.value(argument)

    def _of_data(self, function: Value, node: ast.Call) -> Value | None:
        found = function.type
        if found is None:
            return None
        if function.kind == "method of pages":
            if function.name in _SAME_PAGES:
                return attrs.evolve(function, kind="pages")
            if function.name == "first":
                return attrs.evolve(function, kind="data")
            rows = listed(function)
            return {"all": rows, "by_page": listed(rows)}.get(function.name)
        key = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
        if function.kind == "method of record" and function.name == "get":
            return self.by_key(attrs.evolve(function, kind="data"), key, node)
        if found.container == "map" and function.name == "values" and found.item:
            return Value("data", type=Type(container="list", item=found.item), sure=function.sure)
        return None

    def _called(self, function: Value, call: CallMeaning, node: ast.Call) -> Value | None:
        sure = function.sure
        self.use(self.found.calls[call.python], node, sure=sure)
        if self.known.takes_fields(call, function.name):
            for record in call.body.records() if call.body else ():
                self._keywords(node, record, sure=sure)
        else:
            for keyword in node.keywords:
                self.value(keyword.value)
                if keyword.arg is not None:
                    self.use(self.found.arguments[call.python, keyword.arg], keyword.value, sure=sure)
                    self.use(self.found.given[call.python, keyword.arg], node, sure=sure)
            places = [part for part in call.parts.values() if f"{{{part.name}}}" in call.where]
            for part, given in zip(places, node.args, strict=False):
                self.use(self.found.arguments[call.python, part.python_name], given, sure=sure)
            for argument in node.args:
                self.value(argument)
        self._sent(call, node.args, sure)
        many = function.name in ("upsert", "bulk_upsert") and call.kind == "upsert"
        result = Type(container="list", item=call.result) if many else call.result
        kind = "pages" if call.kind in ("list", "proxy") else "data"
        return Value(kind, type=result, sure=sure, origin=call.python)

    def _sent(self, call: CallMeaning, given: Iterable[ast.expr], sure: bool) -> None:
        """Note the fields in mappings that are sent as they are written."""
        for record in call.body.records() if call.body else ():
            for argument in given:
                listed = argument.elts if isinstance(argument, ast.List | ast.Tuple) else [argument]
                for each in listed:
                    self._keys(each, record, sure)

    def _keys(self, node: ast.expr, record: str, sure: bool = True) -> None:
        for key in node.keys if isinstance(node, ast.Dict) else ():
            name = self.known.wire.get(record, {}).get(str(getattr(key, "value", "")))
            if name is not None and key is not None:
                self.use(self.found.written[record, name], key, sure=sure)

    def _keywords(self, node: ast.Call, record: str, *, sure: bool = True) -> None:
        self._arguments(node)
        for argument in node.args:
            self._keys(argument, record, sure)
        for keyword in node.keywords:
            if keyword.arg is not None:
                self.use(self.found.written[record, keyword.arg], keyword.value, sure=sure)

    def _of_client(self, name: str, node: ast.Call) -> Value | None:
        self._arguments(node)
        texts = [text(argument) for argument in node.args]
        if name == "request" and len(texts) > 1 and texts[0] and texts[1]:
            self._request(texts[0], texts[1], node)
        if name in ("export", "resolve") and node.args:
            first = node.args[0]
            listed = first.elts if isinstance(first, ast.List | ast.Tuple | ast.Set) else [first]
            for each in listed:
                call = self.known.list_of(text(each) or "")
                if call is not None:
                    self.use(self.found.calls[call.python], each)
        return CLIENT if name == "with_options" else None

    def _request(self, method: str, path: str, node: ast.Call) -> None:
        call = self.known.by_path(method, path if path.startswith("/") else f"/{path}")
        if call is None:
            return
        self.use(self.found.calls[call.python], node)
        for keyword in node.keywords:
            if keyword.arg == "json":
                self._sent(call, [keyword.value], sure=True)
            if keyword.arg == "params" and isinstance(keyword.value, ast.Dict):
                for key in keyword.value.keys:
                    part = call.parts.get(str(getattr(key, "value", "")))
                    if part is not None and key is not None:
                        self.use(self.found.arguments[call.python, part.python_name], key)
                        self.use(self.found.given[call.python, part.python_name], node)
