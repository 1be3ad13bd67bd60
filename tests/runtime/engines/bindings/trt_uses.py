"""Collects from source, by `ast`, what a program asks of the `tensorrt` module and of the objects that it makes.

    uses = collect({"engines/build.py": text, ...})
    Use("engines/build.py", 12, (root, *steps), optional)

A chain begins at the module (`trt`) or at a class of it (`INetworkDefinition`), and goes on by steps:

    ("get", name)  ("set", name)  ("item",)  ("call", arguments)
    ("override", name, number of parameters)  ("implements", names)                 of a class made from one of the module's

An argument is (keyword or "" or "*", kind): the chain that it is, the name of a literal's type, or "". Chains are followed through
assignments, so after `port = network.get_input(0)` a `port.shape` is collected too. What a name stands for where no assignment
tells (a parameter, a field) is told by OBJECTS, if it is annotated `Any`: our own classes are annotated with their names.
"""

import ast
from collections import ChainMap
from dataclasses import dataclass

MODULE = "trt"
OBJECTS = {
    "builder": "Builder",
    "network": "INetworkDefinition",
    "parser": "OnnxParser",
    "config": "IBuilderConfig",
    "profile": "IOptimizationProfile",
    "runtime": "Runtime",
    "engine": "ICudaEngine",
    "context": "IExecutionContext",
    "monitor": "IProgressMonitor",
    "logger": "ILogger",
    "cache": "ITimingCache",
    "timing_cache": "ITimingCache",
    "plan": "IHostMemory",
    "inspector": "EngineInspector",
    "error": "ParserError",
}
LISTS = {"errors": "[ParserError]"}
"""The same for what is annotated `list[Any]`."""


@dataclass(frozen=True)
class Use:
    """One thing asked; `optional` where the code looks first whether it is there (`hasattr`, `getattr` with a default)."""

    file: str
    line: int
    chain: tuple
    optional: bool = False


def collect(sources):
    """Every use in the files, given as {file: text}, in the order of the lines; read twice, since a function may return a chain."""
    returned = {}
    trees = {file: ast.parse(text) for file, text in sources.items()}
    for _ in range(2):
        readers = [_Collector(file, returned) for file in trees]
        for reader, tree in zip(readers, trees.values(), strict=True):
            reader.visit(tree)
    uses = {use for reader in readers for use in reader.uses}
    return sorted(uses, key=lambda use: (use.file, use.line, str(use.chain)))


def defined(source, file, classes=None):
    """What a stand-in for the module defines: its classes and their public methods, as overrides of the real ones."""
    uses = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and (classes is None or node.name in classes):
            uses.append(Use(file, node.lineno, (MODULE, ("get", node.name))))
            uses += _overrides(node, (MODULE, ("get", node.name)), file)
    return uses


def said(chain):
    """A chain as one would write it: `Builder.create_network(...)`."""
    words = chain[0]
    for step in chain[1:]:
        words += {"call": "(...)", "item": "[...]", "implements": "'s methods"}.get(
            step[0]
        ) or f".{step[1]}"
    return words


def _overrides(node, base, file):
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and not method.name.startswith("_"):
            wanted = len(method.args.posonlyargs + method.args.args) - 1
            is_property = any(getattr(d, "id", "") == "property" for d in method.decorator_list)
            step = ("get", method.name) if is_property else ("override", method.name, wanted)
            yield Use(file, method.lineno, (*base, step))


