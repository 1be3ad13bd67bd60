"""The conclusion, and the rule by which it was come to."""

from leukoscope.runtime.report.markup import Child, Markup, element, joined
from leukoscope.runtime.report.numbers import NONE, count, plural
from leukoscope.runtime.report.tables import left, left_head, paragraph, table
from leukoscope.runtime.slide_report.contents import Judgement, Slide
from leukoscope.runtime.slide_report.figures import percent, percents
from leukoscope.runtime.slide_report.rule import (
    LEAST_FIELDS,
    LEAST_GROUPS,
    LEAST_LOW_END,
    MOST_LEFT_OUT,
    STAGE,
    Check,
    Conclusion,
)
from leukoscope.runtime.slide_report.words import CONDITIONS

RULE = (
    f"The rule (our choice): a stage is named if at least {LEAST_FIELDS} fields count, of at least {LEAST_GROUPS} "
    f"groups; if at most {percent(MOST_LEFT_OUT)} of all fields were flagged, rejected or without a stage; if the "
    f"95 % interval of the leading stage's share lies wholly above {percent(LEAST_LOW_END)}; if the slide is "
    "finished; and if what judges is trained and has not failed its gate. Otherwise there is not enough evidence."
)
MEANING = (
    "Which stage most fields show, as the paper names them (Benign, Early, Pre, Pro). A count of fields: stages are "
    "never averaged to a grade, and nothing here is a diagnosis or a prognosis. A haematologist decides."
)


def conclusion(slide: Slide) -> Markup:
    """The answer in a box, the machine's alone where review changed the counts, and the rule with what was found."""
    before = slide.machine.conclusion if slide.reviewed else None
    return joined(
        _box(slide.standing, reviewed=slide.reviewed is not None),
        None
        if before is None
        else paragraph(f"By the machine alone: {_named(before)}. {_words(slide.machine)}"),
        paragraph(MEANING, class_="note"),
        element("h3", "Rule"),
        paragraph(RULE),
        _table(slide),
    )


def _box(judged: Judgement, *, reviewed: bool) -> Markup:
    found = judged.conclusion
    basis = "The counts after review." if reviewed else "The machine's counts; nobody has reviewed."
    named = _named(found)
    return element(
        "div",
        element("p", element("b", named[:1].upper() + named[1:])),
        paragraph(_words(judged)),
        paragraph(basis, class_="note"),
        class_="answer stage" if found.outcome == STAGE else "answer open",
    )


def _named(found: Conclusion) -> str:
    return f"most fields show {found.stage}" if found.outcome == STAGE else "not enough evidence"


def _words(judged: Judgement) -> str:
    stages, found = judged.stages, judged.conclusion
    leading = stages.leading
    if leading is None:
        return "No field counts for a stage."
    first = f"{found.leading} leads" if found.leading is not None else "No stage leads alone"
    span = f"; 95 % interval {percents(leading.interval)}" if leading.interval else ""
    text = (
        f"{first}: {count(leading.count)} of {plural(stages.total, 'field')} "
        f"({percent(leading.share)}{span}; {plural(stages.groups, 'group')})."
    )
    return text if found.outcome == STAGE else f"{text} {_why(found)}"


def _why(found: Conclusion) -> str:
    return "Not met: " + "; ".join(CONDITIONS[check.name] for check in found.failed) + "."


def _table(slide: Slide) -> Markup:
    heads: list[Child] = ["", "wanted", left_head("machine")]
    answers = [slide.machine.conclusion]
    if slide.reviewed is not None:
        heads.append(left_head("after\u00a0review"))
        answers.append(slide.reviewed.conclusion)
    rows = [
        (
            CONDITIONS[checks[0].name],
            _wanted(checks[0]),
            *(left(_found(check), keep=True) for check in checks),
        )
        for checks in zip(*(one.checks for one in answers), strict=True)
    ]
    return table(heads, rows, class_="rule")


def _wanted(check: Check) -> str:
    if check.name == "left_out":
        return f"at\u00a0most\u00a0{percent(check.limit)}"
    if check.name == "low_end":
        return f"above\u00a0{percent(check.limit)}"
    return f"at least {check.limit:.0f}" if check.name in ("fields", "groups") else "yes"


def _found(check: Check) -> Markup:
    if check.name in ("left_out", "low_end"):
        value = percent(check.found)
    elif check.name in ("fields", "groups"):
        value = NONE if check.found is None else count(round(check.found))
    else:
        value = "yes" if check.passed else "no"
    met = element("b", "met") if check.passed else element("b", "not met")
    return joined(f"{value}, ", met)
