"""From a bundle to results: backends, sources, the pipeline, sinks, metrics. Imports no torch."""
