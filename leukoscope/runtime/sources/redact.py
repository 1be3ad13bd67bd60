"""A source's name as it may be shown, logged and stored: without user names, passwords and tokens.

The rule is the safe way round: what is not recognised is hidden. Nothing else in this folder may put a network
camera's URI into a text.
"""

import re

HIDDEN = "***"
NETWORK_URI = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<user>[^@/?#\s]*@)?"
    r"(?P<host>[a-z0-9._-]+|\[[0-9a-f:.]+\])(?P<port>:[0-9]{1,5})?"
    r"(?P<path>/[^@?#\s]*)?(?P<query>\?[^@#\s]*)?(?:#[^@\s]*)?",
    re.IGNORECASE,
)
ANY_URI = re.compile(r"\s*([a-z][a-z0-9+.-]{0,19}):/", re.IGNORECASE)
LOCAL_URI = re.compile(r"(?:v4l2|csi|watch|synthetic)://(?P<authority>[^/?#]*)", re.IGNORECASE)
SECRET_IN_PATH = re.compile(
    r"((?:user|login|pass|pwd|auth|token|key|secret)[^=/;&]*=)[^/]*", re.IGNORECASE
)
"""Some cameras take `/user=admin&password=...` in the path; what follows the sign, up to the next folder, is hidden."""


def redact(text: str) -> str:
    """`text`, a source as the user typed it, fit to be shown: never its user name, password, query or fragment.

    A path or a local source comes back as it is, unless it looks like a mistyped URI with credentials.
    """
    local, found = LOCAL_URI.match(text), ANY_URI.match(text)
    if local is not None and not (local["authority"] and "@" in text):
        return text
    if found is None:
        return _hide_before_at(text)
    known = NETWORK_URI.fullmatch(text)
    if known is None:
        return f"{found.group(1).lower()}://{HIDDEN}"
    user = f"{HIDDEN}@" if known["user"] else ""
    path = SECRET_IN_PATH.sub(rf"\g<1>{HIDDEN}", known["path"] or "")
    query = f"?{HIDDEN}" if known["query"] else ""
    return f"{known['scheme'].lower()}://{user}{known['host']}{known['port'] or ''}{path}{query}"


def _hide_before_at(text: str) -> str:
    """`user:secret@host/x`, a URI without its scheme, loses what precedes the last @."""
    before, at, behind = text.rpartition("@")
    return f"{HIDDEN}@{behind}" if at and ":" in before else text
