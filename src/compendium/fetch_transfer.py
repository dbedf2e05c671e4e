"""Transfers: bytes from a host, with patience for what may pass and one sentence for what does not.

A host is asked over few connections. What may pass by itself (an answer 5xx, silence, a cut connection) is tried again
after a pause that doubles; a host that cannot be reached, or asks to be left alone, is asked nothing more.
"""

import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import certifi
import urllib3
from urllib3.exceptions import (
    HTTPError,
    InvalidHeader,
    LocationValueError,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ProxySchemeUnknown,
    ReadTimeoutError,
    ResponseError,
    SSLError,
)  # fmt: skip
from urllib3.exceptions import (
    TimeoutError as SilenceError,
)

from compendium.errors import UserError

CONNECTIONS = 6
TRIES = 5
SILENCE = 30.0
PAUSE = 1.0
PATIENCE = 90.0
SLOWEST = 1024
IN_A_ROW = 5
CHUNK = 2**18
LARGEST = 4 * 2**30

T = TypeVar("T")


class FetchError(UserError):
    """A file or archive that cannot be had: what came, and what to do."""

    def __init__(self, got: str, remedy: str = "run fetch again later, or name a mirror with --mirror URL") -> None:
        super().__init__(got)
        self.remedy = remedy


class HostDownError(FetchError):
    """Nothing more is asked of this host."""


class Passing(Exception):  # noqa: N818  (not an error yet)
    """Something that may pass by itself: what came, how often it is tried, and whether it concerns the whole host."""

    def __init__(self, got: str, tries: int = TRIES, pause: float | None = None, *, host: bool = False) -> None:
        super().__init__(got)
        self.tries, self.pause, self.host = tries, pause, host


class Beyond(Passing):
    """The part asked for is none of what the host has: the next try begins anew."""


class Stopped(Exception):  # noqa: N818
    """The run was interrupted."""


class Body:
    """The bytes of an answer as they come; too many, too slow, or an interruption end it."""

    def __init__(self, response: urllib3.BaseHTTPResponse, stop: threading.Event, count: Callable[[int], None]) -> None:
        self.response, self.stop, self.count = response, stop, count
        self.got, self.began = 0, time.monotonic()

    def read(self, size: int = CHUNK) -> bytes:
        """Return the bytes that are there, at most ``size``; none at the end."""
        if self.stop.is_set():
            raise Stopped
        data: bytes = self.response.read1(size, decode_content=False)
        self.got += len(data)
        self.count(len(data))
        if self.got > LARGEST:
            raise FetchError(f"got more than {LARGEST:,} bytes")
        seconds = time.monotonic() - self.began
        if data and seconds > 2 * SILENCE and self.got < SLOWEST * seconds:
            raise Passing(f"got {self.got:,} bytes in {seconds:.0f} s, which is too slow to end")
        return data


class Web:
    """The hosts, and what is known of them; its methods may be called from several threads."""

    def __init__(self, count: Callable[[int], None] = lambda _: None) -> None:
        self.stop = threading.Event()
        self.count = count
        self._lock = threading.Lock()
        self._pools: dict[str, urllib3.PoolManager] = {}
        self._free_at: dict[str, float] = {}
        self._in_a_row: dict[str, int] = {}
        self._down: dict[str, str] = {}

    def get(
        self,
        url: str,
        consume: Callable[[Body, urllib3.BaseHTTPResponse], T],
        start: Callable[[Passing | None], int] = lambda _: 0,
    ) -> T:
        """Return what ``consume`` makes of an answer; it is called again after a failure that may pass.

        Parameters
        ----------
        url : str
            What is asked for.
        consume : callable
            Given the body and the answer.
        start : callable
            Returns from which byte on the content is asked for; given what came in the way before.

        Raises
        ------
        FetchError
            When the content cannot be had.
        HostDownError
            When nothing of this host can be had.
        """
        host = urlsplit(url).netloc
        tried = 0
        last: Passing | None = None
        while True:
            self._wait(host)
            try:
                made = self._try(url, consume, start(last))
            except Passing as error:
                tried, last = tried + 1, error
                if self.stop.is_set():
                    raise Stopped from None
                if tried >= error.tries:
                    self._give_up(host, error)
                self._pause(host, error, PAUSE * 2 ** (tried - 1))
            else:
                self._in_a_row[host] = 0
                return made

    def _try(self, url: str, consume: Callable[[Body, urllib3.BaseHTTPResponse], T], start: int) -> T:
        headers = {"Accept-Encoding": "identity", "User-Agent": "compendium-fetch"} | (
            {"Range": f"bytes={start}-"} if start else {}
        )
        redirects = urllib3.Retry(total=5, connect=0, read=0, redirect=5, other=0, respect_retry_after_header=False)
        try:
            response = self._pool(url).request(
                "GET", url, headers=headers, preload_content=False, decode_content=False, retries=redirects
            )
            try:
                _judge(response)
                return consume(Body(response, self.stop, self.count), response)
            finally:
                response.close()  # what is left unread is not worth its time
                response.release_conn()
        except HTTPError as error:
            raise _told(error, urlsplit(url).hostname or "") from None

    def _pool(self, url: str) -> urllib3.PoolManager:
        parts = urlsplit(url)
        with self._lock:
            if parts.netloc not in self._pools:
                self._pools[parts.netloc] = _new_pool(parts.scheme, parts.hostname or "")
            return self._pools[parts.netloc]

    def _wait(self, host: str) -> None:
        while (left := self._free_at.get(host, 0.0) - time.monotonic()) > 0 and host not in self._down:
            if self.stop.wait(min(left, 0.5)):
                break
        if self.stop.is_set():
            raise Stopped
        if host in self._down:
            raise HostDownError(self._down[host])

    def _pause(self, host: str, error: Passing, seconds: float) -> None:
        seconds = seconds if error.pause is None else error.pause
        if error.host:
            self._free_at[host] = max(self._free_at.get(host, 0.0), time.monotonic() + seconds)
        elif self.stop.wait(seconds):
            raise Stopped

    def _give_up(self, host: str, error: Passing) -> None:
        with self._lock:
            self._in_a_row[host] = self._in_a_row.get(host, 0) + 1
            if error.host or self._in_a_row[host] >= IN_A_ROW:
                self._down.setdefault(host, str(error))
                raise HostDownError(self._down[host]) from None
        raise FetchError(str(error)) from None


