from profile_made import made_profile, made_variant

from leukoscope.runtime.profiler.words import NONE, grids, verdict


def test_every_part_has_its_table(profile):
    titles = [one.title.split()[0] for one in grids(profile)]
    assert titles == ["latency", "throughput", "run", "stream", "cold"]
    assert all(len(row) == len(one.heads) for one in grids(profile) for row in one.rows)


def test_the_distribution_stands_in_its_row(profile):
    latency = grids(profile)[0]
    assert latency.heads[1:] == ("n", "p50", "p90", "p95", "p99", "max", "jitter")
    assert latency.rows[0][1:] == ("310", "9.00", "10.0", "10.0", "10.0", "10.0", "1.00")
    assert "NOT TRUSTED" in latency.rows[1][0] and "NOT" not in latency.rows[0][0]


def test_what_the_samples_cannot_carry_is_a_dash_and_said_below(profile):
    latency = grids(profile)[0]
    assert latency.rows[1][4:6] == (NONE, NONE)
    assert "p99 takes 299 samples, there are 20" in latency.note


def test_a_stage_that_does_not_exist_is_a_dash_and_not_nought(profile):
    stages = grids(profile)[2]
    row = next(row for row in stages.rows if row[0] == "copy in")
    assert set(row[1:]) == {NONE} and "copy in: nothing is copied" in stages.note


def test_the_verdict_is_in_words(profile):
    lines = verdict(profile)
    assert lines[0] == "not measured: sg_cldff fp16 on tensorrt: no <driver>"
    assert "THESE FIGURES CANNOT BE TRUSTED:" in lines
    good = verdict(made_profile(variants=(made_variant(),), not_measured=(), untrained=("x",)))
    assert good[-1].startswith("no reason") and "random weights" in good[0]


def test_of_nothing_there_are_no_tables():
    assert grids(made_profile(variants=(), runs=())) == []
