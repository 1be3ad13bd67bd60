"""What was judged, by its hashes, and where."""

from leukoscope.runtime.report.contents import Machine, NetworkStudy, Study
from leukoscope.runtime.report.markup import Child, Markup, element, joined
from leukoscope.runtime.report.numbers import of_size
from leukoscope.runtime.report.tables import left, left_head, paragraph, table, terms
from leukoscope.runtime.report.words import network_name, variant_name

LATENCY = (
    "Accuracies of INT8 and FP16 on a CPU predict those of another device: before an engine is used there it must "
    "repeat the bundle's golden outputs. Latency is of this machine alone: one inference, batch 1, variants in turn, "
    "after a warm-up; reading, scaling and trees are not in it."
)


def identity(study: Study) -> Markup:
    """Hashes of the bundle, its files and the images; the machine."""
    return joined(
        element("h3", "Bundle"),
        terms(
            [
                ("name", study.bundle),
                ("manifest, as judged", element("code", study.manifest_sha256)),
                *((name, element("code", digest)) for name, digest in study.files.items()),
            ]
        ),
        [_network(one) for one in study.networks],
        element("h3", "Machine"),
        terms(_machine(study.machine)),
        paragraph(LATENCY, class_="note"),
    )


def _network(network: NetworkStudy) -> Markup:
    rows = [
        (
            variant_name(row.variant),
            left(element("code", row.file), keep=True),
            of_size(row.size_bytes),
            left(element("code", row.sha256)),
        )
        for row in network.rows
    ]
    return joined(
        element("h3", network_name(network.network)),
        table(("variant", left_head("file"), "size", left_head("SHA-256")), rows),
        terms(
            [
                ("preprocessing contract", element("code", network.contract_sha256)),
                ("images that judged", element("code", network.images_sha256)),
            ]
        ),
    )


def _machine(machine: Machine) -> list[tuple[str, Child]]:
    return [
        ("processor", machine.cpu),
        ("integer instructions", machine.instruction_set),
        ("system", machine.system),
        ("backend", ", ".join(machine.backends)),
        ("ONNX Runtime", machine.onnxruntime or "not known"),
        ("threads", str(machine.threads)),
    ]
