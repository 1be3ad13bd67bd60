"""What the gate decided, first of all: one line a variant, then check by check."""

from collections.abc import Sequence

from leukoscope.runtime.gate.check import Check
from leukoscope.runtime.gate.verdict import Verdict
from leukoscope.runtime.report.contents import NetworkStudy, Study, VariantRow
from leukoscope.runtime.report.markup import Child, Markup, element, joined, short
from leukoscope.runtime.report.numbers import change, count, fraction, listed, plural
from leukoscope.runtime.report.tables import below, left, paragraph, table
from leukoscope.runtime.report.tables import names as in_columns
from leukoscope.runtime.report.words import OUTCOMES, check_name, network_name, variant_name

NAMES_SHOWN = 18
LONGEST = 40
RECALL = "recall "
HEADS = ("", "float", "variant", "lost", "allowed", "images", "")
LEAD = (
    "Lost: float less variant on the same images; under it the two-sided 95 % interval (paired bootstrap by whole "
    "groups) and the one-sided 95 % upper bound. Of maps: 1 less the median agreement. Cannot tell is no pass: these "
    "images do not decide it."
)


def verdict(study: Study) -> Markup:
    """The caller's notes, a line a variant, then a box for each that the gate judged."""
    lead = (
        "Whether a smaller variant still sees what the float model sees, within budgets set before."
    )
    judged = any(row.verdict for one in study.networks for row in one.rows)
    return joined(
        paragraph(lead, class_="note"),
        [paragraph(element("b", note), class_="alert") for note in study.notes],
        [_warning(one) for one in study.networks if one.in_training],
        _overview(study) if judged else None,
        [_network(one) for one in study.networks],
        paragraph(LEAD, class_="note") if judged else None,
    )


def _warning(network: NetworkStudy) -> Markup:
    images = plural(network.in_training, "image")
    return paragraph(
        element("b", f"{images} of {count(network.n)} that judge {network_name(network.network)}"),
        " had been used in its training: the figures flatter it.",
        class_="alert",
    )


def _overview(study: Study) -> Markup:
    rows: list[Sequence[Child]] = [
        (
            network_name(network.network),
            left(variant_name(row.variant)),
            left(_badge(row.verdict)),
            left(_why(row.verdict)),
        )
        for network in study.networks
        for row in network.rows
        if row.verdict is not None
    ]
    return table(("", "", "", ""), rows, class_="glance")


def _badge(found: Verdict) -> Markup:
    return element("span", OUTCOMES[found.outcome], class_=f"badge {found.outcome}")


def _network(network: NetworkStudy) -> Markup:
    boxes = [_box(row, row.verdict) for row in network.rows if row.verdict is not None]
    head = element("h3", network_name(network.network))
    return joined(head, boxes or paragraph(_no_verdict(network)))


def _no_verdict(network: NetworkStudy) -> str:
    if len(network.rows) == 1:
        return "There is no smaller variant: the figures below are those of the float model alone."
    return "No verdict: the gate was not asked for. The figures below are measurements."


def _box(row: VariantRow, found: Verdict) -> Markup:
    title = element("b", f"{variant_name(row.variant)} against the float model")
    return element(
        "div",
        element("p", _badge(found), title),
        paragraph(_judged_on(found)),
        table(HEADS, [_check(check) for check in found.checks]),
        _flipped(found),
        class_=f"verdict {found.outcome}",
    )


def _why(found: Verdict) -> str:
    parts = []
    if found.failed:
        parts.append(f"Beyond its budget: {_names(found.failed)}.")
    if found.undecided:
        parts.append(f"Not decided by these images: {_names(found.undecided)}.")
    return " ".join(parts) or f"All {plural(len(found.checks), 'check')} hold."


def _judged_on(found: Verdict) -> str:
    more = f", {count(found.n_unlabelled)} of them without a label," if found.n_unlabelled else ""
    where = f"from {plural(found.groups, 'group')}"
    strict = (
        " Strict: the upper bound of each loss had to be within its budget, too."
        if found.strict
        else ""
    )
    return (
        f"Judged on {plural(found.n, 'image')}{more} {where}; "
        f"the vote changed on {count(found.flips)}.{strict}"
    )


def _names(checks: Sequence[Check]) -> str:
    """The checks by name, all recalls in one."""
    classes = [
        short(one.name.removeprefix(RECALL), LONGEST)
        for one in checks
        if one.name.startswith(RECALL)
    ]
    others = [check_name(one.name) for one in checks if not one.name.startswith(RECALL)]
    recalls = [f"recall of {listed(classes)}"] if classes else []
    return "; ".join([*others, *recalls])


def _check(check: Check) -> Sequence[Child]:
    outcome = element("b", OUTCOMES[check.outcome])
    reason = check.reason if check.outcome != "passed" else ""
    return (
        below(short(check_name(check.name), LONGEST), _discordant(check)),
        fraction(check.reference),
        fraction(check.variant),
        below(fraction(check.drop), *_bounds(check)),
        fraction(check.budget, 3),
        below(count(check.n), f"of {count(check.needed)} needed"),
        element("td", below(outcome, reason), class_=f"left {check.outcome}"),
    )


def _bounds(check: Check) -> Sequence[str]:
    """The interval, and the one-sided bound; a bootstrap that nothing changes has no width and says nothing."""
    ends = check.interval
    return (
        ""
        if ends is None or change(ends[0]) == change(ends[1])
        else f"{change(ends[0])} to {change(ends[1])}",
        "" if check.upper is None else f"at most {fraction(check.upper)}",
    )


def _discordant(check: Check) -> str:
    """Images that changed sides, with McNemar's test."""
    if check.losses is None or check.gains is None or check.mcnemar_p is None:
        return ""
    if check.losses == check.gains == 0:
        return "no image changed sides"
    return f"{check.losses} lost, {check.gains} gained; McNemar p {check.mcnemar_p:.2g}"


def _flipped(found: Verdict) -> Markup | None:
    names = found.flipped
    if not names:
        return None
    shown: list[Child] = [element("code", short(name)) for name in names[:NAMES_SHOWN]]
    if len(names) > NAMES_SHOWN:
        shown.append(f"and {count(len(names) - NAMES_SHOWN)} more")
    return joined(paragraph("The vote changed on", class_="sub"), in_columns(shown))
