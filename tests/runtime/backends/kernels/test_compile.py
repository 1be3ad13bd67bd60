"""The sources compile for every device that we serve, by both compilers."""

import shutil

import pytest

from leukoscope.errors import MachineError
from leukoscope.runtime.backends.kernels import compile as compiling
from leukoscope.runtime.backends.kernels.heat import KERNEL, SOURCE

DEVICES = [(8, 7), (8, 9), (11, 0)]
"""Orin, a desktop of today, Thor."""
NVCC = shutil.which("nvcc") or shutil.which("nvcc", path=compiling.NVCC_PLACES)


def refuse(request, reason, command):
    plugins = request.config.pluginmanager.get_plugins()
    rule = next(plugin for plugin in plugins if hasattr(plugin, "skip_or_fail"))
    rule.skip_or_fail("nvcc", reason, command)


def check_image(image):
    assert image[:4] == b"\x7fELF"
    assert KERNEL.encode() in image


@pytest.mark.heavy
@pytest.mark.parametrize("capability", DEVICES, ids=["sm_87", "sm_89", "sm_110"])
@pytest.mark.parametrize("compiler", ["nvcc", "nvrtc"])
def test_the_kernel_compiles(request, compiler, capability):
    target = f"sm_{capability[0]}{capability[1]}"
    if compiler == "nvcc":
        if NVCC is None:
            refuse(request, "no nvcc", "install the CUDA toolkit")
        check_image(compiling.compile_with_nvcc(NVCC, SOURCE, target))
        return
    library = compiling._nvrtc()
    if library is None:
        refuse(request, "no NVRTC", "pip install nvidia-cuda-nvrtc")
    check_image(compiling.compile_with_nvrtc(library, SOURCE, target))
    check_image(compiling.compile_for(SOURCE, capability))


@pytest.mark.heavy
def test_what_does_not_compile_is_named_with_the_compiler_s_words(request, tmp_path):
    if NVCC is None:
        refuse(request, "no nvcc", "install the CUDA toolkit")
    broken = tmp_path / "broken.cu"
    broken.write_text('extern "C" __global__ void draw_heat() { undeclared = 1; }')
    with pytest.raises(MachineError, match=r"nvcc does not compile broken\.cu.*undeclared") as told:
        compiling.compile_with_nvcc(NVCC, broken, "sm_89")
    assert "\n" not in str(told.value)


def test_without_a_compiler_the_command_is_told(monkeypatch):
    monkeypatch.setattr(compiling, "_nvrtc", lambda: None)
    monkeypatch.setattr(compiling.shutil, "which", lambda *_, **__: None)
    with pytest.raises(MachineError, match=r"neither NVRTC nor nvcc.*apt-get"):
        compiling.compile_for(SOURCE, (8, 7))
