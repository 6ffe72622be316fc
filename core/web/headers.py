"""Security headers on every answer, without touching websockets or bodies."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.settings import Settings

# The one inline script of Streamlit's page, which sets a mark for search engines; a test compares it.
INLINE = "sha256-THxz9J9+wf7rhwR2YkXJoSZ13UCmYyC+3lNDv2+8ugA="
# Powers of a browser that no page of this register asks for.
NOT_USED = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope",
    "magnetometer", "microphone", "midi", "payment", "publickey-credentials-get", "screen-wake-lock", "usb",
)  # fmt: skip
# Nothing is requested from another host, whatever a page or a library would like to load, and no script runs that is
# not a file of this server. Streamlit turns the text of our components into scripts of their own (blob:), and its parts
# set inline styles; core/web/html.py is stricter for the pages that are ours alone.
POLICY = "; ".join(
    (
        "default-src 'self'",
        f"script-src 'self' blob: '{INLINE}'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "media-src 'self' blob:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in NOT_USED),
    "Content-Security-Policy": POLICY,
}
HTTPS_ONLY = "max-age=31536000"  # a year; browsers heed it over https alone


def add_to(headers: MutableHeaders, *, is_https: bool) -> None:
    """Add what every answer has; a header the answer brings itself stays as it is."""
    if is_https:
        headers["Strict-Transport-Security"] = HTTPS_ONLY
    for name, value in EVERYWHERE.items():
        headers.setdefault(name, value)


class SecurityHeaders:
    """ASGI middleware: ``add_to`` for every answer but those to errors, which are made outside it (``trouble``)."""

    def __init__(self, app: ASGIApp, settings: Settings | None = None) -> None:
        self.app = app
        self.is_https = settings is not None and settings.is_https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything through; add the headers where an HTTP answer starts."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                add_to(MutableHeaders(scope=message), is_https=self.is_https or scope["scheme"] == "https")
            await send(message)

        await self.app(scope, receive, send_with_headers)
