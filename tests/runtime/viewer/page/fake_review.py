"""A slide under review as the page reads it."""


def review_cell(k):
    kind = ("blast", "blast", "lymphocyte", "other")[k % 4] if k < 8 else "blast"
    return {"field": 1 + k // 5, "cell": k % 5, "type": kind, "probability": 0.93, "probabilities": {}, "new_type": kind,
            "review": None}  # fmt: skip


def review_field(number):
    flags = ["low_probability"] if number == 3 else []
    return {"field": number, "name": "7", "stage": "Early", "probability": 0.9, "probabilities": {}, "flags": flags,
            "new_stage": None if flags else "Early", "review": None, "cells": 5, "large": number == 1}  # fmt: skip


def group_of(item):
    own = "stage" if "new_stage" in item else "type"
    if item["review"] is not None and item["review"]["verdict"] == "reject":
        return "rejected"
    return item[f"new_{own}"] or ("flagged" if own == "stage" else "rejected")


def counts(cells, fields, kind, stage):
    def by(items, name):
        values = [item[name] for item in items if item[name] not in (None, "other")]
        return {value: values.count(value) for value in values}

    after = kind == "new_type"
    gone = (
        [group_of(item) == "rejected" for item in (*cells, *fields)]
        if after
        else [False] * (len(cells) + len(fields))
    )
    flagged = [f for f in fields if f["flags"] and (f["review"] is None or not after)]
    stages = by([f for f in fields if f not in flagged], stage)
    return {"stages": stages, "flagged": len(flagged), "rejected": sum(gone[len(cells):]), "cells": by(cells, kind),
            "nucleated_others": sum(c[kind] == "other" for c in cells), "rejected_cells": sum(gone[: len(cells)])}  # fmt: skip
