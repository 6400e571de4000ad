"""Headers that every answer carries: what browsers may do with it, and which other sites may read it.

Must not know what is answered.
"""

from __future__ import annotations

from flask import Flask, Response, request
from secure import (
    ContentSecurityPolicy,
    PermissionsPolicy,
    ReferrerPolicy,
    Secure,
    StrictTransportSecurity,
    XContentTypeOptions,
    XFrameOptions,
)

from web.addresses import is_framed

HSTS_SECONDS = 365 * 24 * 3600
READABLE_ELSEWHERE = "ETag, Link, Location, Retry-After, X-Lag, X-Position, X-Request-Id, X-Stands-Still"


def _pages_policy(framed_by: str = "'none'") -> ContentSecurityPolicy:
    """Everything from here, nothing inline; others show in a frame what is made for it alone."""
    own = "'self'"
    return (
        ContentSecurityPolicy()
        .default_src("'none'")
        .script_src(own)
        .style_src(own)
        .img_src(own, "data:")
        .font_src(own)
        .connect_src(own)
        .form_action(own)
        .base_uri("'none'")
        .frame_ancestors(framed_by)
    )


def _data_policy() -> ContentSecurityPolicy:
    """Data is no document: nothing in it may run, load or be framed."""
    return ContentSecurityPolicy().default_src("'none'").frame_ancestors("'none'")


def _headers(policy: ContentSecurityPolicy) -> dict[str, str]:
    return dict(
        Secure(
            csp=policy,
            xcto=XContentTypeOptions().nosniff(),
            referrer=ReferrerPolicy().strict_origin_when_cross_origin(),
            permissions=PermissionsPolicy().geolocation().microphone().camera(),
            xfo=XFrameOptions().deny(),
        ).headers
    )


PAGES, DATA = _headers(_pages_policy()), _headers(_data_policy())
# X-Frame-Options can only forbid.
FRAMES = {name: said for name, said in _headers(_pages_policy("*")).items() if name != "X-Frame-Options"}
STRICT_TRANSPORT = StrictTransportSecurity().max_age(HSTS_SECONDS)


def init_app(app: Flask) -> None:
    """Set the headers; what a view set itself stays."""
    app.after_request(_protect)
    app.after_request(_share)


def _protect(response: Response) -> Response:
    given = {name.lower() for name in response.headers.keys()}  # noqa: SIM118 - not a dictionary
    pages = FRAMES if is_framed(request.path) else PAGES
    wanted = pages if response.mimetype == "text/html" else DATA
    response.headers.extend((name, value) for name, value in wanted.items() if name.lower() not in given)
    if request.is_secure:
        response.headers.setdefault(STRICT_TRANSPORT.header_name, STRICT_TRANSPORT.header_value)
    return response


def _share(response: Response) -> Response:
    """What all may read, scripts of other sites may read too.

    They may not write: no page elsewhere can send commands from its visitors' browsers, whatever it holds.
    """
    if request.path.startswith("/api/"):
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = READABLE_ELSEWHERE
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "GET, HEAD"
            response.headers["Access-Control-Allow-Headers"] = "X-Request-Id"
            response.headers["Access-Control-Max-Age"] = "86400"
        response.headers.setdefault("Cache-Control", "no-cache")
        response.vary.add("Authorization")
    return response
