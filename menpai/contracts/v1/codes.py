"""The numbers of the dada contract: their texts, and the refusals they stand for (ruling 4)."""

from menpai import errors

# code → (the text that pages show, the English phrase). 10131 is published twice; each is sent with its own text.
TEXTS: dict[int, tuple[str, str]] = {
    10100: ("无效参数", "Invalid parameters"),
    10101: ("无法获取用户名，需要登陆。", "User not logged in"),
    10102: ("设置新密码两次输入不一致", "Inconsistent passwords"),
    10103: ("旧密码错误", "Old password error"),
    10104: ("用户查询出错", "User query error"),
    10105: ("存储验证码失败", "Storage authentication code failed"),
    10106: ("验证码失效，请重新发送", "The validation code is invalid. Please send it again."),
    10108: ("无效的密码", "Please enter your password"),
    10109: ("确认密码有误", "Confirm that the password is incorrect"),
    10110: ("两次密码不一致", "Password Inconsistencies"),
    10112: ("验证链接失效", "Verify that the link is invalid and resend it"),
    10113: ("激活链接参数有误", "Error activating link parameters"),
    10114: ("地址查询出错", "Error in Address Query"),
    10115: ("无效的收件人", "invalid recipients"),
    10116: ("无效的地址", "Invalid address"),
    10117: ("无效的电话号码", "Invalid phone number"),
    10118: ("无效的邮编", "Invalid postcode"),
    10119: ("无效的地址标签", "Invalid  tag"),
    10120: ("地址存储异常", "Address storage exception"),
    10121: ("地址查询异常", "Get address exception"),
    10122: ("无法获取地址ID", "Get address id error"),
    10123: ("修改地址参数有误", "Error in address modification parameters"),
    10124: ("无法获取微博登陆页", "Cant get weibo login page"),
    10125: ("无法获取微博token", "Unable to get weibo token"),
    10126: ("无效的邮箱", "Invalid email"),
    10127: ("无效的用户名", "Invalid username"),
    10128: ("创建用户失败", "Create user failed"),
    10129: ("无效的微博token", "Invalid access token"),
    10130: ("关联微博失败", "Related to weibo failed"),
    10131: ("无效的手机号", "Invalid phone number"),
    10132: ("获取验证码异常", "Verify Code Error"),
    10133: ("新旧密码重复", "Use Different Password"),
}
WAIT = ("登录次数过多，请在{}后再试", "Too many tries, try again in {}")  # with 10104, at the sign-in
REPEATED = ("重复请求", "Repeated requests")

# A refusal without a row of its own is told like the nearest class above it.
CODES: dict[type[errors.Refusal], int] = {
    errors.Refusal: 10100,
    errors.ComeBackLater: 10131,
    errors.BadRequest: 10100,
    errors.BodyTooLarge: 10100,
    errors.FieldMissing: 10100,
    errors.CrossSite: 10100,
    errors.NotSignedIn: 10101,
    errors.OldPasswordWrong: 10103,
    errors.PasswordNotSet: 10103,
    errors.WrongCredentials: 10104,
    errors.CodeExpired: 10106,
    errors.TicketExpired: 10106,
    errors.PasswordRefused: 10108,
    errors.PasswordRepeatMissing: 10109,
    errors.PasswordsDiffer: 10110,  # 10102 when a signed-in customer changes the password: see password.change_password
    errors.ActivationExpired: 10112,
    errors.ActivationMalformed: 10113,
    errors.AddressUnknown: 10114,
    errors.AddressFieldInvalid: 10116,  # one number a field: see ADDRESS_FIELDS
    errors.AddressBookFull: 10120,
    errors.AddressIdInvalid: 10122,
    errors.AddressIncomplete: 10123,
    errors.ProviderUnknown: 10124,
    errors.SocialStateExpired: 10125,  # without the way there is no token
    errors.SocialRefused: 10125,
    errors.SocialAway: 10125,
    errors.EmailInvalid: 10126,
    errors.UsernameInvalid: 10127,
    errors.UsernameTaken: 10128,
    errors.MobileTaken: 10128,
    errors.SocialTokenBad: 10129,
    errors.SocialTicketExpired: 10130,
    errors.SocialTaken: 10130,
    errors.ProviderTaken: 10130,
    errors.MobileInvalid: 10131,
    errors.TargetTooSoon: 10131,
    errors.ClientTooFast: 10131,
    errors.Busy: 10131,
    errors.CaptchaRequired: 10131,
    errors.SendingPaused: 10132,
    errors.CodeWrong: 10132,
    errors.NoGateway: 10132,
    errors.PasswordUnchanged: 10133,
}
ADDRESS_FIELDS = {"receiver": 10115, "address": 10116, "mobile": 10117, "postcode": 10118, "tag": 10119}
# What never reaches a rule has a real status.
STATUSES: dict[type[errors.Refusal], int] = {
    errors.ComeBackLater: 429,
    errors.BodyTooLarge: 413,
    errors.CrossSite: 403,
    errors.ClientTooFast: 429,
    errors.Busy: 429,
    errors.CaptchaRequired: 429,
    errors.SendingPaused: 503,
}


def code_of(refusal: errors.Refusal) -> int:
    """The number that a refusal is answered with."""
    if isinstance(refusal, errors.AddressFieldInvalid):
        return ADDRESS_FIELDS[refusal.field]
    return CODES[_row_of(refusal)]


def texts_of(refusal: errors.Refusal) -> tuple[str, str]:
    """The Chinese text and the English phrase for a refusal."""
    code = code_of(refusal)
    return REPEATED if isinstance(refusal, errors.ComeBackLater) and code == 10131 else TEXTS[code]


def status_of(refusal: errors.Refusal) -> int:
    """The HTTP status for a refusal."""
    return STATUSES.get(_row_of(refusal), 200)


def _row_of(refusal: errors.Refusal) -> type[errors.Refusal]:
    return next(kind for kind in type(refusal).__mro__ if kind in CODES)
