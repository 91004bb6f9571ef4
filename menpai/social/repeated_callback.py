"""The same callback opened twice in one browser: in two tabs, or by its back button."""

from menpai import audit, errors, rules
from menpai.audit import events
from menpai.models import SocialLink
from menpai.sessions import step_up
from menpai.sessions.tokens import Caller
from menpai.social import exchange, oauth_state
from menpai.social.oauth_state import OAuthVisit, Outcome


def find(provider: str, visit: OAuthVisit, caller: Caller | None) -> tuple[Outcome, str]:
    """The outcome of the first time and the nickname, for the customer of the first time. Changes nothing.

    Waits for a first time that is not over. That customer must be signed in already: to anybody else the state is
    spent. Raises SocialStateExpired, StepUpRequired.
    """
    first = exchange.wait_for(lambda: oauth_state.find_outcome(visit), oauth_state.seconds_left(visit))
    if first is None or caller is None or first.customer_id != caller.id:
        audit.refuse(events.CODE_GONE, purpose=rules.SOCIAL_STATE.name)
        raise errors.SocialStateExpired
    link = SocialLink.objects.filter(customer_id=caller.id, provider=provider, set_aside_at__isnull=True).first()
    if first.outcome == "linked" and link is None:  # it was removed since
        raise errors.SocialStateExpired
    if first.outcome == "confirmed":
        step_up.require(caller)
    return first.outcome, link.nickname if link else ""
