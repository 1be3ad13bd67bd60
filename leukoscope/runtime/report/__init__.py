"""The report of a validation: one page for people, and the same facts as JSON."""
