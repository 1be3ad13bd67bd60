"""Signatures, read from the docstrings that pybind11 writes: `name(self: m.Builder, flags: int = 0) -> m.INetworkDefinition`."""

import re


class Signature:
    """Names, types and defaults of the parameters after self, and the type of the result."""

    def __init__(self, line, bound):
        inside, _, self.result = line.partition("(")[2].rpartition(") -> ")
        if not self.result:
            inside = line.partition("(")[2].rpartition(")")[0]
        parts = [p.strip() for p in _split(inside) if p.strip() not in ("", "*", "/")]
        parts = parts[1:] if bound and parts and parts[0].startswith(("self", "arg0")) else parts
        self.parameters = [(p.partition(":")[0].strip(), p.partition(":")[2].partition("=")[0].strip(), "=" in p) for p in parts]  # fmt: skip

    def accepts(self, arguments, misfit):
        """Why the arguments do not fit, or an empty string; `misfit(name, wanted type, kind)` tells it of one."""
        names = [name for name, _, _ in self.parameters]
        given, stars = {}, any(keyword == "*" for keyword, _ in arguments)
        free = iter(self.parameters)
        for keyword, kind in arguments:
            if keyword == "*":
                continue
            name = keyword or next(free, ("",))[0]
            if name not in names:
                return f"no parameter {keyword}" if keyword else f"{len(names)} parameters at most"
            given[name] = kind
        lacks = [n for n, _, default in self.parameters if n not in given and not default]
        if lacks and not stars:
            return f"wants {', '.join(lacks)}"
        types = {name: kind for name, kind, _ in self.parameters}
        return next(filter(None, (misfit(n, types[n], k) for n, k in given.items())), "")


def _split(text):
    """Parts between commas that are not within brackets."""
    depth, parts, part = 0, [], ""
    for sign in text:
        depth += (sign in "[(<{") - (sign in "])>}")
        if sign == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += sign
    return [*parts, part]


def signatures(function, bound):
    """Those of a function by pybind11's docstring; empty if it has none, in which case nothing is known."""
    lines = (function.__doc__ or "").strip().splitlines()
    if lines and "Overloaded" in "".join(lines[:2]):
        lines = [line.partition(". ")[2] for line in lines if re.match(r"\d+\. \w+\(", line)]
    else:
        lines = lines[:1] if lines and re.match(r"\w*\(.*\)", lines[0]) else []
    return [Signature(line, bound) for line in lines]
