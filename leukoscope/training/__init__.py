"""Augmentation, losses, training loops, boosted trees."""
