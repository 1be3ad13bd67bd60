"""Figures that say how good a bundle is on labelled images."""
