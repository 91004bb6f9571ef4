"""The vendors' fakes; tests/rig/gateway.py has what they share."""

from tests.rig.gateway import Fake
from tests.rig.vendors.aliyun import Aliyun
from tests.rig.vendors.huawei import Huawei
from tests.rig.vendors.tencent import Tencent
from tests.rig.vendors.twilio import Twilio
from tests.rig.vendors.webhook import Webhook
from tests.rig.vendors.yunpian import Yunpian
from tests.rig.vendors.yuntongxun import Yuntongxun

FAKES: tuple[type[Fake], ...] = (Yuntongxun, Aliyun, Tencent, Huawei, Yunpian, Twilio, Webhook)
