"""S10 in a browser: what a page of another site tries, and what the shop's own page may do."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from menpai.models import Customer
from tests.customers import a_mobile, activation_code, somebody
from tests.originals.conftest import Original, Shop
from tests.rig.service import Service

pytestmark = pytest.mark.once("pages know no engine")

ATTACKS = """async ({site, mobiles, code}) => {
    const add = (name, fields) => new Promise(over => {
        document.body.append(Object.assign(document.createElement(name), {...fields, onload: over, onerror: over}))
    })
    const sms = mobile => `${site}/user/sms/${mobile}/`, send = `${site}/v1/users/sms/code`
    const [image, frame, ahead, script, simple, foreign, form] = mobiles
    await add('img', {src: sms(image)})
    await add('img', {src: `${site}/v1/users/activation?code=${code}`})
    await add('iframe', {src: sms(frame)})
    await add('link', {rel: 'prefetch', href: sms(ahead)})
    await add('script', {src: sms(script)})
    await fetch(send, {method: 'POST', mode: 'no-cors', body: JSON.stringify({phone: simple})})
    await fetch(sms(foreign)).catch(() => 0)
    const json = `<input name='{"phone": "${form}", "x": "' value='"}'>`
    const sender = `<form action="${send}" method="POST" enctype="text/plain">${json}</form>`
    await add('iframe', {srcdoc: `${sender}<script>document.forms[0].submit()</script>`})
}"""


def test_a_foreign_page_in_a_browser_does_nothing_and_the_shops_page_everything(
    visit: Callable[..., Original], site: Service, mailbox: Any, http: httpx.Client
) -> None:
    person, mobiles, asked = somebody(http), [a_mobile() for _ in range(8)], []
    code = activation_code(mailbox, person.email)
    shop, page = visit(label="text/plain;charset=UTF-8"), visit().page
    page.on("request", lambda request: asked.append(request.url))
    with Shop().running() as evil:
        page.goto(evil.origin)
        page.evaluate(ATTACKS, {"site": site.url, "mobiles": mobiles, "code": code})
        page.wait_for_load_state("networkidle")  # the form
    page.goto(f"{site.url}/user/sms/{mobiles[7]}/")
    assert len([url for url in asked if url.startswith(site.url)]) == 9
    assert [mobile for mobile in mobiles if mailbox.all(mobile)] == []
    assert Customer.objects.get(username=person.name).email_verified_at is None
    assert shop.get(f"/user/sms/{mobiles[0]}/")["status"] == "1"
    assert shop.post("/v1/users/sms/code", phone=mobiles[1])["code"] == 200
    assert shop.get(f"/v1/users/activation?code={code}")["code"] == 200
    assert mailbox.last(mobiles[0]) and mailbox.last(mobiles[1])
    assert Customer.objects.get(username=person.name).email_verified_at is not None
