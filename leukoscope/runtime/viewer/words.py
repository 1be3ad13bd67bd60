"""Every word that the page or the server shows, by key: one catalogue, `page/words.json`."""

import json
from collections.abc import Mapping
from pathlib import Path

PAGE = Path(__file__).parent / "page"
CATALOGUE = PAGE / "words.json"


class Words:
    """Sentences of the catalogue."""

    def __init__(self, catalogue: Mapping[str, str]) -> None:
        self._catalogue = catalogue

    def __call__(self, key: str, **values: object) -> str:
        """The sentence with its `{name}` filled in; the key itself where the catalogue lacks it."""
        text = self._catalogue.get(key, key)
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text


def read_words(path: Path = CATALOGUE) -> Words:
    """The catalogue of the package."""
    found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return Words(found)
