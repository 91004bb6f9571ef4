"""Paths without parameters are looked up in a dictionary: what it holds is what Django's patterns would find."""

import pytest
from django.urls import resolve

from menpai import urls
from menpai.contracts.api import api


@pytest.mark.once("paths know no engine")
@pytest.mark.without_database
def test_every_path_without_parameters_is_there_and_leads_where_its_pattern_leads():
    matches = urls.exact_matches()
    documented = {path for path in api.get_openapi_schema()["paths"] if "{" not in path}
    assert len(documented) > 30 and documented | {"/v1/tokens", "/v1/users/sms/code/", "/login"} <= set(matches)
    for path, match in matches.items():
        found = resolve(path)
        assert (
            (match.func, match.route, match.kwargs)
            == (found.func, found.route, {})
            == (found.func, found.route, found.kwargs)
        )


@pytest.mark.once("paths know no engine")
def test_a_path_that_is_looked_up_answers_as_ever(http):
    assert [http.get(path).status_code for path in ("/livez", "/livez/", "/api/me", "/v1/tokens/")] == [
        200,
        200,
        401,
        405,
    ]
    assert http.get("/api/me/").json()["code"] == "unknown_path"
    assert http.get("/api/me%0A").json()["code"] == "unknown_path"