def _judge(response: urllib3.BaseHTTPResponse) -> None:
    """Raise what an answer other than 200 and 206 means."""
    status = response.status
    if status in (200, 206):
        return
    told = f"got the answer {status} {response.reason or ''}".rstrip()
    pause = None
    if (after := response.headers.get("Retry-After")) is not None:
        with suppress(InvalidHeader):
            pause = urllib3.Retry().parse_retry_after(after)
    if status == 429 or (status in (403, 503) and pause is not None):
        if pause is not None and pause > PATIENCE:
            raise Passing(f"{told}: the host asks to wait {pause:,.0f} s", tries=1, host=True)
        raise Passing(f"{told}: the host asks to wait", pause=pause, host=True)
    if status == 416:
        raise Beyond(told, tries=2, pause=0.0)
    if status >= 500 or status == 408:
        raise Passing(told)
    if status in (404, 410, 451):
        raise FetchError(told, "see whether the repository still has this commit, or name a mirror with --mirror URL")
    raise FetchError(told)


def _told(error: HTTPError, host: str) -> Exception:
    """Return what a failure of the network means, in words."""
    if isinstance(error, MaxRetryError) and error.reason is not None:
        error = error.reason  # type: ignore[assignment]
    if isinstance(error, SSLError):
        return Passing(
            f"got no trusted connection to {host} ({_last(error)}); a proxy's certificate is named in SSL_CERT_FILE",
            tries=1,
            host=True,
        )
    if isinstance(error, ProxyError):
        return Passing(f"got no connection through the proxy ({_last(error.original_error)})", tries=3, host=True)
    if isinstance(error, NameResolutionError):
        return Passing(f"the name {host} could not be resolved", tries=3, host=True)
    if isinstance(error, NewConnectionError):
        return Passing(f"got no connection to {host} ({_last(error)})", tries=3, host=True)
    if isinstance(error, ResponseError):
        return FetchError("got more than 5 redirects")
    if isinstance(error, LocationValueError):
        return FetchError(f"got a redirect to an address that is none ({_last(error)})")
    if isinstance(error, SilenceError):
        return Passing(f"nothing came for {SILENCE:.0f} s", host=not isinstance(error, ReadTimeoutError))
    return Passing("the connection was cut")


def _last(error: Exception) -> str:
    """Return the last part of an error of urllib3, which begins with the object's address."""
    return str(error).strip("()'\" ,").split(": ")[-1].rstrip("')\" ,")


def _new_pool(scheme: str, host: str) -> urllib3.PoolManager:
    """Return the connections to a host, through the proxy of the environment or the system where there is one."""
    context = ssl.create_default_context()  # the system's certificates: a company's proxy is known there
    context.load_verify_locations(certifi.where())  # and a Python on macOS has none of its own
    settings: dict[str, Any] = {
        "maxsize": CONNECTIONS, "timeout": urllib3.Timeout(connect=SILENCE, read=SILENCE), "ssl_context": context,
    }  # fmt: skip
    proxies = getproxies()
    proxy = None if proxy_bypass(host) else proxies.get(scheme) or proxies.get("all")
    if not proxy:
        return urllib3.PoolManager(**settings)
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    parts = urlsplit(proxy)
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else None
    try:
        return urllib3.ProxyManager(proxy, proxy_headers=urllib3.make_headers(proxy_basic_auth=login), **settings)
    except (ProxySchemeUnknown, ValueError):
        raise HostDownError(
            f"the proxy {parts.scheme}://{parts.hostname} is of no kind that works here (http or https)"
        ) from None
