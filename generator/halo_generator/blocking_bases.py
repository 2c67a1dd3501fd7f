"""Types of handwritten classes without `await`, read off their own source: it is parsed, never imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import attrs

from halo_generator.errors import OutputError

CLASSES = (
    ("_operations/resource.py", "Resource", "blocking/resources.py"),
    ("_operations/resource.py", "ResourceGroup", "blocking/resources.py"),
    ("tables/tabular.py", "Tabular", ""),
    ("pagination/pages.py", "Pages", "blocking/rows.py"),
    ("resources/reports/rows.py", "ReportRows", "blocking/rows.py"),
    ("writing/writable.py", "Writable", "blocking/resources.py"),
    ("resources/watch/watching.py", "ListWatch", "blocking/watching.py"),
    ("resources/watch/watchable.py", "Watchable", ""),
    ("client.py", "Client", "blocking/client.py"),
    ("resources/attachments/resource.py", "AttachmentFiles", ""),
    ("resources/reports/queries.py", "ReportQueries", ""),
)
"""Files of `halo_async`, each with a class and the file that has more of it without `await`; bases come first."""
_RENAMED = {"__aenter__": "__enter__", "__aexit__": "__exit__", "aclose": "close", "__aiter__": "__iter__"}
_KEPT = {"__len__", *_RENAMED}
_NOT_OURS = {"session"}
"""Options of a client that belong to one event loop."""
_UNWRAPPED = {"Awaitable", "Coroutine"}
Function = ast.FunctionDef | ast.AsyncFunctionDef
_ITERATORS = {"AsyncGenerator": "Generator", "AsyncIterator": "Iterator"}


@attrs.frozen
class StubSource:
    """A module whose classes get a stub."""

    name: str
    tree: ast.Module

    @classmethod
    def of(cls, package: Path, path: str) -> StubSource:
        """Read a module. :raises OutputError: it is not there."""
        try:
            text = (package / path).read_text("utf-8")
        except OSError as error:
            raise OutputError(f"{package} is not the folder of halo_async: {path} cannot be read.") from error
        return cls(f"halo_async.{path.removesuffix('.py').replace('/', '.')}", ast.parse(text))

    def class_named(self, name: str) -> ast.ClassDef:
        """Return a class of the module."""
        return next(n for n in self.tree.body if isinstance(n, ast.ClassDef) and n.name == name)

    def origin(self, name: str) -> str | None:
        """Return the import that gives a name; None for a builtin."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom | ast.Import):
                for alias in node.names:
                    if (alias.asname or alias.name) == name:
                        return _import_of(node, alias)
        own = {target for node in self.tree.body for target in _names_defined(node)}
        return f"from {self.name} import {name}" if name in own else None


def module(package: Path) -> str:
    """Return the stub of the handwritten classes.

    :raises OutputError: `package` is not the folder of `halo_async`.
    """
    ours = {name for _, name, _ in CLASSES}
    imports = {name: f"from collections.abc import {name}" for name in _ITERATORS.values()}
    classes = []
    for path, name, more in CLASSES:
        source = StubSource.of(package, path)
        sources = [source, *_method_sources(source, name, package)]
        sources += [StubSource.of(package, more)] if more else []
        kept = _class_stub(sources, name, ours)
        classes.append(ast.unparse(kept))
        for used in _names_used(kept) - ours:
            found = next(filter(None, (source.origin(used) for source in sources)), None)
            if found:
                imports.setdefault(used, found)  # of type variables of one name the first will do
    return "\n".join([*sorted(set(imports.values())), "", *(f"{text}\n" for text in classes)])


def _method_sources(source: StubSource, name: str, package: Path) -> list[StubSource]:
    """Return the modules of functions that a class takes as its methods: `export = export_lists`."""
    origins = (source.origin(value) for _, value in _find_borrowed(source.class_named(name)))
    modules = [origin.split()[1] for origin in origins if origin and origin.startswith("from halo_async.")]
    return [StubSource.of(package, f"{one.partition('.')[2].replace('.', '/')}.py") for one in modules]


