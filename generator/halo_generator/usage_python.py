"""Uses in Python source, by its syntax tree: calls, arguments, fields of records whose type can be followed.

Types are followed through annotations, assignments, loops, functions of the same file and attributes of `self`. What
is computed (`getattr`, `**options`, names in variables) is not.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from halo_generator.types import Type
from halo_generator.usage_expressions import Expressions
from halo_generator.usage_names import Found, Known
from halo_generator.usage_values import CLIENT, Value, is_self, item

_CLIENT_CLASSES = ("Halo", "Client")
_FEW = ("Optional", "Awaitable", "Annotated", "Final", "ClassVar")


def read(file: str, source: bytes, known: Known, found: Found) -> None:
    """Add the uses in a file. :raises SyntaxError: it is not valid Python. :raises ValueError: it is not text."""
    tree = ast.parse(source)
    first = _Reader(file, known, Found())
    first.block(tree.body)  # what functions return, and what `self` has, may stand below its use
    own = Found()
    second = _Reader(file, known, own, first.scope, first.members)
    second.block(tree.body)
    about_halo = second.about_halo or any(use.sure for uses in own.calls.values() for use in uses)
    for name in ("calls", "arguments", "given", "rows", "written", "fields", "classes", "names"):
        if name != "names" or about_halo:
            for key, uses in getattr(own, name).items():
                getattr(found, name)[key].extend(uses)


class _Reader(Expressions):
    """Walks over the statements of one file in order."""

    def block(self, statements: Iterable[ast.stmt]) -> None:
        for statement in statements:
            self.visit(statement)

    def visit(self, node: ast.AST) -> None:
        handler: Callable[[ast.AST], None] | None = getattr(self, f"_on_{type(node).__name__.lower()}", None)
        if handler is not None:
            handler(node)
        elif isinstance(node, ast.expr):
            self.value(node)
        else:
            for child in ast.iter_child_nodes(node):
                self.visit(child)

    def _on_import(self, node: ast.Import) -> None:
        for name in node.names:
            self.about_halo |= "halo" in name.name
            if name.asname and name.name.endswith(".models"):
                self.scope[name.asname] = Value("models")

    def _on_importfrom(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        self.about_halo |= "halo" in module
        for name in node.names:
            bound = name.asname or name.name
            if name.name == "models":
                self.scope[bound] = Value("models")
            elif name.name in _CLIENT_CLASSES and "halo" in module:
                self.scope[bound] = Value("client class")
            elif name.name in self.known.fields and (module == "models" or "models" in module.split(".")):
                self.use(self.found.classes[name.name], node)
                self.scope[bound] = Value("class", name.name)

    def _on_assign(self, node: ast.Assign) -> None:
        value = self.value(node.value)
        for target in node.targets:
            self.bind(target, value)

    def _on_annassign(self, node: ast.AnnAssign) -> None:
        value = self.value(node.value) if node.value else None
        self.bind(node.target, self._annotated(node.annotation) or value)

    def _on_for(self, node: ast.For | ast.AsyncFor) -> None:
        self.bind(node.target, item(self.value(node.iter)))
        self.block([*node.body, *node.orelse])

    _on_asyncfor = _on_for

    def _on_with(self, node: ast.With | ast.AsyncWith) -> None:
        for each in node.items:
            value = self.value(each.context_expr)
            if each.optional_vars is not None:
                self.bind(each.optional_vars, value)
        self.block(node.body)

    _on_asyncwith = _on_with

    def _on_functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for expression in [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]:
            self.value(expression)
        told = self._annotated(node.returns) if node.returns else None
        with self.inside():
            before, self.returned = self.returned, None
            listed = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            for argument in listed:
                value = self._annotated(argument.annotation) if argument.annotation else None
                self._set(argument.arg, value)
            self.block(node.body)
            found, self.returned = told or self.returned, before
        self._set(node.name, Value("function", node.name, inner=found))
        if self.owner:
            self.members[self.owner][node.name] = Value("function", node.name, inner=found)

    _on_asyncfunctiondef = _on_functiondef

    def _on_return(self, node: ast.Return) -> None:
        value = self.value(node.value) if node.value else None
        self.returned = self.returned or value

    def _on_classdef(self, node: ast.ClassDef) -> None:
        for expression in [*node.bases, *node.decorator_list]:
            self.value(expression)
        before, self.owner = self.owner, node.name
        self.members.setdefault(node.name, {})
        with self.inside():
            for statement in node.body:
                self.visit(statement)
                if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                    value = self.scope.get(statement.target.id)
                    if value is not None:
                        self.members[node.name][statement.target.id] = value
        self.owner = before

    def _set(self, name: str, value: Value | None) -> None:
        if value is None:
            self.scope.pop(name, None)
        else:
            self.scope[name] = value

    def bind(self, target: ast.expr, value: Value | None) -> None:
        if isinstance(target, ast.Name):
            self._set(target.id, value)
        elif isinstance(target, ast.Attribute) and is_self(target.value) and self.owner:
            if value is not None:
                self.members[self.owner][target.attr] = value
        elif isinstance(target, ast.Tuple | ast.List):
            for element in target.elts:
                self.bind(element, None)
        else:
            self.value(target)

    def _annotated(self, node: ast.expr) -> Value | None:
        """Return what an annotation says."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                return self._annotated(ast.parse(node.value, mode="eval").body)
            except SyntaxError:
                return None
        if isinstance(node, ast.BinOp):
            return self._annotated(node.left) or self._annotated(node.right)
        if isinstance(node, ast.Subscript):
            return self._annotated_container(node)
        if isinstance(node, ast.Name) and node.id in _CLIENT_CLASSES and node.id not in self.scope:
            return CLIENT
        value = self.value(node)
        if value is None:
            return None
        if value.kind == "class":
            return Value("data", type=Type(record=value.name))
        return CLIENT if value.kind == "client class" else None

    def _annotated_container(self, node: ast.Subscript) -> Value | None:
        outer = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        values = [self._annotated(part) for part in parts]
        if outer in _FEW:
            return values[0]
        inner = values[-1] if outer in ("dict", "Dict", "Mapping") else next(filter(None, values), None)
        if inner is None or inner.type is None:
            return None
        if outer == "Pages":
            return Value("pages", type=inner.type)
        container = "map" if outer in ("dict", "Dict", "Mapping") else "list"
        return Value("data", type=Type(container=container, item=inner.type))
