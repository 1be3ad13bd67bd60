"""The two networks and their blocks, in plain torch."""
