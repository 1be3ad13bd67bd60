"""The slide's report: what a journal says of a slide, as one HTML page, tables, and JSON."""
