"""How the benchmarks on real images measure a bundle: held-out images, fixed changes to them, figures with intervals."""
