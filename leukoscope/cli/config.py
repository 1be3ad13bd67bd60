"""`--config FILE.toml`: settings from a file, flags winning, and the settings that were used kept on record."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from leukoscope.errors import InputError, UsageError


def _read(path: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    try:
        settings: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not TOML ({error})") from None
    return settings


def _apply(context: typer.Context, path: Path | None) -> Path | None:
    if path is None:
        return None
    settings = {key.replace("-", "_"): value for key, value in _read(path).items()}
    known = {p.name for p in context.command.params} - {"config", "help"}
    unknown = sorted(set(settings) - known)
    if unknown:
        names = ", ".join(sorted(str(name).replace("_", "-") for name in known))
        raise UsageError(f"{path}: unknown settings {', '.join(unknown)}", wanted=f"any of {names}")
    for name in (p.name for p in context.command.params if getattr(p, "multiple", False)):
        if name in settings and not isinstance(settings[name], list):
            settings[name] = [settings[name]]  # data = "DIR" for an option that may be repeated
    context.default_map = {**(context.default_map or {}), **settings}
    return path


Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE.toml",
        is_eager=True,
        callback=_apply,
        help="Read settings from a file; flags win.",
    ),
]
"""The option that each verb takes."""


def save_settings(context: typer.Context, result: Path) -> Path:
    """Writes the resolved settings of the call beside `result` as `NAME.settings.json`; returns that path."""
    place = result if result.name not in ("", "..") else result.resolve()
    path = place.with_name(place.name + ".settings.json")
    settings = {"verb": context.command_path, "settings": resolved_settings(context)}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings, indent=2, default=str) + "\n", encoding="utf-8")
    return path


def resolved_settings(context: typer.Context) -> dict[str, Any]:
    """The settings of the call by name, passwords in addresses left out."""
    from leukoscope.runtime.sources.redact import redact

    return {
        name: redact(value) if isinstance(value, str) else value
        for name, value in sorted(context.params.items())
    }
