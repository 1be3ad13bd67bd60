"""The table and the plot of robustness, from its figures."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from measure.colour_floor import BY_BOTH, BY_MEAN

Figures = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""By network and set, as robustness.json has them under `shifted`."""

WORDS = {"trees": "trees", "head": "head", "type": "type"}
DRAWN = {
    "trees accuracy": ("o", "#1b6ca8"),
    "head accuracy": ("o", "#7fb2d6"),
    "type accuracy": ("s", "#1b6ca8"),
    "cell IoU": ("o", "#2e8b57"),
    "colour only, mean and spread": ("x", "#b0413e"),
}
"""Marker and colour of what the plot shows; the table has the rest."""


def tables(figures: Figures) -> Iterator[str]:
    """One Markdown table a set, with its heading."""
    for sets in figures.values():
        for name, one in sets.items():
            yield f"**{name}**, {one['n']} of {one['of']} held-out images\n\n" + table(one)


def table(one: Mapping[str, Any]) -> str:
    """Markdown: a row a shift, a column a figure; what a set does not have has no column."""
    columns = _columns(one["shifts"])
    lines = [
        "| shift | " + " | ".join(columns) + " |",
        "|---|" + "---|" * len(columns),
    ]
    for shift, found in one["shifts"].items():
        values = _values(found)
        lines.append(f"| {shift} | " + " | ".join(_cell(values.get(c)) for c in columns) + " |")
    return "\n".join(lines)


def write_page(path: Path, figures: Figures) -> None:
    """All tables in one file."""
    path.write_text("\n\n".join(tables(figures)) + "\n", encoding="utf-8")


def write_plot(path: Path, figures: Figures) -> bool:
    """Dots by shift, a panel a set, as SVG; False where matplotlib is not installed."""
    try:
        import matplotlib
    except ImportError:
        return False
    matplotlib.use("Agg")
    matplotlib.rcParams.update(
        {"svg.hashsalt": "leukoscope", "svg.fonttype": "none", "font.size": 8}
    )
    from matplotlib import pyplot

    panels = [(name, one["shifts"]) for sets in figures.values() for name, one in sets.items()]
    rows = max(len(shifts) for _, shifts in panels)
    size = (1.6 + 2.3 * len(panels), 0.19 * rows + 1.2)
    sheet, axes = pyplot.subplots(1, len(panels), figsize=size, squeeze=False, sharey=True)
    for axis, (name, shifts) in zip(axes[0], panels, strict=True):
        _draw(axis, name, shifts)
    axes[0][0].set_yticks(range(rows), _longest(panels))
    axes[0][0].invert_yaxis()
    sheet.tight_layout(rect=(0, 0.05, 1, 1))
    marks: dict[str, Any] = {}
    for axis in axes[0]:
        handles, words = axis.get_legend_handles_labels()
        marks |= dict(zip(words, handles, strict=True))
    sheet.legend(
        list(marks.values()), list(marks), loc="lower center", ncols=len(marks), fontsize=8
    )
    sheet.savefig(path, metadata={"Date": None})
    pyplot.close(sheet)
    return True


def _draw(axis: Any, name: str, shifts: Mapping[str, Any]) -> None:
    series = {
        key: [_values(found).get(key) for found in shifts.values()] for key in _columns(shifts)
    }
    for key, values in series.items():
        if key not in DRAWN:
            continue
        points = [(value, row) for row, value in enumerate(values) if value is not None]
        marker, colour = DRAWN[key]
        axis.plot(*zip(*points, strict=True), marker, color=colour, markersize=4, label=key)
    axis.set_title(name, fontsize=9)
    axis.grid(axis="x", color="#dddddd", linewidth=0.5)
    axis.set_xlim(-0.03, 1.03)


def _longest(panels: Sequence[tuple[str, Mapping[str, Any]]]) -> list[str]:
    return max((list(shifts) for _, shifts in panels), key=len)


def _columns(shifts: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(key for found in shifts.values() for key in _values(found)))


def _values(found: Mapping[str, Any]) -> dict[str, float]:
    """Figures of one shift by the words of their column."""
    values: dict[str, float] = {}
    for voter, one in found["by"].items():
        if one["accuracy"] is not None:
            values[f"{WORDS[voter]} accuracy"] = one["accuracy"]["value"]
            values[f"{WORDS[voter]} votes changed"] = one["votes_changed"]
    for region in ("cell", "cytoplasm", "nucleus") if found["iou"] else ():
        values[f"{region} IoU"] = found["iou"][region]["value"]
    for key, words in ((BY_MEAN, "mean"), (BY_BOTH, "mean and spread")):
        if found["colour"]:
            values[f"colour only, {words}"] = found["colour"][key]
    return values


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
