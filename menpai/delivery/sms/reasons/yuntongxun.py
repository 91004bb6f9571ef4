"""Yuntongxun's commonest codes."""

_MONEY = ("云通讯账户余额不足", "the Yuntongxun account has no money left")
_OFTEN = ("发给这个号码过于频繁", "too many to this number in a short time")
_DAY = ("这个号码今天的短信已达上限", "this number has had its messages for today")
_TEMPLATE = ("短信模板不存在或未通过审核", "the template does not exist or was not approved")
_APP = ("应用不存在、未上线或未开通短信", "the application does not exist, is not online or has no SMS")
_KEYS = ("云通讯账号或密钥不对", "the Yuntongxun account or its key is wrong")

CODES = {
    "160014": _MONEY,
    "160038": _OFTEN,
    "160039": _DAY,
    "160040": _DAY,
    "160041": _DAY,
    "160034": ("这个号码在黑名单中", "this number is on the vendor's block list"),
    "160042": ("号码格式不对", "this is no mobile number"),
    "160031": ("通道不能解析请求", "the gateway could not read the request"),
    "160033": ("内容含有被禁止的词", "the text holds a forbidden word"),
    "160037": ("内容太长", "the text is too long"),
    "160032": _TEMPLATE,
    "160043": _TEMPLATE,
    "112311": _TEMPLATE,
    "113302": ("测试模板只能发给测试号码", "the test template goes to test numbers only"),
    "112310": ("应用未上线，号码不在白名单", "the application is not online and the number not on its list"),
    "1123??": _APP,
    "111181": _APP,
    "111???": _KEYS,
    "16000?": ("通道系统繁忙", "the gateway's own trouble"),
    "160050": ("通道发送失败", "the gateway could not send it"),
    "172001": ("网络错误", "a network error"),
}
