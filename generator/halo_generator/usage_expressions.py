"""Uses in expressions, and what they stand for."""

from __future__ import annotations

import ast
from collections.abc import Callable

import attrs

from halo_generator.types import Type
from halo_generator.usage_calls import Calls
from halo_generator.usage_values import CLIENT, CLIENT_NAMES, Value, is_self, item, listed


class Expressions(Calls):
    """The half of the walk that looks at expressions."""

    def value(self, node: ast.expr) -> Value | None:
        """Return what an expression stands for, if it can be followed; note the uses in it."""
        handler: Callable[[ast.expr], Value | None] | None
        handler = getattr(self, f"_value_{type(node).__name__.lower()}", None)
        if handler is not None:
            found: Value | None = handler(node)
            return found
        for child in ast.iter_child_nodes(node):
            self.visit(child)
        return None

    def _value_name(self, node: ast.Name) -> Value | None:
        found = self.scope.get(node.id)
        if found is None and node.id == "Halo":
            return Value("client class")
        if found is None and node.id.lower() in CLIENT_NAMES:
            return CLIENT
        if found is not None and found.kind == "class":
            self.use(self.found.classes[found.name], node)
        return found

    def _value_await(self, node: ast.Await) -> Value | None:
        found = self.value(node.value)
        if found is not None and found.kind == "pages":
            return listed(found)
        return found

    def _value_namedexpr(self, node: ast.NamedExpr) -> Value | None:
        found = self.value(node.value)
        self.bind(node.target, found)
        return found

    def _value_ifexp(self, node: ast.IfExp) -> Value | None:
        self.value(node.test)
        first, second = self.value(node.body), self.value(node.orelse)
        return first or second

    def _value_boolop(self, node: ast.BoolOp) -> Value | None:
        found = [self.value(each) for each in node.values]
        return next(filter(None, found), None)

    def _value_listcomp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Value | None:
        with self.inside():
            self._generators(node.generators)
            found = self.value(node.elt)
        return None if found is None or found.type is None else listed(found)

    _value_setcomp = _value_generatorexp = _value_listcomp

    def _value_dictcomp(self, node: ast.DictComp) -> Value | None:
        with self.inside():
            self._generators(node.generators)
            self.value(node.key)
            found = self.value(node.value)
        inner = None if found is None else found.type
        return None if inner is None else Value("data", type=Type(container="map", item=inner))

    def _generators(self, generators: list[ast.comprehension]) -> None:
        for each in generators:
            self.bind(each.target, item(self.value(each.iter)))
            for condition in each.ifs:
                self.value(condition)

    def _value_list(self, node: ast.List | ast.Tuple | ast.Set) -> Value | None:
        found = [self.value(element) for element in node.elts]
        first = next((value for value in found if value is not None and value.type is not None), None)
        return None if first is None else listed(first)

    _value_tuple = _value_set = _value_list

    def _value_lambda(self, node: ast.Lambda) -> Value | None:
        with self.inside():
            self.value(node.body)
        return None

    def _value_attribute(self, node: ast.Attribute) -> Value | None:
        if is_self(node.value):
            found = self.members.get(self.owner, {}).get(node.attr)
            return CLIENT if found is None and node.attr.lower().strip("_") in CLIENT_NAMES else found
        owner = self.value(node.value)
        if owner is None:
            resource = self.known.resource(node.attr)
            if resource is not None and isinstance(node.value, ast.Name | ast.Attribute | ast.Call):
                self.use(self.found.names[node.attr], node, sure=False)
                return Value("resource", resource, sure=False)
            self.use(self.found.names[node.attr], node, sure=False)
            return None
        return self._member(owner, node.attr, node)

    def _member(self, owner: Value, name: str, node: ast.AST) -> Value | None:
        if owner.kind == "client":
            resource = self.known.resource(name)
            return Value("resource", resource) if resource else Value("method of client", name)
        if owner.kind == "resource":
            return self._of_resource(owner, name)
        if owner.kind == "models" and name in self.known.fields:
            self.use(self.found.classes[name], node)
            return Value("class", name)
        if owner.kind == "client class":
            return owner
        if owner.kind == "pages":
            return attrs.evolve(owner, kind="method of pages", name=name)
        if owner.kind == "data" and owner.type is not None and owner.type.record:
            return self._find_field(owner, name, node)
        return attrs.evolve(owner, kind="method of data", name=name) if owner.kind == "data" else None

    def _of_resource(self, owner: Value, name: str) -> Value | None:
        inner = f"{owner.name}.{name}"
        if inner in self.known.resources:
            return Value("resource", inner, sure=owner.sure)
        call = self.known.method(owner.name, name)
        if call is None:
            return owner if name == "with_options" else None
        return Value("method", name, call=call, sure=owner.sure)

    def _find_field(self, owner: Value, name: str, node: ast.AST) -> Value | None:
        record = owner.type.record if owner.type else ""
        found = self.known.fields.get(record, {}).get(name)
        if found is None:
            return attrs.evolve(owner, kind="method of record", name=name)
        self.use(self.found.fields[record, name], node, sure=owner.sure)
        if owner.origin:
            self.use(self.found.rows[owner.origin, name], node, sure=owner.sure)
        return Value("data", type=found, sure=owner.sure)

    def _value_subscript(self, node: ast.Subscript) -> Value | None:
        owner = self.value(node.value)
        self.value(node.slice)
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if owner is None or owner.type is None:
            if isinstance(key, str):
                self.use(self.found.names[key], node, sure=False)
            return None
        if owner.type.record:
            return self.by_key(owner, key, node)
        if isinstance(node.slice, ast.Slice):
            return owner
        return attrs.evolve(owner, type=owner.type.item) if owner.type.item else None

    def by_key(self, owner: Value, key: object, node: ast.AST) -> Value | None:
        """Return the field of a record by its name in JSON."""
        name = self.known.wire.get(owner.type.record if owner.type else "", {}).get(str(key))
        return None if name is None else self._find_field(owner, name, node)
