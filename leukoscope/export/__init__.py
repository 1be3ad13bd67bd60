"""From a trained checkpoint to a bundle, proved on the way."""
