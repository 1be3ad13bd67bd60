"""The report's sections, one file each, in the order of the page."""
