"""Builds a network by name, from the name of a size or from the settings that a checkpoint carries."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from leukoscope.errors import InputError
from leukoscope.models.network import Network

NETWORK_NAMES = ("xincept_all", "sg_cldff")


def build_network(name: str, size: str | Mapping[str, Any], **changes: Any) -> Network:
    """The network `name`, with fresh weights.

    `size` is nano, small or full, or the dictionary that `Network.settings()` gave; `changes` replace single
    settings, such as `input_px=160`. Raises InputError for a name, a size or a setting that does not exist.
    """
    network_class, config_class, sizes = _family(name)
    if isinstance(size, str):
        if size not in sizes:
            raise InputError(f"{name} has no size {size!r}", wanted=" or ".join(sizes))
        settings = dataclasses.asdict(sizes[size])
    else:
        settings = dict(size)
    network: Network = network_class(_config(name, config_class, {**settings, **changes}))
    return network


def _family(name: str) -> tuple[Any, Any, Mapping[str, Any]]:
    """Network class, configuration class and sizes. Imported here, so that one network never needs the other."""
    if name == "xincept_all":
        from leukoscope.models.xincept_all import XINCEPT_ALL_SIZES, XInceptAll, XInceptAllConfig

        return XInceptAll, XInceptAllConfig, XINCEPT_ALL_SIZES
    if name == "sg_cldff":
        from leukoscope.models.sg_cldff import SG_CLDFF_SIZES, SgCldff, SgCldffConfig

        return SgCldff, SgCldffConfig, SG_CLDFF_SIZES
    raise InputError(f"no network is called {name!r}", wanted=" or ".join(NETWORK_NAMES))


def _config(name: str, config_class: Any, settings: Mapping[str, Any]) -> Any:
    known = {field.name for field in dataclasses.fields(config_class)}
    if unknown := sorted(set(settings) - known):
        raise InputError(
            f"settings that {name} does not have: {', '.join(unknown)}",
            wanted="a checkpoint of this version of Leukoscope",
        )
    try:
        return config_class(**{key: _frozen(value) for key, value in settings.items()})
    except (TypeError, ValueError) as error:
        raise InputError(f"settings do not make a {name}: {error}") from error


def _frozen(value: Any) -> Any:
    """JSON has lists where the configurations have tuples."""
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value
