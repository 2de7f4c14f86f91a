"""Timestamps over HTTP from the authorities of SURAT_TSA_URLS, asked in their order (RFC 3161 section 3.4)."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from asn1crypto import tsp
from pyhanko.sign.timestamps import HTTPTimeStamper, TimeStamper, TimestampRequestError

TIMEOUT_SECONDS = 5

log = structlog.get_logger()


class FirstAnswering(TimeStamper):
    """Asks one authority after the other until one answers; a token's worth is judged by whoever uses it."""

    def __init__(self, urls: Sequence[str]) -> None:
        """`urls` are http(s) addresses, at least one."""
        super().__init__()  # type: ignore[no-untyped-call]  # pyHanko's is not annotated
        self._stampers = [HTTPTimeStamper(url, timeout=TIMEOUT_SECONDS) for url in urls]

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """The first answer. Raises TimestampRequestError if no authority gives one."""
        for stamper in self._stampers:
            try:
                return await stamper.async_request_tsa_response(req)
            except (OSError, TimeoutError, TimestampRequestError) as fault:
                log.warning("tsa_silent", url=stamper.url, error=type(fault).__name__)
        raise TimestampRequestError("no timestamp authority answered")
