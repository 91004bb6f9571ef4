"""The product's own code in a process of its own.

`seed COUNT PASSWORD` makes customers and signs them in;
`tell` (mails) and `tell-sms` write messages, as many as each line of its input says, and answer the times of the first
and last commit; `post PORT COUNT` makes bare requests, as a gateway gets them, and answers how many for each second of
processor time.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import django
import httpx

django.setup()

from django.db import connection, transaction  # noqa: E402  (needs the settings)
from django.utils import timezone  # noqa: E402

from menpai import identifiers  # noqa: E402
from menpai.delivery import messages  # noqa: E402
from menpai.models import Address, Customer  # noqa: E402
from menpai.passwords import password  # noqa: E402
from menpai.sessions import tokens  # noqa: E402
from menpai.worker import relay  # noqa: E402

ADDRESSES = 5


def seed(count: int, raw_password: str) -> None:
    """Prints [id, name, token, ids of the addresses] of each customer, as JSON."""
    hashed, now = password.hash_in_turn(raw_password), timezone.now()
    customers = [_customer(number, hashed, now) for number in range(1, count + 1)]
    Customer.objects.bulk_create(customers, 500)
    books = [_address(customer, number) for customer in customers for number in range(1, ADDRESSES + 1)]
    Address.objects.bulk_create(books, 500)
    client = identifiers.client("127.0.0.1", "bench")
    made = []
    for index, customer in enumerate(customers):
        person = tokens.Person(customer.pk, customer.public_id, customer.name, email_verified=True)
        book = [address.pk for address in books[index * ADDRESSES : (index + 1) * ADDRESSES]]
        made.append([customer.pk, customer.name, tokens.issue(person, client).token, book])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    print(json.dumps(made))


def _customer(number: int, hashed: str, now: datetime) -> Customer:
    name, mailbox = f"bench_{number}", f"bench{number}@example.com"
    contact = {"mobile": f"138{number:08}", "mobile_verified_at": now, "email_verified_at": now, "email": mailbox}
    return Customer(username=name, username_key=name, email_key=mailbox, password=hashed, **contact)


def _address(customer: Customer, number: int) -> Address:
    place = f"北京市东城区珠市口大街{number}号楼"
    details = {"receiver": "小王", "mobile": customer.mobile, "postcode": "100062", "tag": "公司"}
    return Address(customer=customer, address=place, is_default=number == 1, **details)


def tell(what: str) -> None:
    customer = Customer.objects.order_by("pk")[0]
    print("ready", flush=True)
    for line in sys.stdin:
        commits = []
        for _ in range(int(line)):
            with transaction.atomic():
                if what == "tell":
                    messages.send_recovery_mail(customer, [(customer.name, "12345678")])
                else:
                    messages.send_recovery_sms(customer, "123456")
            commits.append(time.monotonic())
        print(json.dumps([commits[0], commits[-1]]), flush=True)


def post(url: str, many: int) -> None:
    body = b'{"to":"13800138000","appId":"x","templateId":"1","datas":["123456","5"]}'
    with httpx.Client(trust_env=False) as client, ThreadPoolExecutor(relay.SENDERS) as pool:
        client.post(url, content=body)
        begin = time.process_time()
        list(pool.map(lambda _: client.post(url, content=body), range(many)))
        print(many / (time.process_time() - begin))


if __name__ == "__main__":
    if sys.argv[1] == "seed":
        seed(int(sys.argv[2]), sys.argv[3])
    elif sys.argv[1] == "post":
        post(f"http://127.0.0.1:{sys.argv[2]}/", int(sys.argv[3]))
    else:
        tell(sys.argv[1])
