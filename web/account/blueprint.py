"""What a person's own pages share: the blueprint, forms that are shown again with what is wrong in them."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request

from projections.credentials.sessions import DEVICE_CHARS_MAX
from projections.entities.search_key import is_text
from web.pages.blueprint import runtime
from web.pages.refusals import told

account = Blueprint("account", __name__)

NOT_KEPT = {"Cache-Control": "no-store"}


def page(template: str, *, errors: Mapping[str, list[str]] | None = None, **context: Any) -> Response:
    """A page with a form; with errors it is the form as it was sent, each error beside its field."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return make_response(render_template(template, errors=told(errors or {}), **context), status, NOT_KEPT)


def said(name: str, chars_max: int = 1_000) -> str:
    """What a field of the form holds, if it is text that can be kept."""
    text = request.form.get(name, "")[:chars_max]
    return text if is_text(text) else ""


def next_page(default: str) -> str:
    """Where to go on to: a path of ours that the address or the form names, or the default."""
    wanted = request.values.get("next", "")
    parts = urlsplit(wanted)
    # What begins with more than one slash names a host, for browsers and for whoever tidies it up.
    is_ours = wanted.startswith("/") and not wanted.startswith("//") and not parts.scheme and not parts.netloc
    return wanted if is_ours and "\\" not in wanted and wanted.isprintable() else default


def device() -> str:
    """What the browser calls itself."""
    return request.headers.get("User-Agent", "")[:DEVICE_CHARS_MAX]


def go_to(address: str) -> Response:
    """On to another page, which is read anew."""
    return make_response(redirect(address, HTTPStatus.SEE_OTHER))


__all__ = ["account", "device", "go_to", "next_page", "page", "runtime", "said"]
