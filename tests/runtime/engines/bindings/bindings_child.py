"""Checks uses (see trt_uses.py) against the module named on the command line, in a process of its own.

Reads a JSON list of chains on stdin; writes {"version", "faults": [null or what is wrong, by chain], "members": [...]} on stdout.
"""

import importlib
import json
import re
import sys
from functools import partial

from signatures import signatures

RENAMED = {"nvonnxparser::IParserError": "ParserError"}
LITERALS = {"str": ("str",), "int": ("int", "float"), "float": ("float",), "bool": ("bool", "int"), "bytes": ("bytes", "buffer")}  # fmt: skip


class MissingError(Exception):
    """What is asked is not there."""


class Instance:
    """An object of a class of the module, that cannot be made here."""

    def __init__(self, cls):
        self.cls = cls


def _class_named(text, module):
    """The class of the module that a docstring's type names, or None."""
    name = RENAMED.get(text.strip()) or re.sub(r"^\w+\.tensorrt(_rtx)?\.", "", text.strip())
    found = module
    for part in name.split("."):
        found = getattr(found, part, None)
    return found if isinstance(found, type) else None


def _misfit(module, name, wanted, kind):
    cls = _class_named(wanted, module)
    wanted = wanted.replace("typing.SupportsInt", "int").replace("typing.SupportsFloat", "float")
    if isinstance(kind, str):
        wrong = cls and kind in LITERALS
        plain = (
            wanted in ("str", "int", "float", "bool")
            and kind in LITERALS
            and wanted not in LITERALS[kind]
        )
        return f"{name} is to be {wanted}, not a {kind}" if wrong or plain else ""
    try:
        value = resolve(kind, module)
    except MissingError:
        return ""
    if isinstance(value, Instance) and cls and not issubclass(value.cls, cls):
        return f"{name} is to be {wanted}, not {value.cls.__name__}"
    return ""


def get(value, name):
    """What `value.name` is: a class, a function with its binding, an instance, or None where nothing is known."""
    if value is None:
        return None
    owner = value.cls if isinstance(value, Instance) else value
    if name not in dir(owner):
        raise MissingError(f"{getattr(owner, '__name__', owner)} has no {name}")
    found = getattr(owner, name)
    if isinstance(found, type):
        return found
    if isinstance(found, property):
        told = signatures(found.fget, bound=True) if found.fget else []
        return ("returns", told[0].result) if told else None
    if callable(found):
        return ("function", found, isinstance(value, Instance))
    return Instance(type(found))


def resolve(chain, module):
    """What a chain yields; MissingError with the reason if a step of it is not there."""
    root = module if chain[0] == "trt" else _object(chain[0], module)
    return _walk(root, chain[1:], module)


def _root(name, module):
    """A class by its name; a list of its objects by its name in brackets."""
    if name.startswith("["):
        return [_root(name.strip("[]"), module)]
    if not hasattr(module, name):
        raise MissingError(f"{module.__name__} has no {name}")
    return getattr(module, name)


def _object(name, module):
    found = _root(name, module)
    return found if isinstance(found, list) else Instance(found)


def _walk(value, steps, module):
    for step in steps:
        value = _step(value, step, module)
        if isinstance(value, tuple) and value[0] == "returns":
            cls = _class_named(value[1], module)
            value = Instance(cls) if cls else None
    return value


def _step(value, step, module):
    if isinstance(value, list):
        return Instance(value[0]) if step[0] == "item" else None
    if step[0] == "get":
        return get(value, step[1])
    if step[0] == "set":
        return _set(value, step[1])
    if step[0] == "override":
        return _override(value, step[1], step[2])
    if step[0] == "implements":
        return _implements(value, step[1])
    return _call(value, step[1], module) if step[0] == "call" else None


def _set(value, name):
    if isinstance(value, Instance):
        get(value, name)
        found = getattr(value.cls, name)
        if isinstance(found, property) and found.fset is None:
            raise MissingError(f"{value.cls.__name__}.{name} cannot be set")


def _override(value, name, number):
    if value is None:
        return
    told = get(value, name)
    known = signatures(told[1], bound=True) if told and told[0] == "function" else []
    if known and all(len(s.parameters) != number for s in known):
        counts = " or ".join(str(len(s.parameters)) for s in known)
        raise MissingError(
            f"{value.__name__}.{name} is called with {counts} arguments, not {number}"
        )


def _implements(value, names):
    """What C++ calls must all be there: TensorRT ends the process otherwise."""
    if isinstance(value, type):
        wanted = {
            n
            for n in dir(value)
            if not n.startswith("_") and type(getattr(value, n)).__name__ == "instancemethod"
        }
        if wanted - set(names):
            raise MissingError(
                f"{value.__name__} wants {', '.join(sorted(wanted - set(names)))} too"
            )


def _call(value, arguments, module):
    if isinstance(value, type):
        known, result, name = (
            signatures(value.__init__, bound=True),
            Instance(value),
            value.__name__,
        )
    elif isinstance(value, tuple) and value[0] == "function":
        known, result, name = signatures(value[1], value[2]), None, value[1].__name__
    else:
        return None
    reasons = [s.accepts(arguments, partial(_misfit, module)) for s in known]
    if known and all(reasons):
        raise MissingError(f"{name}: {' / '.join(sorted(set(reasons)))}")
    fitting = [s for s, reason in zip(known, reasons, strict=True) if not reason]
    return result or (("returns", fitting[0].result) if fitting else None)


def fault(chain, module):
    """What is wrong with the last step; None if nothing is, or if an earlier step is what is wrong."""
    try:
        value = resolve(chain[:-1], module)
    except MissingError:
        return None
    try:
        _step(value, chain[-1], module)
    except MissingError as missing:
        return str(missing)
    return None


def members(module):
    """Every public name of every class of the module."""
    classes = [c for c in vars(module).values() if isinstance(c, type)]
    return sorted({n for c in classes for n in dir(c) if not n.startswith("_")})


if __name__ == "__main__":
    chains = json.load(sys.stdin)
    asked = importlib.import_module(sys.argv[1])
    told = {"version": asked.__version__, "faults": [fault(c, asked) for c in chains], "members": members(asked)}  # fmt: skip
    json.dump(told, sys.stdout)
