"""What is asked of a device that holds a passkey, and whether its answer proves anything (WebAuthn).

A challenge is signed into the page, good for some minutes and answered once. Must not know accounts.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import webauthn
from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from projections.credentials.passkeys import Passkey
from web.account.blueprint import runtime
from web.account.forgotten import own_address
from web.errors import RequestProblem

SECONDS_MAX = 600
NAME = "Register of IMRF pledges"
# What the library raises for an answer that no device makes.
NO_ANSWER = (
    WebAuthnException,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    OverflowError,
    RecursionError,
)


class NotProven(Exception):
    """The answer proves nothing: it is none, is too old, was given before, or is somebody else's."""


def to_make(account: UUID, email: str, known: Iterable[Passkey]) -> dict[str, str] | None:
    """What a page needs to let a device make a passkey: the options, and the challenge signed.

    None where the register is reached by a number (an IP address), for which no device makes passkeys.
    """
    if not _has_name():
        return None
    options = webauthn.generate_registration_options(
        rp_id=_host(), rp_name=NAME, user_id=account.bytes, user_name=email,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one.credential) for one in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )  # fmt: skip
    return _page(options)


def to_sign_in() -> dict[str, str] | None:
    """What a page needs to let a device prove whose account it holds a passkey for.

    None where the register has no address that passkeys could be for.
    """
    try:
        own_address()
    except RequestProblem:
        return None
    if not _has_name():
        return None
    options = webauthn.generate_authentication_options(
        rp_id=_host(), user_verification=UserVerificationRequirement.REQUIRED
    )
    return _page(options)


def made(challenge: str, answer: str) -> tuple[bytes, bytes, int]:
    """Id, public half and count of a passkey that was made. NotProven if the answer is none."""
    try:
        found = webauthn.verify_registration_response(
            credential=answer, expected_challenge=_opened(challenge), expected_rp_id=_host(),
            expected_origin=own_address(), require_user_verification=True,
        )  # fmt: skip
    except NO_ANSWER as problem:
        raise NotProven from problem
    _only_once(challenge)
    return found.credential_id, found.credential_public_key, found.sign_count


def proven(challenge: str, answer: str) -> UUID:
    """Whose account a device proved to hold a passkey for. NotProven if it did not."""
    try:
        asked = webauthn.helpers.parse_authentication_credential_json(answer)
        passkey = runtime().passkeys.known(asked.raw_id)
        if passkey is None:
            raise NotProven
        found = webauthn.verify_authentication_response(
            credential=asked, expected_challenge=_opened(challenge), expected_rp_id=_host(),
            expected_origin=own_address(), credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.signatures, require_user_verification=True,
        )  # fmt: skip
    except NO_ANSWER as problem:
        raise NotProven from problem
    _only_once(challenge)
    runtime().passkeys.used(passkey.credential, found.new_sign_count)
    return passkey.account


def _page(options: Any) -> dict[str, str]:
    signed = _signer().dumps(bytes_to_base64url(options.challenge))
    return {"options": webauthn.options_to_json(options), "challenge": str(signed)}


def _opened(challenge: str) -> bytes:
    try:
        return base64url_to_bytes(_signer().loads(challenge, max_age=SECONDS_MAX))
    except BadSignature as problem:
        raise NotProven from problem


def _only_once(challenge: str) -> None:
    if not runtime().passkeys.is_first_answer(challenge):
        raise NotProven


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="passkeys")


def _host() -> str:
    return urlsplit(own_address()).hostname or ""


def _has_name() -> bool:
    try:
        ip_address(_host())
    except ValueError:
        return True
    return False
