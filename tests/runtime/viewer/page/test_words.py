"""One catalogue has every word: none is written elsewhere, none is missing, none is left over."""

import json
import re
from html.parser import HTMLParser

from leukoscope.images.classes import CELL_TYPES, STAGES
from leukoscope.runtime import colour_watch, drops, picture_flags, record
from leukoscope.runtime.choose.choice import SKIPS
from leukoscope.runtime.field import UNCLASSIFIED
from leukoscope.runtime.journal.reviews import ACCEPT, REJECT, STAGE, TYPE, WITHDRAW
from leukoscope.runtime.sources import newest, recorded, watch
from leukoscope.runtime.viewer.words import PAGE, Words, read_words

CATALOGUE = json.loads((PAGE / "words.json").read_text("utf-8"))
SCRIPTS = {path.name: path.read_text("utf-8") for path in PAGE.glob("*.js")}
INDEX = (PAGE / "index.html").read_text("utf-8")
SHOWN_ATTRIBUTES = (
    "aria-label",
    "title",
    "alt",
    "placeholder",
    "value",
    "aria-description",
    "aria-roledescription",
)
FLAGS = ("low_probability", "voters_disagree", picture_flags.SCALE_OFF, colour_watch.COLOUR_DRIFT, record.POSSIBLE_REPEAT,
         "evidence_off_cells")  # fmt: skip
DROPS = (*SKIPS, newest.LATE, newest.GARBAGE, newest.FROZEN, newest.STALE, newest.STOPPED, recorded.UNREADABLE,
         watch.DELETED, drops.OVERTAKEN, drops.KNOWN, drops.AFTER_TARGET, drops.PAUSED)  # fmt: skip
STANDINGS = (
    "connecting",
    "live",
    "paused",
    "ending",
    "ended",
    "failed",
    "lost",
    "unanswered",
    "closed",
)
SERVER = {
    key
    for path in PAGE.parent.glob("*.py")
    for key in re.findall(r'"server_(\w+)"', path.read_text("utf-8"))
}
FAMILIES = {
    "stage": STAGES,
    "type": [name.replace(" ", "_") for name in (*CELL_TYPES, UNCLASSIFIED)],
    "flag": FLAGS,
    "drop": DROPS,
    "standing": STANDINGS,
    "server": SERVER,
    "map": ("none", "gradcam", "trees"),
    "voter": ("trees", "head"),
    "group": ("unclassified", "rejected", "flagged", "none"),
    "said": (TYPE, STAGE, ACCEPT, REJECT),
    "verdict": (ACCEPT, REJECT, WITHDRAW),
}


class Texts(HTMLParser):
    """What a page shows without its scripts, and the keys that it names."""

    def __init__(self, page):
        super().__init__()
        self.texts, self.keys = [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.texts += [
            given[name] for name in SHOWN_ATTRIBUTES if given.get(name) and name != "value"
        ]
        self.keys += [given[name] for name in ("data-word", "data-label") if name in given]

    def handle_data(self, data):
        self.texts += [data.strip()] if data.strip() else []


def script_keys():
    """Keys in `say("...")` and `nameOf("...", )`, and those that `?` chooses between or lists hold."""
    quoted = set()
    for text in SCRIPTS.values():
        quoted |= set(re.findall(r'"([a-z]\w*)"', text))
    return quoted & set(CATALOGUE)


def families():
    names = {f"{family}_{name}" for family, own in FAMILIES.items() for name in own}
    names |= {f"count_{name}" for name in ("stage",)}
    keys = re.findall(r"^ {6,8}(\w+): \(\) =>", SCRIPTS["main.js"], re.M)
    return (
        names
        | {f"key_{name}" for name in keys if name != "accept"}
        | {f"does_{name}" for name in keys}
    )


def test_the_page_itself_has_no_word():
    assert Texts(INDEX).texts == []


def test_every_key_of_the_page_exists():
    missing = [key for key in Texts(INDEX).keys if key not in CATALOGUE]
    missing += [
        key
        for text in SCRIPTS.values()
        for key in re.findall(r'\bsay\("(\w+)"', text)
        if key not in CATALOGUE
    ]
    assert missing == []


def test_every_name_of_the_machines_has_a_word():
    assert families() - set(CATALOGUE) == set()


def test_every_word_is_used():
    named = {"help_sign", *Texts(INDEX).keys} | script_keys() | families()
    assert set(CATALOGUE) - named == set()


def test_scripts_have_no_sentence():
    """A string that is shown has a space between letters, or begins with a capital; selectors and the like do not."""
    code = {"use strict", "leukoscope reviewer", "leukoscope single keys", "noopener"}
    for name, text in SCRIPTS.items():
        bare = re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.S)
        for said in re.findall(r'"([^"\n]*)"', bare):
            looks = re.search(r"[a-z]{2,} [a-z]{2,}", said) and not re.search(r"[\[\]#.:>]", said)
            assert not looks or said in code, (name, said)


def test_placeholders_are_those_that_are_filled_in():
    """A translator who renames a placeholder breaks a sentence: the scripts name every one."""
    filled = "".join(SCRIPTS.values())
    server = {"detail", "action", "number"}
    for key, text in CATALOGUE.items():
        for name in re.findall(r"\{(\w+)\}", text):
            known = re.search(rf"\b{name}\b\s*[:,}}]", filled) or (
                key.startswith("server_") and name in server
            )
            assert known, (key, name)


def test_keys_of_one_letter_do_not_meet():
    singles = {
        name: text
        for name, text in CATALOGUE.items()
        if re.fullmatch(r"key_(?!name_)\w+", name) and len(text) == 1
    }
    for page in ("live", "review"):
        block = SCRIPTS["main.js"].split(f"      {page}: {{")[1].split("      },")[0]
        names = {"help", "live", "review", *re.findall(r"(\w+): \(\) =>", block)}
        own = [text for name, text in singles.items() if name.removeprefix("key_") in names]
        own += list(CATALOGUE["keys_choices"]) if page == "review" else []
        assert len(set(own)) == len(own), page


def test_the_server_says_its_sentences_by_the_catalogue():
    assert read_words()("server_gone", number=7) == "Field 7 is no longer kept."
    assert Words({})("server_gone", number=7) == "server_gone"
