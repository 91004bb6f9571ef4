"""What must hold in the database whatever was killed, cut, slow or asked for twice, in SQL (security.md §3)."""

from typing import Any

from django.db import connection

# Each statement finds what breaks its sentence. They are true of every database at every moment…
ALWAYS = {
    "customers with live addresses have one default among them": """
        SELECT customer_id FROM menpai_address WHERE deleted_at IS NULL
        GROUP BY customer_id HAVING sum(CASE WHEN is_default THEN 1 ELSE 0 END) <> 1""",
    "a deleted address is no default, and what is set aside is deleted": """
        SELECT id FROM menpai_address
        WHERE (deleted_at IS NOT NULL AND is_default) OR (set_aside_at IS NOT NULL AND deleted_at IS NULL)""",
    "a proven mobile is eleven digits, or one abroad, and has one owner": """
        SELECT mobile FROM menpai_customer WHERE mobile_verified_at IS NOT NULL
        GROUP BY mobile HAVING count(*) > 1 OR mobile IS NULL
        OR (length(mobile) <> 11 AND mobile NOT LIKE '+%') OR mobile LIKE '+86%'""",
    "a proven mailbox has one owner": """
        SELECT email_key FROM menpai_customer WHERE email_verified_at IS NOT NULL
        GROUP BY email_key HAVING count(*) > 1 OR email_key IS NULL""",
    "a user name has one owner": """
        SELECT username_key FROM menpai_customer WHERE username_key IS NOT NULL
        GROUP BY username_key HAVING count(*) > 1""",
    "every customer can be named": """
        SELECT id FROM menpai_customer WHERE username IS NULL AND mobile_verified_at IS NULL""",
    "nothing that looks like a password is stored": """
        SELECT id FROM menpai_customer WHERE password <> '' AND password NOT LIKE '%$argon2id$%'""",
    "disabled customers have no living session": """
        SELECT s.id FROM menpai_session s JOIN menpai_customer c ON c.id = s.customer_id
        WHERE c.disabled_at IS NOT NULL AND s.ended_at IS NULL""",
    "a browser's session has the hash of a cookie, and no other has one": """
        SELECT id FROM menpai_session
        WHERE (kind = 'cookie' AND length(cookie_hash) <> 64) OR (kind <> 'cookie' AND cookie_hash <> '')""",
    "only an app's session is renewed": """
        SELECT id FROM menpai_session WHERE (kind <> 'token' AND generation <> 0)
        OR (generation > 0 AND renewed_at IS NULL)""",
    "a message that is over says when, and one that is not does not": """
        SELECT id FROM menpai_message
        WHERE (finished_at IS NULL) <> (state IN ('queued', 'leased', 'handed'))""",
    "a message that is over keeps nothing secret, unless it may have to go again": """
        SELECT id FROM menpai_message
        WHERE finished_at IS NOT NULL AND sealed <> '' AND gateway <> 'outbox' AND state <> 'accepted'""",
    "what was accepted, or perhaps was, names its gateway": """
        SELECT id FROM menpai_message WHERE state IN ('handed', 'accepted', 'delivered', 'unknown') AND gateway = ''""",
    "what was accepted or delivered has one handing-over that was, the last of its gateway": """
        SELECT m.id FROM menpai_message m WHERE state IN ('accepted', 'delivered') AND 1 <> (
        SELECT count(*) FROM menpai_submission s WHERE s.message_id = m.id AND s.gateway = m.gateway
        AND s.vendor_reference = m.vendor_reference AND s.state = m.state)""",
    "no second gateway takes an SMS, unless a receipt said that the first could not deliver it": """
        SELECT s.message_id FROM menpai_submission s JOIN menpai_message m ON m.id = s.message_id
        WHERE m.channel = 'sms' AND s.state IN ('handed', 'accepted', 'delivered', 'unknown')
        GROUP BY s.message_id HAVING count(DISTINCT s.gateway) > 1""",
    "a handing-over under way is the only one, and its message's": """
        SELECT s.message_id FROM menpai_submission s JOIN menpai_message m ON m.id = s.message_id
        WHERE s.state = 'handed' GROUP BY s.message_id, m.state, m.gateway
        HAVING count(*) > 1 OR m.state <> 'handed' OR m.gateway <> min(s.gateway)""",
    "a receipt has one handing-over": """
        SELECT gateway, vendor_reference FROM menpai_submission WHERE reported_at IS NOT NULL
        GROUP BY gateway, vendor_reference HAVING count(*) > 1 OR vendor_reference = ''""",
}
# …and these where customers came by the published contracts alone, and every kind of message has its customer.
UNDER_LOAD = {
    "customers have a password": "SELECT id FROM menpai_customer WHERE password = ''",
    "no session outlives a change of the password": """
        SELECT s.id FROM menpai_session s JOIN menpai_message m ON m.customer_id = s.customer_id
        WHERE m.kind = 'password-changed' AND s.ended_at IS NULL AND s.created_at < m.created_at""",
    "a registration with a name has its activation mail": """
        SELECT id FROM menpai_customer c WHERE username IS NOT NULL AND NOT EXISTS
        (SELECT 1 FROM menpai_message m WHERE m.customer_id = c.id AND m.kind = 'activation-link')""",
    "a message has its cause": """
        SELECT id FROM menpai_message WHERE customer_id IS NULL AND kind <> 'registration-code'""",
    "a proven mobile has one spent code, and a spent code its customer": """
        SELECT proven, spent FROM
        (SELECT count(*) AS proven FROM menpai_customer WHERE mobile_verified_at IS NOT NULL) customers,
        (SELECT count(*) AS spent FROM menpai_spentsecret WHERE purpose = 'registration') secrets
        WHERE proven <> spent""",
}


def broken(*, under_load: bool = False) -> list[str]:
    """Each invariant that does not hold, with the first few rows that break it."""
    with connection.cursor() as cursor:
        return broken_at(cursor, ALWAYS | (UNDER_LOAD if under_load else {}))


def broken_at(cursor: Any, invariants: dict[str, str]) -> list[str]:
    """The same for a cursor of either driver."""
    found = []
    for sentence, statement in invariants.items():
        cursor.execute(statement)
        if rows := cursor.fetchmany(3):
            found.append(f"not so: {sentence}: {rows}")
    return found
