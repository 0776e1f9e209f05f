"""The kinds of channels: the options and secrets of each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from analytics_engine.contracts.wire import WireModel
from analytics_engine.kernel.kinds import Kind


class ChannelKind(StrEnum):
    EMAIL = "email"
    SLACK = "slack"
    TEAMS = "teams"
    PAGERDUTY = "pagerduty"
    TWILIO = "twilio"
    SMS_GATEWAY = "sms_gateway"
    WEBHOOK = "webhook"


SMS = frozenset({ChannelKind.TWILIO, ChannelKind.SMS_GATEWAY})
"""Channels for what is critical, and nothing else."""


class MailTls(StrEnum):
    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$", max_length=2000)]
Host = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]+$", min_length=1, max_length=255)]
MailAddress = Annotated[str, StringConstraints(pattern=r"^[^\s@,;:<>\"()]+@[^\s@,;:<>\"()]+$", max_length=254)]
Phone = Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{5,14}$")]
"""A number as E.164 writes it: +15551230001."""


class EmailOptions(WireModel):
    """Mail over an SMTP server; the secret ``password`` where it wants a user."""

    host: Host
    port: int = Field(default=587, ge=1, le=65_535)
    tls: MailTls = Field(default=MailTls.STARTTLS, description="none is for hosts in AE_MESSAGE_ALLOWED_NETWORKS")
    user: str = Field(default="", max_length=255)
    sender: MailAddress
    to: list[MailAddress] = Field(min_length=1, max_length=50)


class SlackOptions(WireModel):
    """An incoming webhook of Slack; its URL is the secret ``url``."""


class TeamsOptions(WireModel):
    """A workflow of Microsoft Teams that posts what a webhook receives; its URL is the secret ``url``."""


class PagerDutyOptions(WireModel):
    """A service of PagerDuty with an Events API v2 integration, whose key is the secret ``routing_key``."""

    base_url: Url = Field(
        default="https://events.pagerduty.com", description="https://events.eu.pagerduty.com in the EU, or a proxy"
    )


class TwilioOptions(WireModel):
    """A text message by Twilio to one number, for critical messages only; the secret is ``auth_token``."""

    account_sid: str = Field(pattern=r"^[A-Za-z0-9]{2,64}$")
    sender: str = Field(
        pattern=r"^(\+[1-9][0-9]{5,14}|MG[0-9a-fA-F]{32}|[A-Za-z0-9 ]{1,11})$",
        description="a number, a messaging service (MG...), or a sender's name",
    )
    to: Phone
    base_url: Url = Field(default="https://api.twilio.com", description="or a proxy")


class SmsGatewayOptions(WireModel):
    """A text message by a gateway that takes JSON, for critical messages only; the secret ``token`` is its bearer."""

    url: Url
    to: Phone
    to_field: str = Field(default="to", min_length=1, max_length=100)
    text_field: str = Field(default="text", min_length=1, max_length=100)
    fields: dict[str, str] = Field(
        default_factory=dict, max_length=20, description="sent as they are, such as a sender"
    )


class WebhookOptions(WireModel):
    """A program of one's own that takes JSON, signed with the secret ``signing_secret`` (whsec_...)."""

    url: Url


KINDS: Mapping[ChannelKind, Kind] = {
    ChannelKind.EMAIL: Kind("E-mail", EmailOptions, optional_secrets=("password",)),
    ChannelKind.SLACK: Kind("Slack", SlackOptions, secrets=("url",)),
    ChannelKind.TEAMS: Kind("Microsoft Teams", TeamsOptions, secrets=("url",)),
    ChannelKind.PAGERDUTY: Kind("PagerDuty", PagerDutyOptions, secrets=("routing_key",)),
    ChannelKind.TWILIO: Kind("SMS by Twilio", TwilioOptions, secrets=("auth_token",)),
    ChannelKind.SMS_GATEWAY: Kind("SMS by a gateway", SmsGatewayOptions, optional_secrets=("token",)),
    ChannelKind.WEBHOOK: Kind("Webhook", WebhookOptions, secrets=("signing_secret",)),
}


def checked_options(kind: ChannelKind, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options with the defaults of their kind filled in.

    Raises:
        InvalidInput: one is missing, wrong or unknown; ``errors`` lists place and reason.
    """
    return KINDS[kind].checked_options(
        options,
        remedy=f"/notifications/kinds describes the options of {kind}. "
        "What is secret goes under secrets, never under options.",
    )


def check_secret_names(kind: ChannelKind, secrets: Mapping[str, str]) -> None:
    """Return when the secrets are those of the kind.

    Raises:
        InvalidInput: one is missing or is not of this kind.
    """
    KINDS[kind].check_secrets(
        secrets,
        owner=f"a channel of kind {kind}",
        place="secrets",
        remedy="Give it, or a reference to where it is kept: env:NAME or file:NAME.",
    )
