"""Engines behind one seam: `infer(frames) -> dict of arrays`."""
