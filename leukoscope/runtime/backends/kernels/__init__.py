"""Kernels of our own, compiled on the device that runs them."""
