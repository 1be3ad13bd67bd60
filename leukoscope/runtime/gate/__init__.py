"""The gate: whether a variant sees what the float model sees, within budgets, and whether the images can tell."""
