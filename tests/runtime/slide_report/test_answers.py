from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from rows_made import cell, field, review

from leukoscope.runtime.journal.counts import count_slide
from leukoscope.runtime.slide_report.answers import Rows, cell_answers, field_answers, judgement
from leukoscope.runtime.slide_report.contents import NUCLEATED_OTHER
from leukoscope.runtime.slide_report.groups import groups_of
from leukoscope.runtime.slide_report.rule import Sound

STAGES, TYPES = ("Early", "Pre"), ("lymphocyte", "blast", "other")


def rows(fields, cells, *reviews) -> Rows:
    said = {one.subject: one for one in reviews}
    sound = Sound(finished=True, network=True)
    return Rows(fields, cells, said, STAGES, TYPES, groups_of(fields), sound)


def test_a_field_has_both_answers_side_by_side():
    fields = [field(1), field(2, flags=("scale_off",)), field(3), field(4, None)]
    made = rows(
        fields, [], review(1, 1, None, "stage", "Pre"), review(2, 2, None, "accept"), review(3, 3, None, "reject")
    )  # fmt: skip
    answers = [(one.machine, one.reviewed) for one in field_answers(made)]
    assert answers == [("Early", "Pre"), (None, "Early"), ("Early", None), (None, None)]


def test_a_cell_has_both_answers_side_by_side():
    cells = [cell(1, 0), cell(1, 1), cell(1, 2, "other"), cell(1, 3, "other", nc_ratio=0.0), cell(1, 4, new=False, counted=False)]  # fmt: skip
    made = rows([field(1)], cells, review(1, 1, 0, "type", "lymphocyte"), review(2, 1, 1, "reject"))
    answers = [(one.machine, one.reviewed) for one in cell_answers(made)]
    other = (NUCLEATED_OTHER, NUCLEATED_OTHER)
    assert answers == [("blast", "lymphocyte"), ("blast", None), other, (None, None), (None, None)]


def test_a_cell_of_a_rejected_field_is_counted_where_else_it_is_seen():
    cells = [cell(1, 0, slide_number=7), cell(2, 0, slide_number=7, new=False, counted=False)]
    made = rows([field(1), field(2)], cells, review(1, 1, None, "reject"))
    answers = [(one.machine, one.reviewed) for one in cell_answers(made)]
    assert answers == [("blast", None), (None, "blast")]


def test_white_cells_come_in_the_networks_order_and_unclassified_last():
    made = rows([field(1)], [cell(1, 0, "unclassified"), cell(1, 1), cell(1, 2, "promyelocyte")])
    found = judgement(made, field_answers(made), cell_answers(made), reviewed=False)
    assert [one.name for one in found.cells.parts] == [
        "lymphocyte",
        "blast",
        "promyelocyte",
        "unclassified",
    ]


VERDICTS = st.sampled_from(
    [("accept", None), ("reject", None), ("type", "blast"), ("type", "other"), ("stage", "Pre")]
)


@given(st.data())
def test_the_rows_add_up_to_the_counts_of_the_journal(data):
    fields = [
        field(i, data.draw(st.sampled_from(("Early", "Pre", None))), flags=data.draw(st.sampled_from(((), ("scale_off",)))))
        for i in range(1, data.draw(st.integers(1, 12)) + 1)
    ]  # fmt: skip
    cells = []
    for one in fields:
        for number in range(data.draw(st.integers(0, 3))):
            kind = data.draw(st.sampled_from((*TYPES, "unclassified")))
            seen = data.draw(st.sampled_from((None, 1, 2)))
            ratio = data.draw(st.sampled_from((None, 0.0, 1.0)))
            new = seen is None or not any(seen == before.slide_number for before in cells)
            cells.append(
                cell(one.id, number, kind, slide_number=seen, nc_ratio=ratio, new=new, counted=new)
            )
    subjects = [(one.id, None) for one in fields] + [(one.field, one.cell) for one in cells]
    reviews = []
    for subject in data.draw(st.lists(st.sampled_from(subjects), unique=True)):
        verdict, value = data.draw(VERDICTS)
        if (subject[1] is None) == (verdict != "type") or verdict in ("accept", "reject"):
            reviews.append(review(1, *subject, verdict, value))
    made = rows(
        fields, cells, *[one for one in reviews if one.verdict != "stage" or one.cell is None]
    )
    _check(made, reviewed=False)
    _check(made, reviewed=True)


def _check(made: Rows, *, reviewed: bool) -> None:
    fields, seen = field_answers(made), cell_answers(made)
    found = judgement(made, fields, seen, reviewed=reviewed)
    counts = count_slide(made.fields, made.cells, made.said, reviewed=reviewed)
    assert {one.name: one.count for one in found.stages.parts if one.count} == counts.stages
    assert {one.name: one.count for one in found.cells.parts if one.count} == counts.cells
    kinds = [one.reviewed if reviewed else one.machine for one in seen]
    assert kinds.count(NUCLEATED_OTHER) == counts.nucleated_others
    if not reviewed:
        assert found == replace(
            found, counts=count_slide(made.fields, made.cells, {}, reviewed=True)
        )