def _find_borrowed(cls: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """Yield the methods of a class that are functions of another module, each with the function's name here."""
    for node in cls.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
            yield from ((name, node.value.id) for name in _names_defined(node) if not name.startswith("_"))


def _class_stub(sources: list[StubSource], name: str, ours: set[str]) -> ast.ClassDef:
    asynchronous = sources[0].class_named(name)
    taken = {method for method, _ in _find_borrowed(asynchronous)}
    methods: list[Function] = []
    for source in sources:
        present = {_name_of(method) for method in methods}
        classes = [one for one in source.tree.body if isinstance(one, ast.ClassDef) and one.name == name]
        found = list(_methods(classes[0])) if classes else list(_functions(source.tree, taken))
        methods += [method for method in found if _name_of(method) not in present]
    bases = [base for base in asynchronous.bases if _base_name(base) in ours | {"Generic"}]
    body: list[ast.stmt] = [_without_body(method, is_client=name == "Client") for method in methods]
    return ast.ClassDef(name, bases, [], body or [_ellipsis()], [])


def _functions(tree: ast.Module, names: set[str]) -> Iterator[Function]:
    for node in tree.body:
        if isinstance(node, Function) and node.name in names and _is_declared(tree.body, node):
            node.args.args[0] = ast.arg("self")
            yield node


def _base_name(base: ast.expr) -> str:
    node = base.value if isinstance(base, ast.Subscript) else base
    return node.id if isinstance(node, ast.Name) else ""


def _methods(cls: ast.ClassDef) -> Iterator[Function]:
    for node in cls.body:
        if isinstance(node, Function) and _is_kept(cls, node):
            yield node


def _is_kept(cls: ast.ClassDef, node: Function) -> bool:
    if node.returns is None or ast.unparse(node.returns) == "NoReturn":
        return False
    is_constructor = cls.name == "Client" and node.name == "__init__"
    is_public = not node.name.startswith("_") or node.name in _KEPT
    return (is_public or is_constructor) and _is_declared(cls.body, node)


def _is_declared(body: list[ast.stmt], node: Function) -> bool:
    """Return whether a definition tells the type: of a function with overloads these do."""
    is_overload = any(_base_name(one) == "overload" for one in node.decorator_list)
    return is_overload or sum(getattr(one, "name", "") == node.name for one in body) == 1


def _name_of(node: Function) -> str:
    return _RENAMED.get(node.name, node.name)


def _without_body(node: Function, *, is_client: bool) -> ast.FunctionDef:
    arguments = node.args
    kept = [
        (argument, default)
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if not (is_client and node.name == "__init__" and argument.arg in _NOT_OURS)
    ]
    plain = ast.arguments(
        arguments.posonlyargs,
        arguments.args,
        arguments.vararg,
        [argument for argument, _ in kept],
        [default and _plain_default(default) for _, default in kept],
        arguments.kwarg,
        [_plain_default(default) for default in arguments.defaults],
    )
    decorators = [
        one for one in node.decorator_list if _base_name(one) in ("overload", "classmethod", "property")
    ]
    made = ast.FunctionDef(_name_of(node), plain, [_ellipsis()], decorators, node.returns, None)
    _Blocking().visit(made)
    return ast.fix_missing_locations(made)


def _plain_default(default: ast.expr) -> ast.expr:
    plain = isinstance(default, ast.Constant) or (isinstance(default, ast.Tuple) and not default.elts)
    return default if plain else ast.Constant(...)


def _ellipsis() -> ast.stmt:
    return ast.Expr(ast.Constant(...))


class _Blocking(ast.NodeTransformer):
    """Annotations of what is not awaited."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        name, inner = _base_name(node), node.slice
        items = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
        if name in _UNWRAPPED:
            unwrapped: ast.expr = self.visit(items[-1])
            return unwrapped
        if name in _ITERATORS:
            more = [ast.Constant(None), ast.Constant(None)] if name == "AsyncGenerator" else []
            parts = ast.Tuple([self.visit(items[0]), *more]) if more else self.visit(items[0])
            return ast.Subscript(ast.Name(_ITERATORS[name]), parts)
        self.generic_visit(node)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if _base_name(node.right) == "AsyncIterable":
            return node.left
        return node


def _names_used(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _names_defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return [node.name] if isinstance(node, ast.ClassDef) else []


def _import_of(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    renamed = f" as {alias.asname}" if alias.asname else ""
    if isinstance(node, ast.Import):
        return f"import {alias.name}{renamed}"
    return f"from {node.module} import {alias.name}{renamed}"
