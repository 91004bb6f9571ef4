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

import django
import httpx

django.setup()

from django.db import connection, transaction  # noqa: E402  (needs the settings)

from menpai import identifiers  # noqa: E402
from menpai.delivery import messages  # noqa: E402
from menpai.models import Customer  # noqa: E402
from menpai.passwords import password  # noqa: E402
from menpai.sessions import tokens  # noqa: E402
from menpai.worker import relay  # noqa: E402

ADDRESSES = 5

CUSTOMERS = """
INSERT INTO menpai_customer (public_id, username, username_key, mobile, mobile_verified_at, email, email_key,
    email_verified_at, password, language, created_at)
SELECT gen_random_uuid(), 'bench_' || n, 'bench_' || n, '138' || lpad(n::text, 8, '0'), now(),
    'bench' || n || '@example.com', 'bench' || n || '@example.com', now(), %s, 'zh-hans', now()
FROM generate_series(1, %s) AS n
"""
BOOKS = """
INSERT INTO menpai_address (customer_id, receiver, mobile, address, province, city, county, detail, postcode, tag,
    is_default, created_at, used_at)
SELECT customer.id, '小王', customer.mobile, '北京市东城区珠市口大街' || k || '号楼', '', '', '', '', '100062', '公司',
    k = 1, now(), now()
FROM menpai_customer AS customer, generate_series(1, %s) AS k ORDER BY customer.id, k
"""


def seed(count: int, raw_password: str) -> None:
    """Prints [id, name, token, ids of the addresses] of each customer, as JSON."""
    with connection.cursor() as cursor:
        cursor.execute(CUSTOMERS, [password.hash_in_turn(raw_password), count])
        cursor.execute(BOOKS, [ADDRESSES])
        cursor.execute("SELECT customer_id, array_agg(id ORDER BY id) FROM menpai_address GROUP BY customer_id")
        books = dict(cursor.fetchall())
    client = identifiers.client("127.0.0.1", "bench")
    made = []
    for customer in Customer.objects.order_by("pk"):
        person = tokens.Person(customer.pk, customer.public_id, customer.name, email_verified=True)
        made.append([customer.pk, customer.name, tokens.issue(person, client).token, books[customer.pk]])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    print(json.dumps(made))


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
