"""What a browser says and asks for while a test runs."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError


class Watch:
    """Errors on the console (a breach of a content security policy is one), errors of scripts, and every request."""

    def __init__(self, *origins: str) -> None:
        self.origins = origins
        self.errors: list[str] = []
        self.expected: list[str] = []
        self.requests: list[str] = []

    def attach(self, context: BrowserContext) -> None:
        context.on("console", self._note_message)
        context.on("weberror", self._note_error)
        context.on("request", self._note_request)

    def expect(self, words: str) -> None:
        """Errors with these words are what the test wants to see, and no fault."""
        self.expected.append(words)

    def take_errors(self) -> list[str]:
        """The errors until now, which a test has looked at: they are no fault any more."""
        taken, self.errors = self.errors, []
        return taken

    @property
    def faults(self) -> list[str]:
        """Errors that nobody expected."""
        return [error for error in self.errors if not any(words in error for words in self.expected)]

    @property
    def strangers(self) -> list[str]:
        """Requests to any host but ours."""
        return [
            url for url in self.requests if not url.startswith(("data:", "blob:", *(f"{o}/" for o in self.origins)))
        ]

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.location['url']}: {message.text}")

    def _note_error(self, error: WebError) -> None:
        self.errors.append(f"{error.page.url if error.page else ''}: {error.error}")

    def _note_request(self, request: Request) -> None:
        self.requests.append(request.url)
