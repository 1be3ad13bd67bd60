"""The frame of every page that we write to a file: nothing in it can load anything or run."""

from leukoscope.runtime.report.markup import Markup, element

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Even a mistake of ours could load nothing from outside."""


def document(title: str, css: str, main: Markup) -> str:
    """One HTML file with its style inside; the same bytes for the same parts."""
    page = element("html", _head(title, css), element("body", main), lang="en")
    return f"<!doctype html>\n{page}\n"


def _head(title: str, css: str) -> Markup:
    return element(
        "head",
        element("meta", charset="utf-8"),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"/>'),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", Markup(css)),
    )
