"""McNemar's exact test: whether two models that judged the same images are right equally often."""

from math import exp, fsum, lgamma, log


def mcnemar(losses: int, gains: int) -> float:
    """Two-sided exact p-value (McNemar 1947, Psychometrika 12:153, in its binomial form), in (0, 1].

    `losses`: images that only the first model got right; `gains`: only the second. Those on which both are right or
    both wrong do not count. Under equality each of the others falls to either side like a fair coin: twice the
    smaller tail, at most 1; without any, 1. Takes images for independent. Raises ValueError for negative counts.
    """
    if losses < 0 or gains < 0:
        raise ValueError(f"{losses} losses and {gains} gains")
    count = losses + gains
    # In logarithms, since 2**count leaves the floats beyond a thousand discordant images.
    tail = fsum(exp(_log_choose(count, k) - count * log(2)) for k in range(min(losses, gains) + 1))
    return min(1.0, 2 * tail)


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
