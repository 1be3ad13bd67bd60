"""The page's look: that of the validation report, with its own foot and head on each printed page."""

from leukoscope.runtime.report.markup import short, shown
from leukoscope.runtime.report.style import LOOK, page_margins

OWN = """
.answer{margin:16px 0 8px;padding:12px 16px 8px;border:1px solid var(--ink);border-left-width:8px}
.answer p{max-width:none}
.answer>p:first-child{font-size:19px;margin:0 0 4px}
.answer.open{border-left-style:double;border-color:#8a6100}
.answer.open>p:first-child b{color:#8a6100}
.answer.stage{border-color:#0b4f8a}
.answer.stage>p:first-child b{color:#0b4f8a}
.pairs{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:14px 26px;margin:8px 0 16px}
.pairs figure{margin:0}
.pair{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:6px}
.pair img{width:100%;display:block;border:1px solid var(--rule)}
.pairs figcaption{margin-top:3px;font-size:12.5px;line-height:1.35;overflow-wrap:anywhere}
.small{font-size:13px}
.small th,.small td{padding-top:3px;padding-bottom:3px}
.breaks td{overflow-wrap:anywhere}
.breaks th{white-space:nowrap}
table.narrow{width:auto;min-width:46%}
.changed{font-weight:600}
@media print{
.pairs{gap:8px 14px}
.pairs figure{break-inside:avoid}
.pairs figcaption{font-size:8pt}
.small{font-size:8.5pt}
.answer,table.rule{break-inside:avoid}
}
"""
NAME_CHARACTERS = 60


def css(slide: str) -> str:
    """The whole style sheet; the slide's name stands at the head of each printed page."""
    name = short(shown(slide.replace("\n", " ")), NAME_CHARACTERS)
    return LOOK + page_margins("Leukoscope slide report", name) + OWN
