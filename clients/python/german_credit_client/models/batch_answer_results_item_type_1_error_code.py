from enum import StrEnum


class BatchAnswerResultsItemType1ErrorCode(StrEnum):
    BODY_TOO_LARGE = "body_too_large"
    BUSY = "busy"
    DUPLICATE_FIELD = "duplicate_field"
    FORBIDDEN = "forbidden"
    HEAD_TOO_LARGE = "head_too_large"
    INTERNAL_ERROR = "internal_error"
    INVALID_FILE = "invalid_file"
    INVALID_JSON = "invalid_json"
    LOG_UNAVAILABLE = "log_unavailable"
    MALFORMED_REQUEST = "malformed_request"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    MISSING_FIELD = "missing_field"
    NOT_ALLOWED = "not_allowed"
    NOT_FOUND = "not_found"
    NOT_READY = "not_ready"
    NOT_SCORABLE = "not_scorable"
    OUT_OF_RANGE = "out_of_range"
    PROTECTED_FIELD = "protected_field"
    RATE_LIMITED = "rate_limited"
    REQUEST_ID_CONFLICT = "request_id_conflict"
    REQUEST_TIMEOUT = "request_timeout"
    TOO_MANY_CONNECTIONS = "too_many_connections"
    UNAUTHENTICATED = "unauthenticated"
    UNKNOWN_FIELD = "unknown_field"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    WRONG_TYPE = "wrong_type"

    def __str__(self) -> str:
        return str(self.value)
