"""What the collection of uses may have missed: an object of TensorRT's under a name that trt_uses.py does not know."""

import ast
from enum import Enum
from pathlib import Path

import numpy as np
from trt_uses import MODULE

PYTHONS = {
    name
    for kind in (str, bytes, int, list, dict, set, tuple, Path, Enum, np.ndarray, np.dtype)
    for name in dir(kind)
}


def unseen(sources, uses, members):
    """Attributes that only TensorRT's classes have, in files that use it, and that are in no chain: what was missed."""
    trees = {file: ast.parse(text) for file, text in sources.items()}
    ours = {name for tree in trees.values() for name in _own_names(tree)} | PYTHONS
    using = {use.file for use in uses}
    seen = {(use.file, step[1]) for use in uses for step in use.chain[1:] if len(step) > 1}
    return sorted(
        (file, node.lineno, node.attr)
        for file, tree in trees.items()
        if file in using or any(getattr(n, "id", "") == MODULE for n in ast.walk(tree))
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in set(members) - ours
        and (file, node.attr) not in seen
    )


def _own_names(tree):
    """What a file defines: functions, classes, fields and attributes of self."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield from [node.attr] * (getattr(node.value, "id", "") == "self")
