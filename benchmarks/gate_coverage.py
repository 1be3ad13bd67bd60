# ruff: noqa: T201
"""How often the gate's one-sided 95 % bound holds the true drop: `python benchmarks/gate_coverage.py [--trials 300]`.

Sites are made up: G slides of m images; a variant that loses each image of a slide with that slide's own chance, drawn
from a beta distribution with mean `drop` and the correlation rho within slides, and gains none. Prints the share of
trials in which `upper` is at least the true drop: of the bootstrap alone, and with the floor that the gate puts under it.
Seed 1.
"""

import argparse

import numpy as np
from numpy.typing import NDArray

from leukoscope.runtime.gate.bounds import bounds_of_losses
from leukoscope.runtime.metrics.intervals import Ratio, resampled

SITES = ((5, 120), (10, 60), (20, 30), (60, 10), (30, 50))
DROPS = (0.005, 0.02)
CORRELATIONS = (0.0, 0.05, 0.2)


def main() -> None:
    """Draws and prints one line a case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=300)
    trials = parser.parse_args().trials
    print("slides x images   drop    rho   bootstrap   with the floor")
    for slides, images in SITES:
        for drop in DROPS:
            for rho in CORRELATIONS:
                alone, floored = coverage(slides, images, drop, rho, trials)
                case = f"{slides:4d} x {images:<4d}        {drop:<7g} {rho:<5g}"
                print(f"{case} {alone:<11.3f} {floored:.3f}", flush=True)


def coverage(slides: int, images: int, drop: float, rho: float, trials: int) -> tuple[float, float]:
    """Shares of the trials in which the bound holds `drop`: bootstrap alone, with the floor."""
    rng = np.random.default_rng(1)
    groups = [f"{k}" for k in range(slides) for _ in range(images)]
    held = np.zeros(2)
    for _ in range(trials):
        delta = losses(rng, slides, images, drop, rho)
        draws = resampled(Ratio(delta, np.ones_like(delta)), groups)
        upper = bounds_of_losses(delta, groups).upper
        assert upper is not None
        held += np.array([np.quantile(draws, 0.95) >= drop, upper >= drop])
    alone, floored = held / trials
    return float(alone), float(floored)


def losses(
    rng: np.random.Generator, slides: int, images: int, drop: float, rho: float
) -> NDArray[np.int64]:
    """[slides * images] 1 where an image is lost."""
    chances = np.full(slides, drop)
    if rho:
        spread = (1 - rho) / rho
        chances = rng.beta(drop * spread, (1 - drop) * spread, slides)
    return (rng.random((slides, images)) < chances[:, None]).astype(np.int64).ravel()


if __name__ == "__main__":
    main()
