import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.calibration.ranges import (
    BINS,
    METHODS,
    NEVER_SEEN,
    Observed,
    entropy,
    least_error,
    min_max,
    percentile,
    ranges_by,
    rounding_noise,
)


def histogram(values):
    greatest = float(np.abs(values).max())
    counts, _ = np.histogram(np.abs(values), BINS, (0, greatest))
    return counts, greatest


def normal(count=200_000, seed=1):
    return np.random.default_rng(seed).normal(0, 1, count)


def with_outlier(value=40.0):
    return np.append(normal(), value)


@pytest.mark.parametrize("method", METHODS)
@given(seed=st.integers(0, 50), size=st.integers(1, 3000))
def test_a_range_lies_within_what_was_seen(method, seed, size):
    values = np.random.default_rng(seed).exponential(2, size)
    counts, greatest = histogram(values)
    assert 0 < METHODS[method](counts, greatest) <= greatest * (1 + 1e-9)


def test_min_max_holds_all():
    counts, greatest = histogram(with_outlier())
    assert min_max(counts, greatest) == greatest == 40.0


def test_the_percentile_leaves_one_in_ten_thousand_out():
    values = with_outlier()
    bound = percentile(*histogram(values))
    beyond = (np.abs(values) > bound).mean()
    assert beyond <= 1e-4 and bound < 6


@pytest.mark.parametrize("method", [least_error, entropy])
def test_one_outlier_among_many_does_not_set_the_range(method):
    bound = method(*histogram(with_outlier()))
    assert 2.5 < bound < 20


def test_the_least_error_is_the_least_of_its_candidates():
    counts, greatest = histogram(with_outlier())
    bound = least_error(counts, greatest)
    others = [rounding_noise(counts, greatest, greatest * i / 100) for i in range(20, 101)]
    assert rounding_noise(counts, greatest, bound) == min(others)


def test_the_noise_is_that_of_rounding_the_values_themselves():
    values = normal(20_000)
    counts, greatest = histogram(values)
    for bound in (greatest, greatest / 2):
        step = bound / 127
        rounded = np.clip(np.rint(values / step), -127, 127) * step
        measured = ((values - rounded) ** 2).mean() / (values**2).mean()
        assert rounding_noise(counts, greatest, bound) == pytest.approx(measured, rel=0.05)


def test_the_entropy_is_near_that_of_onnx_runtime():
    calibrate = pytest.importorskip("onnxruntime.quantization.calibrate")
    values = with_outlier(12.0)
    counts, greatest = histogram(values)
    both = np.concatenate([counts[::-1], counts])
    edges = np.linspace(-greatest, greatest, len(both) + 1)
    collector = calibrate.HistogramCollector("entropy", True, 2 * BINS, 255, 99.99, "same")
    theirs = collector.get_entropy_threshold((both, edges, -greatest, greatest, greatest), 255)
    assert entropy(counts, greatest) == pytest.approx(abs(float(theirs[1])), rel=0.35)


def test_a_tensor_that_is_always_zero_has_a_range_nevertheless():
    observed = Observed({"dead": 0.0}, {"dead": np.zeros(BINS, np.int64)})
    for method in METHODS:
        assert ranges_by(method, observed) == {"dead": NEVER_SEEN}


def test_only_zeros_beside_one_value():
    counts = np.zeros(BINS, np.int64)
    counts[0] = 1000
    assert entropy(counts, 2.0) == 2.0


def test_observed_values_are_those_of_the_graph(ready_bundle):
    import onnx

    from leukoscope.calibration.ranges import observe

    model = onnx.load(ready_bundle / "xincept_all.fp32.onnx")
    squares = np.random.default_rng(1).integers(0, 255, (2, 192, 192, 3), np.uint8)
    observed = observe(model, ["features", "sub_4"], squares, threads=1)
    scaled = squares.astype(np.float64) / 255 * 2 - 1
    assert observed.greatest["sub_4"] == pytest.approx(np.abs(scaled).max(), rel=1e-5)
    assert observed.counts["sub_4"].sum() == scaled.size
    expected, _ = np.histogram(np.abs(scaled), BINS, (0, observed.greatest["sub_4"]))
    assert (
        np.abs(np.cumsum(observed.counts["sub_4"]) - np.cumsum(expected)).max() < 0.01 * scaled.size
    )
    assert observed.counts["features"].sum() == 2 * 128
