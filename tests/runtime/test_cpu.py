import platform

import pytest

from leukoscope.runtime.cpu import instruction_set, multiplies_bytes


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("flags\t\t: fpu sse4_1 avx2 avx512bw avx512_vnni", "avx512_vnni"),
        ("flags\t\t: fpu sse4_1 avx2 avx_vnni", "avx_vnni"),
        ("flags\t\t: fpu sse4_1 avx2", "avx2"),
        ("Features\t: fp asimd evtstrm aes asimddp", "asimd_dotprod"),
        ("Features\t: fp asimd", "asimd"),
        ("model name\t: avx2 in a name", platform.machine()),
    ],
)
def test_the_widest_flag_names_the_instruction_set(tmp_path, line, name):
    path = tmp_path / "cpuinfo"
    path.write_text(f"processor\t: 0\n{line}\nbugs\t: avx512_vnni\n")
    assert instruction_set(path) == name


def test_without_cpuinfo_it_is_the_architecture(tmp_path):
    assert instruction_set(tmp_path / "none") == platform.machine()


@pytest.mark.parametrize(
    ("flags", "fast"),
    [("avx512_vnni", True), ("avx2", False), ("asimd asimddp", True), ("asimd", False)],
)
def test_which_processors_multiply_bytes(tmp_path, flags, fast):
    path = tmp_path / "cpuinfo"
    path.write_text(f"flags\t\t: {flags}\nFeatures\t: {flags}\n")
    assert multiplies_bytes(path) is fast
