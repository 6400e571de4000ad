"""What all pages of the desk share."""

from __future__ import annotations

from flask import Blueprint

from web.kept_forms import show_again

desk = Blueprint("desk", __name__)
desk.before_request(show_again)
