"""The sets that can be converted, by name."""

from leukoscope.images.public_sets.all_idb1 import ALL_IDB1
from leukoscope.images.public_sets.all_idb2 import ALL_IDB2
from leukoscope.images.public_sets.bccd import BCCD
from leukoscope.images.public_sets.lisc import LISC
from leukoscope.images.public_sets.offer import PublicSet
from leukoscope.images.public_sets.pbc import PBC
from leukoscope.images.public_sets.stages import IRANIAN_ALL, PAK_ALL
from leukoscope.images.public_sets.wbc_tecom import WBC_TECOM

PUBLIC_SETS: dict[str, PublicSet] = {
    one.name: one for one in (ALL_IDB1, ALL_IDB2, BCCD, IRANIAN_ALL, LISC, PAK_ALL, PBC, WBC_TECOM)
}
