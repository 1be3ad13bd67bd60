"""`leukoscope run`: a bundle on the fields of a source."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leukoscope.cli.config import Config, resolved_settings, save_settings
from leukoscope.cli.console import RESEARCH_USE, print_json, print_line, printable, progress, say
from leukoscope.progress import Progress, Silent

if TYPE_CHECKING:
    from leukoscope.runtime.settings import Settings
    from leukoscope.runtime.sinks.outputs import Outputs
    from leukoscope.runtime.tally import Tally
    from leukoscope.runtime.viewer.door import Door
    from leukoscope.runtime.wishes import Wishes

SOURCE_HELP = "A camera (v4l2://, csi://, rtsp://), watch:///folder, an image, a folder, a glob, a video, synthetic://."


class _NotesOnly(Silent):
    """Where each field is printed, no bar is drawn between the lines."""

    def note(self, text: str) -> None:
        say(printable(text))


def run(
    context: typer.Context,
    bundle: Annotated[Path, typer.Argument(help="The bundle's folder.", show_default=False)],
    source: Annotated[str, typer.Argument(help=SOURCE_HELP, show_default=False)],
    *,
    jsonl: Annotated[Path | None, typer.Option(help="A JSON object a field.")] = None,
    overlays: Annotated[Path | None, typer.Option(help="Folder for a PNG a field.")] = None,
    video: Annotated[Path | None, typer.Option(help="The overlays as an MP4.")] = None,
    save_masks: Annotated[Path | None, typer.Option(help="Folder for masks, 0/128/255.")] = None,
    save_maps: Annotated[Path | None, typer.Option(help="Folder for maps, npz.")] = None,
    journal: Annotated[Path | None, typer.Option(help="All results, safe, in one file.")] = None,
    slide: Annotated[
        str, typer.Option(help="What the slide is called: all fields are of it.")
    ] = "",
    keep_pictures: Annotated[
        float, typer.Option(metavar="MB", help="Pictures that the journal may keep.")
    ] = 256,
    frames: Annotated[
        str | None,
        typer.Option(help="all, latest (one a stop of the stage), or trigger (on a key)."),
    ] = None,
    count: Annotated[int | None, typer.Option(help="Stop at so many white cells.")] = None,
    um_per_px: Annotated[
        float | None, typer.Option(help="Micrometres a pixel; else by the red cells.")
    ] = None,
    microscope: Annotated[str | None, typer.Option(help="Its name, to know its focus.")] = None,
    max_outage: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Give a lost camera up after this.")
    ] = None,
    precision: Annotated[
        str | None, typer.Option(help="Variant; by default the fastest that passed its gate.")
    ] = None,
    backend: Annotated[
        str, typer.Option(help="auto, or one that `leukoscope doctor` names.")
    ] = "auto",
    voter: Annotated[str, typer.Option(help="auto, trees or head.")] = "auto",
    explain: Annotated[
        str, typer.Option(help="gradcam, of the head, or trees: what they decide.")
    ] = "gradcam",
    threads: Annotated[int | None, typer.Option(help="By default one for each core.")] = None,
    allow_untrained: Annotated[
        bool, typer.Option("--allow-untrained", help="Run random weights, for their timing.")
    ] = False,
    allow_failed: Annotated[
        bool, typer.Option("--allow-failed", help="Run a variant that failed its gate.")
    ] = False,
    accept_undecided: Annotated[
        bool,
        typer.Option("--accept-undecided", help="Pick variants too that the gate could not tell."),
    ] = False,
    viewer: Annotated[
        bool, typer.Option("--viewer", help="A page in a browser: look on, correct, end.")
    ] = False,
    listen: Annotated[
        str | None,
        typer.Option(metavar="HOST[:PORT]", help="Where the viewer is; by default 127.0.0.1."),
    ] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="The viewer's certificate, PEM.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its key, PEM.")] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Let other machines in without encryption.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print a summary as JSON.")] = False,
    config: Config = None,
) -> None:
    """Judge the fields of a source, and save what was found. Ctrl-C ends it after the fields in hand."""
    from leukoscope.errors import UsageError
    from leukoscope.runtime.settings import Settings
    from leukoscope.runtime.sinks.outputs import Outputs, check_apart
    from leukoscope.runtime.sources.redact import redact
    from leukoscope.runtime.viewer.address import ViewerWishes
    from leukoscope.runtime.viewer.door import open_door
    from leukoscope.runtime.wishes import Wishes

    settings = Settings(
        precision, backend, voter, threads, allow_untrained, explain, allow_failed, accept_undecided
    )
    wishes = Wishes(frames, um_per_px, slide, journal, keep_pictures, microscope, count, max_outage)
    outputs = Outputs(jsonl, overlays, video, save_masks, save_maps)
    paths = {**outputs.named(), **({"journal": journal} if journal is not None else {})}
    check_apart(paths.values())
    if ":/" in str(bundle):
        raise UsageError(
            f"BUNDLE is an address: {redact(str(bundle))}", wanted="leukoscope run BUNDLE SOURCE"
        )
    with open_door(ViewerWishes(viewer, listen, tls_cert, tls_key, insecure)) as door:
        tally = _run(context, bundle, source, settings, wishes, outputs, paths, door, json=json)
    if tally.unreadable:
        raise typer.Exit(1)


def _run(
    context: typer.Context,
    bundle: Path,
    source: str,
    settings: "Settings",
    wishes: "Wishes",
    outputs: "Outputs",
    paths: "Mapping[str, Path]",
    door: "Door | None",
    *,
    json: bool,
) -> "Tally":
    """Opens what the run needs, runs it, and says what came of it."""
    from leukoscope.bundle.read import open_bundle
    from leukoscope.runtime.engine import remarks
    from leukoscope.runtime.interrupt import stop_on_interrupt
    from leukoscope.runtime.pipeline import for_many_fields, open_pipeline
    from leukoscope.runtime.session import open_session
    from leukoscope.runtime.sinks.lines import Lines
    from leukoscope.runtime.sources.redact import redact
    from leukoscope.runtime.sources.uri import open_source
    from leukoscope.runtime.viewer.attend import attended, attended_stream
    from leukoscope.runtime.viewer.board import RunAbout

    fields = open_source(source, max_outage_s=wishes.max_outage_s)
    sinks = outputs.sinks(fields.rate_hz)
    opened = open_bundle(bundle)
    settings = for_many_fields(settings, live=fields.live, fields=fields.total)
    pipeline = open_pipeline(opened, settings, shared=True)
    for text in remarks(opened, pipeline.engines, settings):
        say(text)
    quiet = bool(sinks) or json or wishes.journal is not None
    lines = [] if quiet else [Lines(print_line)]
    resolved = resolved_settings(context)
    about = RunAbout(wishes.slide, redact(source), fields.live, wishes.journal is not None)
    with attended(
        door, about, pipeline, wishes.journal, lambda text: say(printable(text))
    ) as viewer:
        if door is not None:
            say(f"viewer: {door.url}")
        with (
            _shown(bar=quiet) as shown,
            stop_on_interrupt() as stopped,
            open_session(
                opened, pipeline, fields, redact(source), wishes, resolved, shown.note
            ) as session,
        ):
            tally = attended_stream(
                viewer, fields, pipeline, [*sinks, *lines], session, stopped, shown
            )
        _tell(context, tally, paths, json=json)
        if viewer is not None:
            with stop_on_interrupt() as stopped:
                viewer.stay(stopped, say)
    return tally


def _tell(
    context: typer.Context, tally: "Tally", paths: "Mapping[str, Path]", *, json: bool
) -> None:
    """The summary, and the settings beside the first output."""
    if json:
        named = {name: str(path) for name, path in paths.items()}
        print_json({**tally.to_json(), "outputs": named})
    for text in (*tally.in_words(), *map(str, paths.values()), RESEARCH_USE):
        say(text)
    for path in [*paths.values()][:1]:
        save_settings(context, path)


@contextmanager
def _shown(*, bar: bool) -> Iterator[Progress]:
    """A bar, or only notes where each field is printed anyway."""
    if not bar:
        yield _NotesOnly()
        return
    with progress() as bars:
        yield bars
