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
            ("monitors", _monitors(profile)),
            ("inputs", f"{profile.fields} fields of {profile.inputs}, going round"),
            ("seconds a variant", f"{profile.seconds:g}"),
        ]
    )


def _monitors(profile: Profile) -> str:
    """Who watched, and at what cost at most; what failed."""
    watched = [one.monitors for one in profile.variants]
    names = dict.fromkeys(name for one in watched for name in one.sources)
    notes = dict.fromkeys(note for one in watched for note in one.notes)
    cost = max((one.cost_share for one in watched), default=0.0)
    said = f"{', '.join(names) or 'none'}, {100 * cost:.1f}\u00a0% of a core"
    return "; ".join((said, *notes))
