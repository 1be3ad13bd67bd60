"""Which machine, which bundle, which inputs."""

from leukoscope.runtime.profiler.contents import Profile
from leukoscope.runtime.report.markup import Markup, element
from leukoscope.runtime.report.tables import terms


def machine(profile: Profile) -> Markup:
    """What somebody needs who wants to repeat it."""
    one = profile.machine
    return terms(
        [
            ("bundle", profile.bundle),
            ("manifest, SHA-256", element("code", profile.manifest_sha256)),
            ("processor", f"{one.cpu}, {one.instruction_set}"),
            ("system", one.system),
            ("threads", one.threads),
            ("ONNX Runtime", one.onnxruntime or "not installed"),
            ("power mode", profile.power_mode or "not known"),
            ("inputs", f"{profile.fields} fields of {profile.inputs}, going round"),
            ("seconds a variant", f"{profile.seconds:g}"),
        ]
    )
