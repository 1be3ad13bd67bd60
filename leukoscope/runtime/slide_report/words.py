"""What things are called on the page."""

NOTICE = "Research use only"
CONDITIONS: dict[str, str] = {
    "fields": "fields that count",
    "groups": "groups that they are from",
    "left_out": "share of all fields that do not count",
    "low_end": "lower end of the interval of the leading stage's share",
    "finished": "the slide is finished: nobody writes the journal any more",
    "network": "the network that judges stages is trained, and has not failed its gate",
}
ENDINGS: dict[str, str] = {
    "done": "done",
    "stopped": "stopped",
    "crashed": "crashed: it came to no end",
    "running": "still running",
}
FLAGS: dict[str, str] = {
    "low_probability": "low probability",
    "voters_disagree": "head and trees disagree",
    "scale_off": "scale off",
    "colour_drift": "colours unlike the training's",
    "possible_repeat": "possibly seen before",
    "evidence_off_cells": "evidence off the cells",
}
VERDICTS: dict[str, str] = {
    "accept": "accepted",
    "reject": "rejected",
    "withdraw": "withdrawn",
}


def flag_name(flag: str) -> str:
    """In words; a flag that this version does not know by its own name."""
    return FLAGS.get(flag, flag.replace("_", " "))


def cause_name(cause: str) -> str:
    """`out of focus`."""
    return cause.replace("_", " ")


def verdict_name(verdict: str, value: str | None) -> str:
    """What a person answered: `lymphocyte`, `rejected`."""
    return value if value is not None else VERDICTS.get(verdict, verdict)
