"""Where requests and answers begin and end on one connection, seen from what passes by.

What is here: `Exchange`, which watches both directions of an HTTP/1.1 connection (RFC 9112) with llhttp's parsers.
What to add here: another case in which an answer has no body.
What must not be here: sockets (`reverse_proxy.py`), and opinions: what cannot be followed is let through as it is
(`opaque`).
"""

from __future__ import annotations

from collections import deque

import httptools

_CONTINUE, _FIRST_FINAL = 100, 200


class Exchange:
    """Counts what was asked and what was answered on one connection."""

    def __init__(self) -> None:
        """Start where nothing was asked yet."""
        self.opaque = False
        """Whether beginnings and ends are unknown from now on: an upgrade, or something that is not HTTP."""
        self.last = False
        """Whether the connection ends with the newest answer: the answer said so, or the request."""
        self.answer_begun = False
        """Whether part of an answer has come that is not complete."""
        self._asked_to_end = False
        self._begun = 0
        self._heads = 0
        self._received = 0
        self._answered = 0
        self._methods: deque[bytes] = deque()
        self._requests = _Requests(self)
        self._answers = _Answers(self)

    @property
    def idle(self) -> bool:
        """Whether everything that was asked is complete and answered."""
        return not self.opaque and self._begun == self._received == self._answered

    def asked(self, data: bytes) -> None:
        """Watch what a client sends."""
        if not self.opaque:
            self.opaque = not self._requests.feed(data)

    def answered(self, data: bytes) -> None:
        """Watch what a backend sends."""
        if not self.opaque:
            self.opaque = not self._answers.feed(data)

    def begin_request(self) -> None:
        """A request's first byte came."""
        self._begun += 1

    def know_method(self, method: bytes) -> None:
        """A request's headers are complete."""
        self._heads += 1
        self._methods.append(method)

    def end_request(self, *, keep_alive: bool) -> None:
        """A request's last byte came."""
        self._received += 1
        self._asked_to_end = not keep_alive

    @property
    def head_open(self) -> bool:
        """Whether part of a request's head has come, and not all of it."""
        return not self.opaque and self._begun > self._heads

    @property
    def without_body(self) -> bool:
        """Whether the answer that is coming has no body whatever its headers say (RFC 9110, 9.3.2)."""
        return bool(self._methods) and self._methods[0] == b"HEAD"

    @property
    def unanswered(self) -> bool:
        """Whether a request waits for its answer, or for the rest of it."""
        return self._begun > self._answered

    @property
    def pipelined(self) -> bool:
        """Whether more than one request waits for its answer."""
        return self._begun - self._answered > 1

    def end_answer(self, *, keep_alive: bool) -> None:
        """An answer's last byte came."""
        self._answered += 1
        self.answer_begun = False
        self.last = not keep_alive or self._asked_to_end
        if self._methods:
            self._methods.popleft()


class _Requests:
    """llhttp's callbacks for the client's direction."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._parser = httptools.HttpRequestParser(self)

    def feed(self, data: bytes) -> bool:
        """Whether it could be followed."""
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            return False
        return True

    def on_message_begin(self) -> None:
        self._exchange.begin_request()

    def on_headers_complete(self) -> None:
        self._exchange.know_method(self._parser.get_method())

    def on_message_complete(self) -> None:
        self._exchange.end_request(keep_alive=self._parser.should_keep_alive())


class _Answers:
    """llhttp's callbacks for the backend's direction."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._parser = httptools.HttpResponseParser(self)
        self._cut = False

    def feed(self, data: bytes) -> bool:
        """Whether it could be followed."""
        pipelined = self._exchange.pipelined
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            return False
        if not self._cut:
            return True
        # The parser waits for a body that does not come. What follows in the same bytes is lost to it.
        self._parser, self._cut = httptools.HttpResponseParser(self), False
        return not pipelined

    def on_message_begin(self) -> None:
        self._exchange.answer_begun = True

    def on_headers_complete(self) -> None:
        if self._exchange.without_body and self._is_final():
            self._cut = True
            self._exchange.end_answer(keep_alive=self._parser.should_keep_alive())

    def on_message_complete(self) -> None:
        if not self._cut and self._is_final():
            self._exchange.end_answer(keep_alive=self._parser.should_keep_alive())

    def _is_final(self) -> bool:
        return not _CONTINUE <= self._parser.get_status_code() < _FIRST_FINAL
