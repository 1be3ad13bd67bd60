"""From a mask to cells, and from a field to squares and back: ours and scikit-image's."""
