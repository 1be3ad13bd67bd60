from leukoscope.runtime.sinks.lines import Lines


def test_a_line_a_field(result):
    lines = []
    with Lines(lines.append) as sink:
        sink.write(result)
        sink.write(result)
    assert lines == ["blobs_0: Early 0.90 (trees); 2 white cells: 2 blast"] * 2
