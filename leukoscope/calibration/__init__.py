"""Calibration: which images, quantized graphs, and what is given back to float."""
