"""Leukoscope: edge deployment for leukaemia and white-cell networks. Research use only."""

__version__ = "0.1.0"
