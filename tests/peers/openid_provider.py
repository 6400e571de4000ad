"""Runs Canaille, an OpenID Connect provider, with the people and the one client that its arguments name.

Run by the environment of its own that `make setup` makes. Must not know the register.
"""

from __future__ import annotations

import argparse

from canaille import create_app  # type: ignore[import-not-found]
from canaille.app import models  # type: ignore[import-not-found]
from canaille.backends import Backend  # type: ignore[import-not-found]
from flask import Flask
from werkzeug.serving import run_simple


def settings(port: int) -> dict[str, object]:
    return {
        "SECRET_KEY": "of a provider that lives as long as a test",
        "SERVER_NAME": f"127.0.0.1:{port}",
        "PREFERRED_URL_SCHEME": "http",
        "CANAILLE": {"NAME": "Ministry login", "ENABLE_PASSWORD_COMPROMISSION_CHECK": False},
        # Clients on this machine are trusted otherwise, and nobody is asked for consent.
        "CANAILLE_OIDC": {"TRUSTED_DOMAINS": []},
    }


def populate(app: Flask, asked: argparse.Namespace) -> None:
    with app.app_context():
        for email in asked.email:
            name = email.partition("@")[0]
            person = models.User(
                user_name=name, formatted_name=name, family_name=name, emails=[email], password=asked.password
            )
            Backend.instance.save(person)
        client = models.Client(
            client_id="pledges", client_secret=asked.secret, client_name="The register of pledges",
            client_uri="https://pledges.example.org", redirect_uris=[asked.back], contacts=["x@example.org"],
            grant_types=["authorization_code"], response_types=["code"], scope=["openid", "email"],
            token_endpoint_auth_method="client_secret_basic",
        )  # fmt: skip
        Backend.instance.save(client)
        client.audience = [client]
        Backend.instance.save(client)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--secret", required=True)
    parser.add_argument("--back", required=True, help="where people are sent back to")
    parser.add_argument("--password", required=True, help="everybody's")
    parser.add_argument("email", nargs="+")
    asked = parser.parse_args()
    app = create_app(config=settings(asked.port), backend=None)
    populate(app, asked)
    run_simple("127.0.0.1", asked.port, app, threaded=True)


if __name__ == "__main__":
    main()
