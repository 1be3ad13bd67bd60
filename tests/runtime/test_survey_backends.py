import pytest

from leukoscope.runtime import survey_backends
from leukoscope.runtime.finding import Finding
from leukoscope.runtime.settings import BACKENDS


@pytest.fixture
def machine(monkeypatch):
    """Says which of the parts are there: `driver`, `binding`, `tensorrt`, `tensorrt-rtx`, `cuda provider`."""

    def make(*there):
        class Made:
            def __init__(self, name):
                self.distribution = name

            def look(self):
                present = self.distribution in there
                return Finding(
                    "engines",
                    self.distribution,
                    present,
                    "",
                    "" if present else f"get {self.distribution}",
                )

        monkeypatch.setattr(survey_backends, "PACKAGES", [Made("tensorrt"), Made("tensorrt-rtx")])
        monkeypatch.setattr(survey_backends, "driver_loads", lambda: "driver" in there)
        monkeypatch.setattr(survey_backends, "driver_remedy", lambda: "get a driver")
        monkeypatch.setattr(survey_backends, "has_module", lambda name: "binding" in there)
        import onnxruntime

        providers = ["CPUExecutionProvider"]
        providers += ["CUDAExecutionProvider"] if "cuda provider" in there else []
        monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: providers)
        return {
            one.what.removeprefix("--backend "): one for one in survey_backends.look_at_backends()
        }

    return make


def test_every_backend_that_can_be_chosen_has_its_row(machine):
    assert set(machine()) == set(BACKENDS)


def test_all_that_is_missing_is_named_with_its_commands(machine):
    found = machine()["tensorrt"]
    assert found.detail == "lacks NVIDIA's driver, pycuda or cuda-python, the package tensorrt"
    assert found.remedy.startswith("get a driver; then ") and found.remedy.endswith("get tensorrt")


def test_without_a_gpu_auto_takes_the_processor(machine):
    assert machine()["auto"].detail == "takes onnxruntime-cpu"
    assert machine("tensorrt-rtx", "cuda provider")["auto"].detail == "takes onnxruntime-cpu"


def test_with_everything_auto_takes_an_engine_where_one_is_built(machine):
    found = machine("driver", "binding", "tensorrt", "cuda provider")
    assert found["tensorrt"].present and not found["tensorrt-rtx"].present
    words = found["auto"].detail
    assert words.startswith("takes tensorrt for networks whose engine is built")
    assert words.endswith("else onnxruntime-cuda")


def test_a_driver_alone_is_not_enough(machine):
    found = machine("driver", "tensorrt")
    assert found["tensorrt"].detail == "lacks pycuda or cuda-python"
    assert "pip install pycuda" in found["tensorrt"].remedy
