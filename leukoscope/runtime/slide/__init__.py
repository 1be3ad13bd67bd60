"""The map of the slide: where each field lies, and which cells were counted before."""
