"""Who may enter where: one table of all endpoints. A test fails for a route that is not in it.

A door says who may knock. Whether this pledger may act on this pledge is the domain's to decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import SEE_OTHER
from typing import Any

from flask import Flask, g, redirect, request, url_for

from domain.actors import ROLES, Actor, Role
from web import kept_forms
from web.errors import RequestProblem, wants_page


@dataclass(frozen=True)
class Door:
    """Open to everybody, to all who are signed in, or to accounts that hold one of the roles."""

    roles: frozenset[Role] = frozenset()
    is_open: bool = False
    needs_role: bool = True


def of(*roles: Role) -> Door:
    """A door for some roles."""
    return Door(frozenset(roles))


EVERYBODY = Door(is_open=True)
# Open too; whoever runs the register keeps these paths to its own network at the proxy.
OPERATORS = Door(is_open=True)
ACCOUNTS = of(*ROLES)
ADMINISTRATORS = of("administrator")
SIGNED_IN = Door(needs_role=False)
SECRETARIAT = of("secretariat")
PLEDGERS = of("pledger", "secretariat")
JUDGES = of("validator", "secretariat", "assessor")

DOORS: Mapping[str, Door] = {
    "static": EVERYBODY,
    "healthz": OPERATORS,
    "readyz": OPERATORS,
    "metrics": OPERATORS,
    # The specification and the words of the register
    "documents.openapi": EVERYBODY,
    "documents.docs": EVERYBODY,
    "reference.show": EVERYBODY,
    "cycles.listed": EVERYBODY,
    "cycles.open_cycle": SECRETARIAT,
    "accounts.me": ACCOUNTS,
    # Those who pledge
    "entities.listed": EVERYBODY,
    "entities.show": EVERYBODY,
    "entities.register_entity": SECRETARIAT,
    "entities.rename": SECRETARIAT,
    "entities.merge": SECRETARIAT,
    "entities.add_alias": SECRETARIAT,
    # Pledges, to read
    "pledges.listed": EVERYBODY,
    "pledges.show": EVERYBODY,
    "pledges.history": EVERYBODY,
    "versions.listed": EVERYBODY,
    "versions.changes": EVERYBODY,
    "pledges.progress": EVERYBODY,
    "pledges.intake": EVERYBODY,
    "exports.pledges": EVERYBODY,
    "exports.iati": EVERYBODY,
    "catalog.describe": EVERYBODY,
    "exports.events": of("auditor"),
    "exports.pack": EVERYBODY,
    # Outside documents, by digest
    "deposits.listed": EVERYBODY,
    "deposits.show": EVERYBODY,
    "deposits.deposit": of("secretariat", "auditor"),
    "reconciliation.compare": EVERYBODY,
    # Pages in frames on other sites
    "embed.dashboard": EVERYBODY,
    "embed.pledges": EVERYBODY,
    "embed.pledge": EVERYBODY,
    "embed.progress": EVERYBODY,
    "embed.entity": EVERYBODY,
    "embed.log": EVERYBODY,
    # A person's own pages
    "account.sign_in": EVERYBODY,
    "account.enter": EVERYBODY,
    "account.second_step": EVERYBODY,
    "account.enter_code": EVERYBODY,
    "account.enter_with_passkey": EVERYBODY,
    "account.ask_provider": EVERYBODY,
    "account.back_from_provider": EVERYBODY,
    "account.sign_out": EVERYBODY,
    "account.invitation": EVERYBODY,
    "account.accept_invitation": EVERYBODY,
    "account.forgotten": EVERYBODY,
    "account.ask_for_link": EVERYBODY,
    "account.new_password": EVERYBODY,
    "account.choose_new_password": EVERYBODY,
    "account.follow": EVERYBODY,
    "account.ask_to_follow": EVERYBODY,
    "account.confirm_following": EVERYBODY,
    "account.begin_following": EVERYBODY,
    "account.unfollow": EVERYBODY,
    "account.stop_following": EVERYBODY,
    "account.own": SIGNED_IN,
    "account.choose_language": SIGNED_IN,
    "account.end_session": SIGNED_IN,
    "account.change_password": SIGNED_IN,
    "account.second_factor": SIGNED_IN,
    "account.begin_second_factor": SIGNED_IN,
    "account.confirm_second_factor": SIGNED_IN,
    "account.new_recovery_codes": SIGNED_IN,
    "account.end_second_factor": SIGNED_IN,
    "account.passkeys": SIGNED_IN,
    "account.add_passkey": SIGNED_IN,
    "account.remove_passkey": SIGNED_IN,
    "account.own_data": SIGNED_IN,
    "account.tokens": SIGNED_IN,
    "account.make_token": SIGNED_IN,
    # A token of somebody without a role opens nothing, and there is no role in which to revoke it.
    "account.revoke_token": ACCOUNTS,
    "desk.desk": SIGNED_IN,
    "desk.contacts": PLEDGERS,
    "desk.keep_contacts": PLEDGERS,
    "desk.handover": PLEDGERS,
    "desk.chase": SECRETARIAT,
    "desk.chase_csv": SECRETARIAT,
    "desk.ask": SECRETARIAT,
    "desk.asked": SECRETARIAT,
    "desk.listed": of("secretariat", "pledger", "validator", "assessor"),
    "desk.readings": of("auditor", "secretariat"),
    "desk.accounts": ADMINISTRATORS,
    "desk.invitation": ADMINISTRATORS,
    "desk.send_invitation": ADMINISTRATORS,
    "desk.account": ADMINISTRATORS,
    "desk.account_form": ADMINISTRATORS,
    "desk.change_account": ADMINISTRATORS,
    "desk.cycles": SECRETARIAT,
    "desk.open_cycle": SECRETARIAT,
    "desk.close_cycle": SECRETARIAT,
    "desk.cycle": SECRETARIAT,
    "desk.decide_on_pledges": SECRETARIAT,
    "desk.outbox": of("administrator", "secretariat"),
    "desk.decide_mail": SECRETARIAT,
    "desk.pledge": ACCOUNTS,
    "desk.review": SECRETARIAT,
    "desk.decide": SECRETARIAT,
    "desk.command": ACCOUNTS,
    "desk.give": ACCOUNTS,
    "desk.new": PLEDGERS,
    "desk.begin": PLEDGERS,
    "desk.edit": PLEDGERS,
    "desk.save": PLEDGERS,
    "desk.check": PLEDGERS,
    "desk.submit": PLEDGERS,
    "desk.discard_form": PLEDGERS,
    "desk.discard": PLEDGERS,
    "desk.amendment": PLEDGERS,
    "desk.amend": PLEDGERS,
    "desk.imports": SECRETARIAT,
    "desk.import_template": SECRETARIAT,
    "desk.send_sheet": SECRETARIAT,
    "desk.sheet": SECRETARIAT,
    "desk.sheet_reading": SECRETARIAT,
    "desk.read_sheet": SECRETARIAT,
    "desk.confirm_sheet": SECRETARIAT,
    "desk.discard_sheet": SECRETARIAT,
    "desk.sheet_refused": SECRETARIAT,
    # The log: the same bytes for everybody
    "log.show": EVERYBODY,
    "log.checkpoint": EVERYBODY,
    "log.entries": EVERYBODY,
    "log.tile": EVERYBODY,
    "log.proof": EVERYBODY,
    "log.proof_file": EVERYBODY,
    "log.consistency": EVERYBODY,
    # Events of pledges behind it: as far as the caller may see each
    "log.event": EVERYBODY,
    "events.found": EVERYBODY,
    # What auditors read: their own, and for the Secretariat everybody's
    "readings.listed": of("auditor", "secretariat"),
    # A pledge's life
    "writing.create": PLEDGERS,
    "writing.change": PLEDGERS,
    "writing.discard": PLEDGERS,
    "writing.submit": PLEDGERS,
    "writing.recall": PLEDGERS,
    "review.publish": SECRETARIAT,
    "review.send_back": SECRETARIAT,
    "review.reject": SECRETARIAT,
    "review.classify": SECRETARIAT,
    "review.lapse": SECRETARIAT,
    "review.carry_over": SECRETARIAT,
    "writing.withdraw": PLEDGERS,
    "writing.reinstate": PLEDGERS,
    "writing.hand_over_lead": PLEDGERS,
    "files.upload": of("pledger", "secretariat", "validator", "assessor"),
    "files.download": EVERYBODY,
    "reporting.report": PLEDGERS,
    "reporting.correct": PLEDGERS,
    "reporting.declare_fulfilled": PLEDGERS,
    "reporting.retract_fulfilment": PLEDGERS,
    "reporting.verify": JUDGES,
    "reporting.contest": JUDGES,
    "reporting.reply": PLEDGERS,
    "partners.invite": PLEDGERS,
    "partners.accept": PLEDGERS,
    "partners.decline": PLEDGERS,
    "partners.leave": PLEDGERS,
    "partners.cancel": PLEDGERS,
    "matches.listed": EVERYBODY,
    "matches.offer": PLEDGERS,
    "matches.accept": PLEDGERS,
    "matches.decline": PLEDGERS,
    "matches.withdraw": PLEDGERS,
}

PAGES = EVERYBODY
"""Pages to read are for everybody: endpoints of the blueprint `pages`."""
READING = frozenset({"GET", "HEAD"})


def door_of(endpoint: str) -> Door:
    """The door of an endpoint. KeyError for one that nobody decided on, so that it stays shut."""
    return PAGES if endpoint.startswith("pages.") else DOORS[endpoint]


def init_app(app: Flask) -> None:
    """Ask at every door, before anything is read."""
    app.before_request(_ask)


def _ask() -> Any:
    if request.endpoint is None or request.method == "OPTIONS":
        return None
    if g.get("refusal"):
        raise g.refusal
    door = door_of(request.endpoint)
    actor: Actor | None = g.get("actor")
    if door.is_open:
        return None
    if actor is None and wants_page() and request.method == "GET":
        return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")), SEE_OTHER)
    if actor is None and kept_forms.keep():
        return redirect(url_for("account.sign_in", next=request.path), SEE_OTHER)
    if actor is None:
        raise unauthenticated("Send a token of an account: Authorization: Bearer …")
    if door.needs_role and not door.roles & {grant.role for grant in actor.grants}:
        raise RequestProblem(403, f"Only the roles {', '.join(sorted(door.roles))} may do this.")
    if actor.reads_only and request.method not in READING:
        raise RequestProblem(403, "This token may only read. Make another one for what changes something.")
    return None


def unauthenticated(detail: str, *, error: str = "") -> RequestProblem:
    """401, saying how to sign in."""
    challenge = 'Bearer realm="pledges"' + (f', error="{error}"' if error else "")
    return RequestProblem(401, detail, headers={"WWW-Authenticate": challenge})
