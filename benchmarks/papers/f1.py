"""F1 from a confusion that `classification_scores` gives."""

from collections.abc import Mapping
from typing import Any


def with_f1(scores: Mapping[str, Any]) -> dict[str, Any]:
    """The scores with `f1` by label and their mean `f1_macro`, over the labels that the images have."""
    f1 = f1_by_label(scores["confusion"])
    return {**scores, "f1": f1, "f1_macro": round(sum(f1.values()) / len(f1), 4)}


def f1_by_label(confusion: Mapping[str, Mapping[str, int]]) -> dict[str, float]:
    """{label: F1} from {label: {answer: count}}; an answer that no image has as its label has no F1."""
    found = {}
    for label, answers in confusion.items():
        hits = answers.get(label, 0)
        wanted = sum(answers.values())
        given = sum(other.get(label, 0) for other in confusion.values())
        found[label] = round(2 * hits / (wanted + given), 4)
    return found
