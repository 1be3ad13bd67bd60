"""The variants of one network side by side, each a pipeline, compared on one sample at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from leukoscope.bundle.read import Bundle
from leukoscope.runtime.engine import CELL_NETWORK, FIELD_NETWORK
from leukoscope.runtime.field import Frame
from leukoscope.runtime.observation import Observation, observe
from leukoscope.runtime.pipeline import Pipeline, open_pipeline
from leukoscope.runtime.precision import reference_precision
from leukoscope.runtime.sample import Sample
from leukoscope.runtime.settings import Settings


@dataclass(frozen=True)
class Bench:
    """The variants of one network, and what finds cells where the data have no masks."""

    network: str
    reference: str
    """The float variant."""
    variants: tuple[str, ...]
    """Those that are reported."""
    pipelines: Mapping[str, Pipeline]
    cell_finder: Pipeline | None

    def observe(self, sample: Sample, frame: Frame) -> dict[str, Observation]:
        """The sample under each variant that is open, the float one among them."""
        reference = self.pipelines[self.reference](frame)
        found = reference.mask
        if found is None and self.cell_finder is not None and sample.mask is None:
            found = self.cell_finder(frame).mask
        return {
            name: observe(
                self.network,
                sample,
                reference,
                reference if name == self.reference else self.pipelines[name](frame),
                found,
            )
            for name in self.pipelines
        }


def open_bench(
    bundle: Bundle, network: str, settings: Settings, *, find_cells: bool = True
) -> Bench:
    """Opens the variant that `settings` name, or all, and the float one that they are compared with.

    Without `find_cells` nobody looks for cells where the data have no masks.
    """
    there_are = bundle.network(network).variants
    reference = reference_precision(there_are)
    variants = (settings.precision,) if settings.precision else tuple(there_are)
    for name in variants:
        bundle.variant(network, name)
    # What failed its gate must still be measured.
    measured = replace(settings, allow_failed=True)
    pipelines = {
        name: open_pipeline(bundle, replace(measured, precision=name), [network])
        for name in dict.fromkeys((reference, *variants))
    }
    wanted = find_cells and network == FIELD_NETWORK
    finder = _open_cell_finder(bundle, settings) if wanted else None
    return Bench(network, reference, variants, pipelines, finder)


def _open_cell_finder(bundle: Bundle, settings: Settings) -> Pipeline | None:
    """SG-CLDFF's float model, where the bundle has one that may run."""
    cells = bundle.manifest.networks.get(CELL_NETWORK)
    if cells is None or not (cells.trained or settings.allow_untrained):
        return None
    precision = reference_precision(cells.variants)
    return open_pipeline(
        bundle, replace(settings, precision=precision, allow_failed=True), [CELL_NETWORK]
    )
