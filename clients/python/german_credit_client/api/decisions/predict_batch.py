from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.batch_answer import BatchAnswer
from ...models.error import Error
from ...models.predict_request import PredictRequest
from ...types import UNSET, File, Response, Unset


def _get_kwargs(
    *,
    body: list[PredictRequest] | str | File | Unset = UNSET,
    x_request_id: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(x_request_id, Unset):
        headers["X-Request-ID"] = x_request_id

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/predict_batch",
    }

    if isinstance(body, list[PredictRequest]):
        _kwargs["json"] = []
        for componentsschemas_batch_request_item_data in body:
            componentsschemas_batch_request_item = componentsschemas_batch_request_item_data.to_dict()
            _kwargs["json"].append(componentsschemas_batch_request_item)

        headers["Content-Type"] = "application/json"
    if isinstance(body, str):
        _kwargs["content"] = body.payload
        headers["Content-Type"] = "text/csv"
    if isinstance(body, File):
        _kwargs["content"] = body.payload
        headers["Content-Type"] = "application/vnd.apache.parquet"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> BatchAnswer | Error | None:
    if response.status_code == 200:
        response_200 = BatchAnswer.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = Error.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Error.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Error.from_dict(response.json())

        return response_403

    if response.status_code == 408:
        response_408 = Error.from_dict(response.json())

        return response_408

    if response.status_code == 409:
        response_409 = Error.from_dict(response.json())

        return response_409

    if response.status_code == 413:
        response_413 = Error.from_dict(response.json())

        return response_413

    if response.status_code == 415:
        response_415 = Error.from_dict(response.json())

        return response_415

    if response.status_code == 422:
        response_422 = Error.from_dict(response.json())

        return response_422

    if response.status_code == 429:
        response_429 = Error.from_dict(response.json())

        return response_429

    if response.status_code == 503:
        response_503 = Error.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return None


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[BatchAnswer | Error]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: list[PredictRequest] | str | File | Unset = UNSET,
    x_request_id: str | Unset = UNSET,
) -> Response[BatchAnswer | Error]:
    """Score many applicants.

     A JSON list of requests as for /predict, or a CSV or Parquet file with a column for each field of
    the application. Also at /predict/batch. A row at fault has its error, the others are decided; all
    decisions are in the decision log before the answer is sent. Request ids are that of the header, a
    colon, and the row. Scope: score.

    Args:
        x_request_id (str | Unset):
        body (list[PredictRequest]): Applicants.
        body (str): Header: applicant_id and language (optional), then German Credit.
        body (File):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BatchAnswer | Error]
    """
    kwargs = _get_kwargs(
        body=body,
        x_request_id=x_request_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: list[PredictRequest] | str | File | Unset = UNSET,
    x_request_id: str | Unset = UNSET,
) -> BatchAnswer | Error | None:
    """Score many applicants.

     A JSON list of requests as for /predict, or a CSV or Parquet file with a column for each field of
    the application. Also at /predict/batch. A row at fault has its error, the others are decided; all
    decisions are in the decision log before the answer is sent. Request ids are that of the header, a
    colon, and the row. Scope: score.

    Args:
        x_request_id (str | Unset):
        body (list[PredictRequest]): Applicants.
        body (str): Header: applicant_id and language (optional), then German Credit.
        body (File):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BatchAnswer | Error
    """
    return sync_detailed(
        client=client,
        body=body,
        x_request_id=x_request_id,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: list[PredictRequest] | str | File | Unset = UNSET,
    x_request_id: str | Unset = UNSET,
) -> Response[BatchAnswer | Error]:
    """Score many applicants.

     A JSON list of requests as for /predict, or a CSV or Parquet file with a column for each field of
    the application. Also at /predict/batch. A row at fault has its error, the others are decided; all
    decisions are in the decision log before the answer is sent. Request ids are that of the header, a
    colon, and the row. Scope: score.

    Args:
        x_request_id (str | Unset):
        body (list[PredictRequest]): Applicants.
        body (str): Header: applicant_id and language (optional), then German Credit.
        body (File):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BatchAnswer | Error]
    """
    kwargs = _get_kwargs(
        body=body,
        x_request_id=x_request_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: list[PredictRequest] | str | File | Unset = UNSET,
    x_request_id: str | Unset = UNSET,
) -> BatchAnswer | Error | None:
    """Score many applicants.

     A JSON list of requests as for /predict, or a CSV or Parquet file with a column for each field of
    the application. Also at /predict/batch. A row at fault has its error, the others are decided; all
    decisions are in the decision log before the answer is sent. Request ids are that of the header, a
    colon, and the row. Scope: score.

    Args:
        x_request_id (str | Unset):
        body (list[PredictRequest]): Applicants.
        body (str): Header: applicant_id and language (optional), then German Credit.
        body (File):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BatchAnswer | Error
    """
    return (
        await asyncio_detailed(
            client=client,
            body=body,
            x_request_id=x_request_id,
        )
    ).parsed
