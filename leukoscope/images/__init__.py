"""Pixels and labels: decoding, the preprocessing contract, data layouts, groups, label maps, the painter."""
