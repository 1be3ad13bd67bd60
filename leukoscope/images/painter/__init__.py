"""The virtual microscope: paints Romanowsky-stained smear fields with their ground truth, by seed."""
