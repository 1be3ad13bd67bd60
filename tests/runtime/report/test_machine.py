import platform

from leukoscope.runtime.report.machine import cpu_model, this_machine


def test_the_processors_own_name(tmp_path):
    info = tmp_path / "cpuinfo"
    info.write_text("processor : 0\nmodel name\t: Some CPU @ 2 GHz\nmodel name\t: other\n")
    assert cpu_model(info) == "Some CPU @ 2 GHz"


def test_a_processor_that_says_nothing(tmp_path):
    info = tmp_path / "cpuinfo"
    info.write_text("processor : 0\nmodel name :\n")
    assert cpu_model(info) == platform.machine() == cpu_model(tmp_path / "none")


def test_threads_are_the_cores_unless_said():
    assert this_machine(("onnxruntime-cpu",), 3).threads == 3
    assert this_machine((), None).threads >= 1
