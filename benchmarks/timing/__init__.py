"""Measuring time for the benchmarks: turns, intervals, the machine, and the record that `compare.py` reads."""
