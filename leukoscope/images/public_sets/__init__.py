"""Published data sets, from the form in which they are downloaded into the two layouts (docs/datasets.md)."""
