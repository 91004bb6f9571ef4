"""Twilio's commonest codes, of answers and of callbacks."""

_KEYS = ("Twilio 账号或密钥不对", "the Twilio account or its key is wrong")
_SENDER = ("Twilio 发送号码不能发短信", "the sender's number at Twilio cannot send SMS")

CODES = {
    "21211": ("号码格式不对", "this is no phone number"),
    "21614": ("这个号码不能收短信", "this number takes no SMS"),
    "21635": ("这是固定电话", "this is a landline"),
    "21610": ("这个号码已退订", "this number opted out"),
    "21408": ("Twilio 账号没有开通这个地区", "the Twilio account is not open for this region"),
    "21612": ("Twilio 不能从这个发送号码送达", "Twilio cannot reach it from this sender"),
    "21608": ("试用账号只能发给已验证的号码", "a trial account reaches verified numbers only"),
    "21606": _SENDER,
    "21659": _SENDER,
    "20003": _KEYS,
    "20429": ("请求过快，被 Twilio 限流", "too many requests at once"),
    "30003": ("手机关机或不在服务区", "the phone was off or out of reach"),
    "30005": ("空号或已停用", "nobody has this number, or it is out of service"),
    "30006": ("固定电话，或运营商不可达", "a landline, or a carrier that is not reached"),
    "30007": ("被运营商当作垃圾短信过滤", "filtered as spam"),
    "30008": ("运营商没有说明原因", "the carrier gave no reason"),
}
