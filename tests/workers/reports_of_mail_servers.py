"""Delivery status notifications, in the forms in which mail servers write them."""

from __future__ import annotations

HEADERS = """\
From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
To: pledges@pledges.example.org
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=cut="

--=cut=
Content-Type: text/plain; charset=us-ascii

Your message to office@ministry.example.org could not be delivered.

"""

POSTFIX = (
    HEADERS
    + """\
--=cut=
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
X-Postfix-Queue-ID: 4F1D22A0C3
Arrival-Date: Thu, 26 Nov 2026 09:10:11 +0000 (UTC)

Final-Recipient: rfc822; office@ministry.example.org
Original-Recipient: rfc822;office@ministry.example.org
Action: {action}
Status: {status}
Remote-MTA: dns; mail.ministry.example.org
Diagnostic-Code: smtp; 550 5.1.1 <office@ministry.example.org>: Recipient
    address rejected: User unknown

--=cut=
Content-Description: Undelivered Message
Content-Type: message/rfc822

From: pledges@pledges.example.org
To: office@ministry.example.org
Message-ID: {message_id}
Subject: A subject

Words
--=cut=--
"""
)
"""The whole letter comes back."""

EXIM = (
    HEADERS
    + """\
--=cut=
Content-type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Action: {action}
Final-Recipient: rfc822;office@ministry.example.org
Status: {status}
Diagnostic-Code: smtp; 550 User unknown

--=cut=
Content-type: text/rfc822-headers

Message-Id: {message_id}
To: office@ministry.example.org
From: pledges@pledges.example.org

--=cut=--
"""
)
"""Its headers alone come back; there is no code of the remote server."""

EXCHANGE = (
    HEADERS.replace(
        "text/plain; charset=us-ascii", 'multipart/alternative; differences=Content-Type; boundary="in"'
    )
    .replace("Your message", "--in\nContent-Type: text/html\n\n<p>Your message")
    .rstrip()
    + """</p>
--in--

--=cut=
Content-Type: message/delivery-status

Reporting-MTA: dns;EX01.ministry.example.org
Received-From-MTA: dns;mx.example.net

Final-Recipient: rfc822;office@ministry.example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp;550 5.1.1 RESOLVER.ADR.RecipNotFound; not found
X-Display-Name: Office

--=cut=
Content-Type: message/rfc822

Received: from mx.example.net by EX01.ministry.example.org
Message-ID: {message_id}
Content-Type: multipart/alternative; boundary="other"

--other
Content-Type: text/plain

Words
--other--
--=cut=--
"""
)
"""The explanation has parts of its own."""

SERVERS = {"postfix": POSTFIX, "exim": EXIM, "exchange": EXCHANGE}
