import pytest

from leukoscope.errors import MachineError
from leukoscope.runtime import survey_gpu
from leukoscope.runtime.backends.cuda import opening
from leukoscope.runtime.backends.cuda.driver import DeviceFacts


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine without anything of NVIDIA's."""
    for name in ("DRIVER", "TEGRA", "PCI"):
        monkeypatch.setattr(survey_gpu, name, tmp_path / name)
    monkeypatch.setattr(survey_gpu.has_nvidia_device, "__defaults__", (tmp_path / "PCI",))
    monkeypatch.setattr(survey_gpu, "driver_loads", lambda: False)
    return tmp_path


def card(root, vendor, kind):
    device = root / "PCI" / "0000:01:00.0"
    device.mkdir(parents=True)
    (device / "vendor").write_text(f"{vendor}\n")
    (device / "class").write_text(f"{kind}\n")


def gpu():
    return {one.what: one for one in survey_gpu.look_at_gpu()}


def test_without_a_gpu_no_driver_is_recommended(bare):
    found = gpu()["NVIDIA driver"]
    assert found.detail == "no NVIDIA GPU is in this machine"
    assert "apt-get" not in found.remedy and "processor" in found.remedy


def test_a_gpu_without_its_driver(bare):
    card(bare, "0x10de", "0x030000")
    found = gpu()["NVIDIA driver"]
    assert "driver is not loaded" in found.detail and "ubuntu-drivers install" in found.remedy


@pytest.mark.parametrize(("vendor", "kind"), [("0x10de", "0x0c0330"), ("0x1002", "0x030000")])
def test_what_is_no_gpu_of_nvidia(bare, vendor, kind):
    card(bare, vendor, kind)
    assert not survey_gpu.has_nvidia_device(bare / "PCI")


def test_a_jetson(bare):
    (bare / "TEGRA").write_text("# R36 (release), REVISION: 4.3\n# more\n")
    found = gpu()["NVIDIA driver"]
    assert found.present and found.detail == "R36 (release), REVISION: 4.3"


class Driver:
    def facts(self, ordinal):
        return DeviceFacts("Orin", (8, 7), True, (12, 6), 8 << 30, "pycuda")


def test_the_device_is_named(bare, monkeypatch):
    monkeypatch.setattr(survey_gpu, "driver_loads", lambda: True)
    monkeypatch.setattr(opening, "load_driver", Driver)
    found = gpu()["CUDA device"]
    assert found.present
    assert found.detail == "Orin, compute capability 8.7, CUDA 12.6, 8.0 GiB, by pycuda"


def test_a_driver_without_a_binding(bare, monkeypatch):
    def nothing():
        raise MachineError("no binding loads", next_step="pip install pycuda")

    monkeypatch.setattr(survey_gpu, "driver_loads", lambda: True)
    monkeypatch.setattr(opening, "load_driver", nothing)
    found = gpu()["CUDA device"]
    assert not found.present and found.remedy == "pip install pycuda"
