"""The sweeps of `growth.py`: what grows, and what is measured at each size."""
