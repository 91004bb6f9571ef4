"""What every answer of /api is checked for: Schemathesis' own checks, and three that only we can make."""

import re
from typing import Any

import schemathesis
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.case import Case

# Every check of Schemathesis: on, or off with its reason.
CHECKS: dict[str, dict[str, Any]] = {
    name: {"enabled": True}
    for name in (
        *("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance"),
        *("response_schema_conformance", "negative_data_rejection", "missing_required_header", "unsupported_method"),
        *("allow_header_conformance", "ignored_auth", "use_after_free", "ensure_resource_availability"),
    )
} | {
    # What is right in shape may be refused by a rule: wrong credentials, a taken name, a code that is gone, a limit. A
    # malformed activation link is one of those and has 400. `right_shapes_are_understood` is the stricter half.
    "positive_data_acceptance": {
        "enabled": True,
        "expected-statuses": ["2xx", "400", "401", "403", "404", "409", "410", "422", "429"],
    },
    # Off: it needs two identities in its own configuration; tests/contracts/common/ asks for foreign
    # addresses, and tests/api/ for foreign devices.
    "object_level_authorization": {"enabled": False},
}
OFF_WITHOUT_SETTING = {"max_response_time"}  # speeds are bench's, on a machine that does nothing else

SLIPS = re.compile(
    r"Traceback|\.py\b|File \\?\"|\bline \d+|Error\b(?!\")|psycopg|sqlite|"
    r"\b(?:SELECT|INSERT INTO|DELETE FROM|UPDATE \"?menpai|FROM menpai|WHERE)\b|menpai_(?!session|recovery|device)"
)
# A request of the right shape is never told that its shape is wrong.
MISUNDERSTOOD = ("bad_request", "invalid_request", "json_only", "unknown_path", "method_not_allowed")


@schemathesis.check
def nothing_slips_out(_context: Any, response: Any, case: Case) -> None:
    """No stack trace, no SQL, no name of our own in a body or a header."""
    headers = "\n".join(f"{name}: {value}" for name, values in response.headers.items() for value in values)
    said = f"{headers}\n{response.content.decode(errors='replace')}"
    sent = str(case.body)  # an address book repeats what it was told
    found = [slip.group() for slip in SLIPS.finditer(said) if slip.group() not in sent]
    assert not found, f"{found} in {said[:500]}"


@schemathesis.check
def problems_are_declared(_context: Any, response: Any, case: Case) -> None:
    """Every problem has the status that it says, and a code that the operation declares for that status."""
    if "application/problem+json" not in response.headers.get("content-type", [""])[0]:
        assert response.status_code < 400
        return
    said = response.json()
    assert (said["status"], said["type"]) == (response.status_code, f"/problems/{said['code']}")
    assert said["title"] and said["detail"] and all(one["detail"] for one in said["errors"])
    lost = said["code"] == "unknown_path" and case.meta and case.meta.is_negative_at(ParameterLocation.PATH)
    if lost or said["code"] == "method_not_allowed":
        return  # it has reached no operation
    declared = case.operation.definition.raw["responses"][str(response.status_code)]["description"]
    assert f"`{said['code']}`" in declared, f"{said['code']} is not among {declared}"


@schemathesis.check
def right_shapes_are_understood(_context: Any, response: Any, case: Case) -> None:
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code < 400:
        return
    code = response.json()["code"]
    if code == "bad_request" and b"\\u0000" in (response.request.body or b""):
        return  # NUL is no text of ours, which a schema cannot say
    assert code not in MISUNDERSTOOD, code
