"""Maps as npz: `cams` [K, h, w] float32 and `classes`, with how they were made and what lays them on the field."""

import io
from typing import Any

import numpy as np

from leukoscope.runtime.engine import CELL_NETWORK, FIELD_NETWORK
from leukoscope.runtime.field import Result
from leukoscope.runtime.sinks.folder import FolderSink


class Maps(FolderSink):
    """NAME.npz: XIncept-ALL's maps of every class by the run's method, without it SG-CLDFF's Grad-CAM."""

    ending = "npz"

    def content(self, result: Result) -> bytes | None:
        """See `FolderSink.content`."""
        return packed_maps(result)


def packed_maps(result: Result) -> bytes:
    """The npz file: no pickled objects.

    `method` is `gradcam` or `trees`; with trees there is `even_share` [K] too (see `TreeMaps`). The maps cover the plane of
    `plane_px`, padding included: the network's square of `input_px`, or what its squares make up together. The field
    lies in it at `offset_px` with size `inner_px` (x, y).
    """
    network = FIELD_NETWORK if FIELD_NETWORK in result.readings else CELL_NETWORK
    reading = result.readings[network]
    place = reading.placement
    trees = None if result.evidence is None else result.evidence.trees
    maps = reading.arrays["cams"] if trees is None else trees.maps
    even: dict[str, Any] = {} if trees is None else {"even_share": trees.even_shares}
    file = io.BytesIO()
    np.savez_compressed(
        file,
        cams=maps.astype(np.float32, copy=False),
        classes=np.array(reading.classes),
        method=np.array("gradcam" if trees is None else "trees"),
        **even,
        network=np.array(network),
        field_px=np.array(place.field_px),
        inner_px=np.array(place.inner_px),
        offset_px=np.array(place.offset_px),
        input_px=np.array(place.input_px),
        plane_px=np.array(place.size_px),
    )
    return file.getvalue()
