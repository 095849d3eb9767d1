"""What a client is told when its request is not answered: one shape, one code for each cause.

What is here: `ErrorCode`, `ApiError`, the JSON both become, and how a field's name is shown.
What to add here: a code with its status, for a new way in which a request can fail.
What must not be here: values that a client sent. They are personal data, and errors end up in logs.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from starlette.responses import JSONResponse

_SHOWN_NAME = 64
"""Letters of a client's field name that an error repeats."""


class ErrorCode(StrEnum):
    """Machine-readable cause of an error; clients may switch on it."""

    MALFORMED_REQUEST = "malformed_request"
    INVALID_JSON = "invalid_json"
    INVALID_FILE = "invalid_file"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    REQUEST_TIMEOUT = "request_timeout"
    REQUEST_ID_CONFLICT = "request_id_conflict"
    BODY_TOO_LARGE = "body_too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    UNKNOWN_FIELD = "unknown_field"
    MISSING_FIELD = "missing_field"
    DUPLICATE_FIELD = "duplicate_field"
    PROTECTED_FIELD = "protected_field"
    WRONG_TYPE = "wrong_type"
    NOT_ALLOWED = "not_allowed"
    OUT_OF_RANGE = "out_of_range"
    NOT_SCORABLE = "not_scorable"
    RATE_LIMITED = "rate_limited"
    TOO_MANY_CONNECTIONS = "too_many_connections"
    HEAD_TOO_LARGE = "head_too_large"
    INTERNAL_ERROR = "internal_error"
    BUSY = "busy"
    NOT_READY = "not_ready"
    LOG_UNAVAILABLE = "log_unavailable"

    @property
    def status(self) -> int:
        """HTTP status that goes with this code: 422 unless the request as a whole is at fault."""
        return _STATUS.get(self, 422)


_STATUS: Mapping[ErrorCode, int] = {
    ErrorCode.MALFORMED_REQUEST: 400,
    ErrorCode.INVALID_JSON: 400,
    ErrorCode.INVALID_FILE: 400,
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.METHOD_NOT_ALLOWED: 405,
    ErrorCode.REQUEST_TIMEOUT: 408,
    ErrorCode.REQUEST_ID_CONFLICT: 409,
    ErrorCode.BODY_TOO_LARGE: 413,
    ErrorCode.UNSUPPORTED_MEDIA_TYPE: 415,
    ErrorCode.RATE_LIMITED: 429,
    ErrorCode.TOO_MANY_CONNECTIONS: 429,
    ErrorCode.HEAD_TOO_LARGE: 431,
    ErrorCode.INTERNAL_ERROR: 500,
    ErrorCode.BUSY: 503,
    ErrorCode.NOT_READY: 503,
    ErrorCode.LOG_UNAVAILABLE: 503,
}


class ApiError(Exception):
    """A request that is not answered; `field` is the path of the field at fault, such as `application.amount`."""

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        field: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Keep the parts apart; the message must not repeat what the client sent."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.headers = dict(headers or {})

    def to_response(self) -> JSONResponse:
        """Answer of the shape `{"error": {"code", "message", "field"?}}`."""
        error = {"code": self.code.value, "message": self.message}
        if self.field is not None:
            error["field"] = self.field
        return JSONResponse({"error": error}, status_code=self.code.status, headers=self.headers)


def shown(name: str) -> str:
    """A client's field name, made safe to show: short, printable ASCII."""
    return name[:_SHOWN_NAME].encode("ascii", "backslashreplace").decode("ascii")
