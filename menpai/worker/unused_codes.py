"""An alert when hardly any of the codes that are sent are used.

The cause may be SMS pumping, a gateway that charges and delivers nothing, or a broken page.
"""

from datetime import timedelta

from django.utils import timezone

from menpai import rules
from menpai.integrations import alerts
from menpai.models import Message, SpentSecret

_SENT = (Message.State.ACCEPTED, Message.State.DELIVERED, Message.State.UNKNOWN)


def alert_unused_codes() -> None:
    """Raise the alert if too few of the last day's expired SMS codes were used.

    Looks at the newest rules.CODES_LOOKED_AT.
    """
    now = timezone.now()
    over = Message.objects.filter(
        channel=Message.Channel.SMS, state__in=_SENT, created_at__gt=now - timedelta(days=1), expires_at__lte=now
    )
    secrets = list(over.exclude(secret="").order_by("-created_at").values_list("secret")[: rules.CODES_LOOKED_AT])
    if len(secrets) < rules.CODES_LOOKED_AT:
        return
    used = SpentSecret.objects.filter(pk__in=[secret for (secret,) in secrets]).count()
    if used * 100 < rules.CODES_USED_PERCENT * len(secrets):
        alerts.raise_alert(alerts.CODES_UNUSED, used=used, sent=len(secrets))
