"""Somebody who opens the page in a browser and hears what its scripts complain of."""

SMALL, LARGE = {"width": 800, "height": 480}, {"width": 1920, "height": 1080}
PATIENCE_MS = 15_000


class Visitor:
    """Each visit is a browser of its own."""

    def __init__(self, browser, url):
        self._browser, self._url = browser, url
        self._contexts = []
        self.complaints = []
        self.may_fail = False
        """Whether requests may come back refused or not at all: then the browser itself complains."""

    def __call__(self, size=SMALL, *, where="", **how):
        context = self._browser.new_context(viewport=size, **how)
        self._contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)
        page.goto(self._url + where)
        page.wait_for_selector("html[data-ready]")
        return page

    def live(self, size=SMALL, **how):
        page = self(size, **how)
        page.wait_for_selector("#stage:not(:empty)")
        return page

    def review(self, size=SMALL, initials="AB", **how):
        page = self(size, where="#review", **how)
        page.fill("#initials", initials)
        page.keyboard.press("Enter")
        page.wait_for_selector("#reviewer[data-signed]")
        page.wait_for_selector("#gallery [role=option]")
        return page

    def leave(self):
        for context in self._contexts:
            context.close()
        assert not self.complaints

    def _hear(self, message):
        refused = self.may_fail and "Failed to load resource" in message.text
        read_by_tests = "readback" in message.text
        if message.type in ("error", "warning") and not refused and not read_by_tests:
            self.complaints.append(message.text)
