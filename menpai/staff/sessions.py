"""Sessions of staff in Redis, in front of their rows: signed JSON, as in the rows.

Who writes there runs no code and signs nobody in: what was not signed by us is not there, and the row decides.
"""

from typing import Any

from django.contrib.sessions.backends import cached_db
from django.core import signing
from django_redis.serializers.base import BaseSerializer

_SALT = "menpai.staff.sessions"


class Signed(BaseSerializer):  # type: ignore[misc]  # django_redis has no types
    def dumps(self, value: Any) -> bytes:
        return signing.dumps(value, salt=_SALT, compress=True).encode()

    def loads(self, value: bytes) -> Any:
        """Returns the value. Raises BadSignature, UnicodeDecodeError, after which Django reads the row."""
        return signing.loads(value.decode(), salt=_SALT)


class SessionStore(cached_db.SessionStore):
    def load(self) -> dict[str, Any]:
        """Returns the session; a bare number, which no serializer sees, is none."""
        session = super().load()
        return session if isinstance(session, dict) else {}