class _Collector(ast.NodeVisitor):
    """Walks a file; `names` holds what each name stands for here, a chain or None; `returned`, what functions give."""

    def __init__(self, file, returned):
        self.file = file
        self.returned = returned
        self.function = ""
        self.uses = []
        self.names = ChainMap({MODULE: (MODULE,)})
        self.fields = ChainMap()

    def add(self, node, chain, optional=False):
        self.uses.append(Use(self.file, node.lineno, chain, optional))

    # what an expression is

    def chain(self, node):
        if isinstance(node, ast.Name):
            return self.names.get(node.id)
        if isinstance(node, ast.Attribute):
            return self._attribute(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.Subscript):
            found = self.chain(node.value)
            return found and (*found, ("item",))
        if isinstance(node, ast.NamedExpr | ast.Await):
            return self.chain(node.value)
        if isinstance(node, ast.BoolOp | ast.IfExp):
            parts = node.values if isinstance(node, ast.BoolOp) else (node.body, node.orelse)
            return next(filter(None, map(self.chain, parts)), None)
        return None

    def _attribute(self, node):
        owner = getattr(node.value, "id", "")
        if node.attr == MODULE or (
            node.attr == "module" and ast.unparse(node.value).endswith("library")
        ):
            return (MODULE,)
        if owner == "self" and node.attr in self.fields:
            return self.fields[node.attr]
        found = self.chain(node.value)
        return found and (*found, ("set" if isinstance(node.ctx, ast.Store) else "get", node.attr))

    def _call(self, node):
        if getattr(node.func, "id", "") == "getattr" and isinstance(node.args[1], ast.Constant):
            found = self.chain(node.args[0])
            return found and (*found, ("get", node.args[1].value))
        found = self.chain(node.func)
        if found:
            return (*found, ("call", self._arguments(node)))
        own = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
        return self.returned.get(own)

    def _arguments(self, node):
        told = [("*" if isinstance(a, ast.Starred) else "", self._kind(a)) for a in node.args]
        told += [(k.arg or "*", self._kind(k.value)) for k in node.keywords]
        return tuple(told)

    def _kind(self, node):
        if isinstance(node, ast.Constant):
            return type(node.value).__name__
        return "str" if isinstance(node, ast.JoinedStr) else self.chain(node) or ""

    # what is asked

    def visit_Attribute(self, node):
        found = self.chain(node)
        if found and len(found) > 1 and found[-1][0] in ("get", "set"):
            self.add(node, found)
        self.generic_visit(node)

    def visit_Call(self, node):
        found = self.chain(node)
        if getattr(node.func, "id", "") in ("getattr", "hasattr") and isinstance(
            node.args[1], ast.Constant
        ):
            owner = self.chain(node.args[0])
            if owner:
                looks_first = node.func.id == "hasattr" or len(node.args) > 2
                self.add(node, (*owner, ("get", node.args[1].value)), looks_first)
        elif found:
            self.add(node, found)
        self.generic_visit(node)

    # what a name stands for

    def bind(self, target, chain):
        if isinstance(target, ast.Name) and target.id != MODULE:
            self.names[target.id] = chain
        elif isinstance(target, ast.Attribute) and getattr(target.value, "id", "") == "self":
            self.fields[target.attr] = chain or self.fields.get(target.attr)
        elif isinstance(target, ast.Tuple):
            for part in target.elts:
                self.bind(part, None)

    def visit_Assign(self, node):
        self.visit(node.value)
        for target in node.targets:
            self.visit(target)
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = zip(target.elts, node.value.elts, strict=False)
            for part, value in pairs:
                self.bind(part, self.chain(value))

    def visit_NamedExpr(self, node):
        self.generic_visit(node)
        self.bind(node.target, self.chain(node.value))

    def visit_AnnAssign(self, node):
        self.generic_visit(node)
        self.bind(
            node.target,
            (node.value and self.chain(node.value)) or _told(node.target, node.annotation),
        )

    def visit_For(self, node):
        self._bind_items(node.target, node.iter)
        self.generic_visit(node)

    def visit_With(self, node):
        for item in node.items:
            if item.optional_vars:
                self.bind(item.optional_vars, self.chain(item.context_expr))
        self.generic_visit(node)

    def _comprehension(self, node):
        for part in node.generators:
            self._bind_items(part.target, part.iter)
        self.generic_visit(node)

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = _comprehension  # noqa: N815

    def _bind_items(self, target, items):
        found = self.chain(items)
        self.bind(target, found and (*found, ("item",)))

    def visit_FunctionDef(self, node):
        self.names = self.names.new_child()
        parameters = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
        for parameter in parameters:
            self.bind(ast.Name(parameter.arg), _told(ast.Name(parameter.arg), parameter.annotation))
        outer, self.function = self.function, node.name
        self.generic_visit(node)
        self.function = outer
        self.names = self.names.parents

    def visit_Return(self, node):
        found = node.value and self.chain(node.value)
        if found and len(found) > 1:
            self.returned[self.function] = found
        self.generic_visit(node)

    def visit_ClassDef(self, node):
        for base in map(self.chain, node.bases):
            if base:
                self.uses += _overrides(node, base, self.file)
                methods = tuple(n.name for n in node.body if isinstance(n, ast.FunctionDef))
                self.add(node, (*base, ("implements", methods)))
        self.fields = self.fields.new_child()
        for part in node.body:
            if isinstance(part, ast.AnnAssign):
                self.fields[part.target.id] = _told(part.target, part.annotation)
        methods = [n for n in node.body if isinstance(n, ast.FunctionDef)]
        for part in sorted(node.body, key=lambda n: n not in methods or n.name != "__init__"):
            self.visit(part)
        self.fields = self.fields.parents


def _told(target, annotation):
    """The class by name, of what is annotated `Any` or `list[Any]`."""
    name = (getattr(target, "id", None) or getattr(target, "attr", "")).strip("_")
    words = ast.unparse(annotation) if annotation else ""
    if words == "Any" and name == MODULE:
        return (MODULE,)
    table = {"Any": OBJECTS, "list[Any]": LISTS}.get(words, {})
    return (table[name],) if name in table else None
