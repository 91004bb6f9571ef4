"""Tencent Cloud's commonest codes (SMS 2021-01-11); its receipts speak as carriers do."""

_OFTEN = ("发给这个号码过于频繁，被腾讯云限制", "too many to this number: Tencent's own limit")
_SIGNATURE = ("短信签名不存在或未通过审核", "the signature does not exist or was not approved")
_TEMPLATE = ("短信模板不存在、未通过审核或变量不符", "the template does not exist, was not approved or does not fit")
_KEYS = ("腾讯云密钥或权限不对", "Tencent's key or its permissions are wrong")
_MONEY = ("腾讯云套餐包余量不足或欠费", "the Tencent account has no messages or money left")

CODES = {
    "LimitExceeded.PhoneNumber*": _OFTEN,
    "LimitExceeded.DeliveryFrequencyLimit": _OFTEN,
    "LimitExceeded*": ("达到了腾讯云控制台里设的总量上限", "the limit that is set in Tencent's console is reached"),
    "FailedOperation.PhoneNumberInBlacklist": ("这个号码退订了或在黑名单中", "this number opted out or is blocked"),
    "InvalidParameterValue.IncorrectPhoneNumber": ("号码格式不对", "this is no mobile number"),
    "FailedOperation.ContainSensitiveWord": ("内容含有被禁止的词", "the text holds a forbidden word"),
    "InvalidParameterValue.ContentLengthLimit": ("内容太长", "the text is too long"),
    "FailedOperation.SignatureIncorrectOrUnapproved": _SIGNATURE,
    "FailedOperation.MissingSignature": _SIGNATURE,
    "FailedOperation.TemplateIncorrectOrUnapproved": _TEMPLATE,
    "FailedOperation.TemplateUnapprovedOrNotExist": _TEMPLATE,
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": _TEMPLATE,
    "InvalidParameterValue.TemplateParameter*": _TEMPLATE,
    "FailedOperation.InsufficientBalanceInSmsPackage": _MONEY,
    "FailedOperation.ArrearsOfAccount*": _MONEY,
    "AuthFailure*": _KEYS,
    "UnauthorizedOperation*": _KEYS,
    "UnsupportedOperation*": ("腾讯云不向这个地区发送", "Tencent does not send to this region"),
    "RequestLimitExceeded*": ("请求过快，被腾讯云限流", "too many requests at once"),
    "InternalError*": ("腾讯云系统繁忙", "Tencent's own trouble"),
}
