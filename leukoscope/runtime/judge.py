"""Images of one network judged by each of its variants side by side, by the path that `run` takes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from leukoscope.bundle.read import Bundle
from leukoscope.errors import InputError
from leukoscope.images.hashes import sha256_of_bytes
from leukoscope.images.label_map import LabelMap
from leukoscope.images.layouts import Item
from leukoscope.progress import Progress, Silent
from leukoscope.runtime.bench import Bench, open_bench
from leukoscope.runtime.engine import FIELD_NETWORK
from leukoscope.runtime.field import Frame
from leukoscope.runtime.metrics.targets import Targets, targets_of
from leukoscope.runtime.observation import Observation
from leukoscope.runtime.provenance import training_images
from leukoscope.runtime.sample import Sample, is_excluded, read_sample
from leukoscope.runtime.settings import Settings

DUPLICATE, BLANK = "duplicate", "blank"
"""Why `clean` leaves an image out."""

LabelledItem = tuple[Item, LabelMap | None]
Cause = Callable[[str, str], str | None]
"""(SHA-256 of the file's bytes, group) -> why the image is left out; None where it is judged."""


@dataclass(frozen=True, eq=False)
class Judged:
    """What every variant of one network made of the same images in the same order."""

    network: str
    classes: tuple[str, ...]
    targets: Targets
    label_map_name: str | None
    """Of several, joined by commas."""
    reference: str
    """The float variant."""
    variants: tuple[str, ...]
    """Those that were asked for; the reference is one of them only where it was."""
    observations: Mapping[str, tuple[Observation, ...]]
    """By variant, the reference always among them. Their samples hold no pixels any more."""
    excluded: int
    """Images whose label the map leaves out, judged (for their masks) or not."""
    unreadable: tuple[str, ...]
    in_training: int
    """Of the judged images, those that the network or its trees were fitted on."""
    left_out: Mapping[str, int]
    """By cause: those of `not_these` and of `clean`."""
    voter: str
    backend: Mapping[str, str]
    """By variant."""
    groups_inferred: bool


def judge(
    bundle: Bundle,
    network: str,
    items: Sequence[LabelledItem],
    settings: Settings,
    *,
    not_these: Cause = lambda sha256, group: None,
    clean: bool = False,
    groups_inferred: bool = False,
    find_cells: bool = True,
    progress: Progress = Silent(),  # noqa: B008
) -> Judged:
    """Judges `items`, which may come from several folders, each with its label map.

    Groups must be told apart over folders by the caller ("SET/GROUP"). `clean`: an image whose bytes or pixels were
    met before, or that are in a group that may not judge, is left out as "duplicate", and one that shows nothing as
    "blank". Without `find_cells`, XIncept-ALL's share of evidence on cells stays unknown where the data have no masks: the
    gate does not ask for it, and finding cells costs more than all else. Files that cannot be read are named and left
    out. Raises InputError where the label maps contradict each other, and as `open_bench` does.
    """
    maps = [one for _, one in items if one is not None]
    classes = bundle.network(network).classes
    targets = targets_of(merged_labels(maps), classes)
    bench = open_bench(bundle, network, settings, find_cells=find_cells)
    gathered = _Gathered({name: [] for name in bench.pipelines}, clean=clean)
    ordered = sorted(items, key=lambda one: not_these("", one[0].group) is None) if clean else items
    for index, labelled in enumerate(progress.track(ordered, f"judge {network}")):
        _judge_one(bench, index, labelled, not_these, gathered, progress)
    trained_on = training_images(bundle, network)
    engines = {name: pipeline.engines[network] for name, pipeline in bench.pipelines.items()}
    return Judged(
        network=network,
        classes=classes,
        targets=targets,
        label_map_name=", ".join(dict.fromkeys(one.name for one in maps)) or None,
        reference=bench.reference,
        variants=bench.variants,
        observations={name: tuple(found) for name, found in gathered.observations.items()},
        excluded=gathered.excluded,
        unreadable=tuple(gathered.unreadable),
        in_training=sum(one.sha256 in trained_on for one in gathered.samples(bench.reference)),
        left_out=gathered.left_out,
        voter=_voter(bench, network),
        backend={name: engine.backend.name for name, engine in engines.items()},
        groups_inferred=groups_inferred,
    )


def merged_labels(maps: Iterable[LabelMap]) -> dict[str, tuple[str, ...]]:
    """Label -> classes over all maps; a label that two of them read differently is named with its map."""
    labels: dict[str, tuple[str, ...]] = {}
    for one in {each.name: each for each in maps}.values():
        for label, target in one.targets.items():
            known = labels.setdefault(label, target)
            if known != target:
                labels[f"{label} ({one.name})"] = target
    return labels


@dataclass
class _Gathered:
    """What a pass over the images has given so far."""

    observations: dict[str, list[Observation]]
    """By variant."""
    clean: bool
    excluded: int = 0
    unreadable: list[str] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    met: set[str] = field(default_factory=set)

    def samples(self, variant: str) -> list[Sample]:
        return [one.sample for one in self.observations[variant]]

    def leave_out(self, cause: str) -> None:
        self.left_out[cause] = self.left_out.get(cause, 0) + 1

    def unclean(self, sample: Sample) -> str | None:
        """Why the picture may not count, if it may not; remembers it."""
        if not self.clean:
            return None
        shape = "x".join(map(str, sample.pixels.shape))
        keys = {sample.sha256, f"{shape}:{sha256_of_bytes(sample.pixels.tobytes())}"}
        known = bool(keys & self.met)
        self.met |= keys
        return DUPLICATE if known else BLANK if sample.is_blank else None


def _judge_one(
    bench: Bench,
    index: int,
    labelled: LabelledItem,
    not_these: Cause,
    gathered: _Gathered,
    progress: Progress,
) -> None:
    item, label_map = labelled
    if item.mask is None and is_excluded(item, label_map):
        gathered.excluded += 1
        return
    try:
        sample = read_sample(item, label_map)
    except InputError as cause:
        gathered.unreadable.append(item.name)
        progress.note(f"left out: {cause}")
        return
    unclean = gathered.unclean(sample)
    why = not_these(sample.sha256, sample.group) or unclean
    if why is not None:
        gathered.leave_out(why)
        return
    gathered.excluded += sample.excluded
    frame = Frame(sample.pixels, str(item.path), item.name, index)
    for name, observation in bench.observe(sample, frame).items():
        # Pixels of a thousand fields would fill the memory of the small computers that this runs on.
        gathered.observations[name].append(replace(observation, sample=sample.without_pixels()))


def _voter(bench: Bench, network: str) -> str:
    trees = bench.pipelines[bench.reference].cast_votes.trees
    return "trees" if network == FIELD_NETWORK and trees is not None else "head"
