"""/api/addresses/parse: what a pasted text becomes, what is refused, and that nothing is kept of it."""

import logging
from datetime import timedelta

from menpai import rules
from menpai.models import AuditEvent
from menpai.rules import Limit
from tests.api.clients import ok, refused

TEXT = "收货人：张敏\n电话：13800138000-0123\n地址：浙江省杭州市余杭区仓前街道文一西路969号"
LONGEST = "文" * rules.PASTED_LENGTH


def parse(person, text):
    return person.post("/addresses/parse", text=text)


def test_a_pasted_text_becomes_the_fields_of_an_address(person):
    said = ok(parse(person, TEXT))
    named = {"receiver": "张敏", "mobile": "13800138000", "extension": "0123"}
    placed = {"province": "浙江省", "city": "杭州市", "county": "余杭区", "town": "仓前街道", "detail": "文一西路969号"}
    assert {name: value for name, value in said["fields"].items() if value} == named | placed
    assert (said["region_code"], said["candidates"], said["warnings"], said["rest"]) == ("330110", [], [], "")
    spans = {span["field"]: TEXT[span["start"] : span["end"]] for span in said["spans"]}
    assert (spans["receiver"], spans["detail"], spans["county"]) == ("张敏", "文一西路969号", "浙江省杭州市余杭区")
    assert set(said["sure"]) == {name for name, value in said["fields"].items() if value}


def test_a_batch_is_answered_in_the_order_of_its_texts(person):
    said = ok(person.post("/addresses/parse/batch", texts=["你好", TEXT, ""]))["results"]
    assert [result["fields"]["receiver"] for result in said] == ["", "张敏", ""]
    assert [result["rest"] for result in said] == ["你好", "", ""]
    assert said[1] == ok(parse(person, TEXT))


def test_texts_that_are_too_long_and_too_many_are_refused_by_their_field(person):
    ok(parse(person, LONGEST))
    assert refused(parse(person, LONGEST + "文"), 422, "invalid_request", "text")["errors"][0]["code"] == "too_long"
    batch = [LONGEST[:400]] * rules.PASTED_TEXTS
    assert len(ok(person.post("/addresses/parse/batch", texts=batch))["results"]) == rules.PASTED_TEXTS
    several = person.post("/addresses/parse/batch", texts=[*batch[:2], LONGEST + "文"])
    assert refused(several, 422, "invalid_request", "texts.2")["errors"][0]["code"] == "too_long"
    refusal = refused(person.post("/addresses/parse/batch", texts=["文"] * 101), 422, "invalid_request", "texts")
    assert refusal["errors"][0]["code"] == "too_many"
    refused(person.post("/addresses/parse/batch", texts=[LONGEST] * 100), 413, "body_too_large")
    refused(parse(person, LONGEST * 6), 413, "body_too_large")


def test_nobody_parses_without_a_session(stranger):
    refused(parse(stranger, TEXT), 401, "not_signed_in")
    refused(stranger.post("/addresses/parse/batch", texts=[TEXT]), 401, "not_signed_in")


def test_a_session_has_limits_of_its_own_for_texts_and_for_batches(person, set_rule):
    for rule in ("PARSES_PER_SESSION", "PARSE_BATCHES_PER_SESSION"):
        set_rule(rule, (Limit(1, timedelta(seconds=30)),))
    ok(parse(person, TEXT))
    held_up = parse(person, TEXT)
    refused(held_up, 429, "too_many_requests")
    assert 0 < int(held_up.headers["retry-after"]) <= 30
    ok(person.post("/addresses/parse/batch", texts=[TEXT]))
    refused(person.post("/addresses/parse/batch", texts=[TEXT]), 429, "too_many_requests")


def test_a_text_costs_the_statement_of_the_session_alone(person, cost):
    assert cost(lambda: ok(parse(person, TEXT))) == (1, [])
    assert cost(lambda: ok(person.post("/addresses/parse/batch", texts=[TEXT] * 3))) == (1, [])


def test_a_text_is_neither_logged_nor_in_the_trail(person, caplog):
    before = AuditEvent.objects.count()
    with caplog.at_level(logging.DEBUG):
        ok(parse(person, TEXT))
        refused(parse(person, TEXT * 30), 422, "invalid_request", "text")
    assert "文一西路" not in caplog.text and "13800138000" not in caplog.text
    assert AuditEvent.objects.count() == before
