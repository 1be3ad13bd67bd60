"""The parts of the page, one each."""
