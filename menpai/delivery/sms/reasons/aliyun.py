"""Aliyun's commonest codes (Dysms 2017-05-25), of answers and of receipts."""

_OFTEN = ("发给这个号码过于频繁，被阿里云流控", "too many to this number: Aliyun's flow control")
_SIGNATURE = ("短信签名不存在或未通过审核", "the signature does not exist or was not approved")
_TEMPLATE = ("短信模板不存在或未通过审核", "the template does not exist or was not approved")
_KEYS = ("阿里云密钥或权限不对", "Aliyun's key or its permissions are wrong")
_MONEY = ("阿里云账户余额不足或欠费", "the Aliyun account has no money left")
_WORDS = ("内容含有被禁止的词", "the text holds a forbidden word")
_NOBODY = ("空号或已停机", "nobody has this number, or it is suspended")
_BLOCKED = ("这个号码退订了或在黑名单中", "this number opted out or is on a block list")

CODES = {
    "isv.BUSINESS_LIMIT*": _OFTEN,
    "BUSINESS_LIMIT*": _OFTEN,
    "isv.MOBILE_SEND_LIMIT": _OFTEN,
    "isv.MOBILE_NUMBER_ILLEGAL": ("号码格式不对", "this is no mobile number"),
    "isv.SMS_SIGNATURE*": _SIGNATURE,
    "isv.SMS_SIGN_*": _SIGNATURE,
    "isv.SMS_TEMPLATE*": _TEMPLATE,
    "isv.TEMPLATE*": _TEMPLATE,
    "isv.AMOUNT_NOT_ENOUGH": _MONEY,
    "isv.OUT_OF_SERVICE": _MONEY,
    "isv.BLACK_KEY_CONTROL_LIMIT": _WORDS,
    "isv.SMS_CONTENT_ILLEGAL": _WORDS,
    "isp.RAM_PERMISSION_DENY": _KEYS,
    "InvalidAccessKeyId*": _KEYS,
    "SignatureDoesNotMatch": _KEYS,
    "Forbidden*": _KEYS,
    # Of receipts.
    "MOBILE_NOT_ON_SERVICE": _NOBODY,
    "MOBILE_ACCOUNT_ABNORMAL": _NOBODY,
    "INVALID_NUMBER": _NOBODY,
    "MOBILE_IN_BLACK": _BLOCKED,
    "REJECT*": _BLOCKED,
    "MOBILE_TERMINAL_ERROR": ("手机关机、信号差或收件箱已满", "the phone was off, without signal or full"),
    "MOBILE_SEND_LIMIT": ("运营商限制了这个号码的条数", "the carrier's own limit for this number"),
    "CONTENT_KEYWORD": _WORDS,
    "CONTENT_ERROR": _WORDS,
    "SP_NOT_BY_SMS": ("运营商没有为这个号码开通短信", "the carrier has no SMS for this number"),
    "SP_UNKNOWN_ERROR": ("运营商没有说明原因", "the carrier gave no reason"),
}
