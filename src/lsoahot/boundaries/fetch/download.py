"""Getting things over HTTP from services that fail in every way: slowly, partly, and politely.

A request is tried again after a pause when trying again may help (no connection, a stall, an answer
cut short, 429 and 5xx, a page that its reader finds wanting), and given up at once when it can't.
Proxies and certificates come from the environment (HTTPS_PROXY, REQUESTS_CA_BUNDLE), as locked-down
networks set them.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests

Answer = TypeVar("Answer")

TRIES: Final = 5
PAUSE = 1.0  # seconds before the second try; doubled before each further one
LONGEST_PAUSE: Final = 60.0
CONNECT: Final = 10.0  # seconds to wait for a connection: behind a firewall none ever comes
_WORTH_TRYING_AGAIN: Final = {408, 425, 429, 500, 502, 503, 504}


class UnusableAnswerError(Exception):
    """The answer arrived, but not whole or not as it should be; asking again may help."""


class RefusedError(Exception):
    """The service refused, and would refuse again."""


class GoneError(ConnectionError):
    """The service is there, but has no such thing: it may have been renamed."""


def get(
    session: requests.Session,
    url: str,
    parameters: Mapping[str, str | int],
    read: Callable[[bytes], Answer],
    *,
    timeout: float,
) -> Answer:
    """Ask until `read` accepts the answer.

    Parameters
    ----------
    read
        Turns the body into what is wanted; raises `UnusableAnswerError` to have it asked again, or
        `RefusedError` to give up.
    timeout
        Seconds of silence after which the service counts as stalled.

    Raises
    ------
    ConnectionError
        When the last try failed too; the message says how. Its kind `GoneError`, where the service
        refuses what was asked for.
    """
    import requests
    from requests.exceptions import ChunkedEncodingError, ConnectionError as NoConnection, Timeout

    passing = (NoConnection, Timeout, ChunkedEncodingError)
    reason = ""
    for attempt in range(TRIES):
        pause = min(PAUSE * 2**attempt, LONGEST_PAUSE)
        try:
            patience = (min(timeout, CONNECT), timeout)
            answer = session.get(url, params=dict(parameters), timeout=patience)
            if answer.ok:
                return read(_whole(answer))
            reason = f"it answered {answer.status_code} {answer.reason}"
            if answer.status_code not in _WORTH_TRYING_AGAIN:
                raise GoneError(reason)
            pause = _asked_to_wait(answer, pause)
        except RefusedError as error:
            raise GoneError(str(error)) from None
        except UnusableAnswerError as error:
            reason = str(error)
        except requests.exceptions.RequestException as error:
            reason = _reason(error, timeout)
            nowhere = attempt and "NameResolutionError" in repr(error)  # no internet: seen twice
            if nowhere or not isinstance(error, passing):
                raise ConnectionError(reason) from error
        if attempt < TRIES - 1:
            time.sleep(pause)
    raise ConnectionError(f"{reason} ({TRIES} times in a row)")


def _reason(error: Exception, timeout: float) -> str:
    from requests import exceptions

    if isinstance(error, exceptions.ConnectTimeout):
        return f"no connection came about within {min(timeout, CONNECT):g} seconds"
    if isinstance(error, exceptions.Timeout):
        return f"it said nothing for {timeout:g} seconds"
    return f"the connection failed ({_short(error)})"


def _whole(answer: requests.Response) -> bytes:
    """Return the body if all of it came (requests does not look, with older urllib3)."""
    body: bytes = answer.content
    promised = answer.headers.get("Content-Length")
    if promised and not answer.headers.get("Content-Encoding") and len(body) < int(promised):
        raise UnusableAnswerError(f"only {len(body):,} of {int(promised):,} bytes came")
    return body


def _asked_to_wait(answer: requests.Response, otherwise: float) -> float:
    """Return the seconds that a busy service asks for, within reason."""
    from email.utils import parsedate_to_datetime

    asked = answer.headers.get("Retry-After", "")
    if asked.isdecimal():
        return min(float(asked), LONGEST_PAUSE)
    try:
        seconds = parsedate_to_datetime(asked).timestamp() - time.time()
    except ValueError:
        return otherwise
    return min(max(seconds, 0.0), LONGEST_PAUSE)


def _short(error: Exception) -> str:
    """Return the innermost reason of an error, without the library's wrapping."""
    inner: BaseException = error
    while (deeper := inner.__cause__ or inner.__context__) is not None:
        inner = deeper
    text = str(inner).strip()
    return text.splitlines()[0] if text else type(inner).__name__
