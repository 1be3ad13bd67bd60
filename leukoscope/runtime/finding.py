"""One thing that `leukoscope doctor` looks for, and how installed packages are found without loading them."""

from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec


@dataclass(frozen=True)
class Finding:
    """One thing that was looked for; `remedy` is the command that brings it, empty where it is present."""

    group: str
    what: str
    present: bool
    detail: str
    remedy: str = ""
    needed: bool = False
    """True for what the edge install cannot do without."""


@dataclass(frozen=True)
class Package:
    """A package by the name that pip knows and the module that it brings."""

    distribution: str
    module: str
    group: str
    serves: str
    remedy: str

    def look(self) -> Finding:
        """Whether it is installed; nothing is imported."""
        version = version_of(self.distribution) or (has_module(self.module) and "version unknown")
        detail = f"{version}, for {self.serves}" if version else f"for {self.serves}"
        remedy = "" if version else self.remedy
        return Finding(self.group, self.distribution, bool(version), detail, remedy)


def version_of(distribution: str) -> str | None:
    """The version that is installed; None where it is not."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def has_module(module: str) -> bool:
    """Whether Python would find the module, which a system's package brings without a version for pip."""
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False
