"""The problems of /api: status, stable code and texts in both languages for each refusal."""

from dataclasses import dataclass

from menpai import errors


@dataclass(frozen=True)
class ProblemText:
    """The problem for one refusal; `field`: the field it belongs to, as most operations name it."""

    status: int
    code: str
    chinese: str
    english: str
    field: str = ""


PROBLEMS: dict[type[Exception], ProblemText] = {
    # shape
    errors.BadRequest: ProblemText(400, "bad_request", "请求无法理解。", "The request could not be understood."),
    errors.BodyTooLarge: ProblemText(413, "body_too_large", "请求内容过大。", "The request is too large."),
    errors.NotJson: ProblemText(415, "json_only", "请求须为 JSON。", "The request must be JSON."),
    errors.FieldsInvalid: ProblemText(
        422, "invalid_request", "请检查填写的内容。", "Please check the information you entered."
    ),
    errors.FieldMissing: ProblemText(
        422, "invalid_request", "请检查填写的内容。", "Please check the information you entered."
    ),
    errors.IdempotencyKeyReused: ProblemText(
        422,
        "idempotency_key_reused",
        "该请求已用其他内容提交过。",
        "This request was already submitted with different content.",
    ),
    # who
    errors.NotSignedIn: ProblemText(401, "not_signed_in", "请先登录。", "Please sign in."),
    errors.CrossSite: ProblemText(
        403, "cross_site", "请在本站页面上操作。", "Requests from other sites are not allowed."
    ),
    errors.WrongCredentials: ProblemText(
        401, "wrong_credentials", "账号或密码不正确。", "Incorrect account or password."
    ),
    errors.AccountDisabled: ProblemText(
        403, "account_disabled", "账号已停用，请联系客服。", "This account has been disabled. Please contact us."
    ),
    errors.OldPasswordWrong: ProblemText(
        422, "old_password_wrong", "密码不正确。", "Incorrect password.", "old_password"
    ),
    errors.PasswordWrong: ProblemText(422, "password_wrong", "密码不正确。", "Incorrect password.", "password"),
    errors.StepUpRequired: ProblemText(
        403, "step_up_required", "请先确认是您本人。", "Please confirm that it's you first."
    ),
    errors.ChannelNotProven: ProblemText(
        409,
        "channel_not_verified",
        "没有已验证的号码或邮箱可以接收验证码。",
        "There is no verified number or address to send a code to.",
    ),
    errors.PasswordNotSet: ProblemText(
        409, "password_not_set", "您还没有设置密码，请先设置。", "You haven't set a password yet. Please set one first."
    ),
    # fields
    errors.UsernameInvalid: ProblemText(
        422,
        "username_invalid",
        "用户名须为 3–32 个文字、数字或下划线，且不能像手机号。",
        "A username must have 3–32 letters, digits or underscores and must not look like a mobile number.",
        "username",
    ),
    errors.EmailInvalid: ProblemText(
        422, "email_invalid", "请填写正确的邮箱。", "Please enter a valid email address.", "email"
    ),
    errors.MobileInvalid: ProblemText(
        422, "mobile_invalid", "请填写正确的手机号。", "Please enter a valid mobile number.", "mobile"
    ),
    errors.TargetInvalid: ProblemText(
        422, "target_invalid", "请填写手机号或邮箱。", "Please enter a mobile number or an email address.", "target"
    ),
    errors.PasswordMissing: ProblemText(
        422, "password_missing", "请填写密码。", "Please enter a password.", "password"
    ),
    errors.PasswordLength: ProblemText(
        422,
        "password_length",
        "密码须为 {shortest}–{longest} 位。",
        "A password must have {shortest}–{longest} characters.",
        "password",
    ),
    errors.PasswordWeak: ProblemText(
        422,
        "password_weak",
        "密码过于常见，请换一个。",
        "This password is too common. Please choose another.",
        "password",
    ),
    errors.PasswordRepeatMissing: ProblemText(
        422, "passwords_differ", "请再次填写密码。", "Please enter the password again.", "password2"
    ),
    errors.PasswordsDiffer: ProblemText(
        422, "passwords_differ", "两次填写的密码不一致。", "The passwords do not match.", "password2"
    ),
    errors.PasswordUnchanged: ProblemText(
        422,
        "password_unchanged",
        "新密码不能与旧密码相同。",
        "The new password must be different from the old one.",
        "password",
    ),
    errors.LanguageUnknown: ProblemText(
        422, "language_invalid", "不支持这种语言。", "This language is not supported.", "language"
    ),
    errors.TermsNotAccepted: ProblemText(
        422,
        "terms_not_accepted",
        "请阅读并同意服务条款和隐私政策。",
        "Please read and accept the terms of service and the privacy policy.",
        "terms_version",
    ),
    # taken
    errors.UsernameTaken: ProblemText(
        409,
        "username_taken",
        "该用户名已被使用，请换一个。",
        "This username is already taken. Please choose another.",
        "username",
    ),
    errors.MobileTaken: ProblemText(
        409,
        "mobile_taken",
        "该手机号已注册，可以直接登录。",
        "This mobile number is already registered. You can sign in.",
        "mobile",
    ),
    errors.EmailTaken: ProblemText(
        409,
        "email_taken",
        "该邮箱已被其他账号使用。",
        "This email address is already used by another account.",
        "email",
    ),
    # codes
    errors.CodeWrong: ProblemText(422, "code_wrong", "验证码不正确。", "Incorrect code.", "code"),
    errors.CodeExpired: ProblemText(
        422,
        "code_gone",
        "验证码已失效，请重新获取。",
        "This code is no longer valid. Please request a new one.",
        "code",
    ),
    errors.TicketExpired: ProblemText(
        409, "ticket_gone", "验证已过期，请重新获取验证码。", "The verification has expired. Please request a new code."
    ),
    errors.ActivationMalformed: ProblemText(
        400, "activation_malformed", "激活链接不完整。", "The activation link is incomplete."
    ),
    errors.ActivationExpired: ProblemText(
        410, "activation_gone", "激活链接已失效。", "The activation link is no longer valid."
    ),
    errors.NothingToActivate: ProblemText(
        409, "nothing_to_activate", "没有待激活的邮箱。", "There is no email address to activate."
    ),
    # social sign-in
    errors.ProviderUnknown: ProblemText(
        404, "provider_unknown", "不支持这种登录方式。", "This sign-in method is not supported."
    ),
    errors.SocialStateExpired: ProblemText(
        409, "social_state", "登录已过期，请重新开始。", "This sign-in has expired. Please start again."
    ),
    errors.SocialRefused: ProblemText(
        422, "social_refused", "授权没有成功，请再试一次。", "Authorization failed. Please try again."
    ),
    errors.SocialTokenBad: ProblemText(
        422, "social_refused", "授权没有成功，请再试一次。", "Authorization failed. Please try again."
    ),
    errors.SocialAway: ProblemText(
        503,
        "social_away",
        "对方平台暂时没有响应，请稍后再试，或用其他方式登录。",
        "The other service is not responding. Please try again later or sign in another way.",
    ),
    errors.SocialTicketExpired: ProblemText(
        409, "social_ticket", "绑定已过期，请重新授权。", "Your authorization has expired. Please authorize again."
    ),
    errors.SocialTaken: ProblemText(
        409, "social_taken", "该账号已绑定其他账户。", "This account is already linked to another customer account."
    ),
    errors.ProviderTaken: ProblemText(
        409,
        "provider_taken",
        "您的账户已绑定该平台的另一个账号，请先解除绑定。",
        "Another account from this service is already linked. Please unlink it first.",
    ),
    errors.LastWayIn: ProblemText(
        409,
        "last_way_in",
        "这是您唯一的登录方式，请先设置密码或验证手机号。",
        "This is your only way to sign in. Please set a password or verify a mobile number first.",
    ),
    # too many
    errors.TargetTooSoon: ProblemText(
        429, "too_soon", "发送过于频繁，请稍后再试。", "Too many codes requested. Please try again later."
    ),
    errors.ClientTooFast: ProblemText(
        429, "too_many_requests", "操作过于频繁，请稍后再试。", "Too many requests. Please try again later."
    ),
    errors.SendingPaused: ProblemText(
        503,
        "sending_paused",
        "暂时无法发送，请稍后再试。",
        "Messages cannot be sent right now. Please try again later.",
    ),
    errors.Busy: ProblemText(
        429, "busy", "当前访问人数较多，请稍后再试。", "We are very busy right now. Please try again in a moment."
    ),
    errors.CaptchaRequired: ProblemText(
        429, "captcha_required", "请先完成安全验证。", "Please complete the security check first."
    ),
    errors.CaptchaWrong: ProblemText(
        422, "captcha_wrong", "验证未通过，请再试一次。", "Verification failed. Please try again."
    ),
    errors.CaptchaExpired: ProblemText(
        410, "captcha_gone", "验证已过期，请换一个。", "This security check has expired. Please get a new one."
    ),
    errors.NoGateway: ProblemText(
        503,
        "no_gateway",
        "暂时无法发送短信，请稍后再试。",
        "SMS messages cannot be sent right now. Please try again later.",
    ),
    # addresses, devices
    errors.AddressFieldInvalid: ProblemText(422, "address_field_invalid", "请检查地址。", "Please check the address."),
    errors.RegionCodeUnknown: ProblemText(
        422, "region_code_unknown", "没有这个区划代码。", "There is no such region code."
    ),
    errors.AddressIncomplete: ProblemText(422, "address_field_invalid", "请检查地址。", "Please check the address."),
    errors.AddressIdInvalid: ProblemText(404, "address_unknown", "该地址已不存在。", "This address no longer exists."),
    errors.AddressUnknown: ProblemText(404, "address_unknown", "该地址已不存在。", "This address no longer exists."),
    errors.AddressBookFull: ProblemText(
        409,
        "address_book_full",
        "地址数量已达上限，请先删除不用的。",
        "Your address book is full. Please delete an address first.",
    ),
    errors.NoDefaultAddress: ProblemText(
        404, "no_default_address", "还没有默认地址。", "You have no default address yet."
    ),
    errors.RegionUnknown: ProblemText(
        404, "region_unknown", "没有这个区划代码。", "There is no region with this code."
    ),
    errors.OrderInvalid: ProblemText(
        422,
        "order_invalid",
        "订单号须为 1–{order} 个可显示的字符，不能含有 < 或 >。",
        "An order number has 1–{order} printable characters, without < and >.",
        "order",
    ),
    errors.DeviceUnknown: ProblemText(
        404, "device_unknown", "该设备已退出登录。", "This device has already been signed out."
    ),
    # away
    errors.Unavailable: ProblemText(
        503,
        "unavailable",
        "服务暂时不可用，请稍后再试。",
        "The service is temporarily unavailable. Please try again later.",
    ),
}
UNFORESEEN = ProblemText(500, "fault", "服务器出错，请稍后再试。", "Something went wrong. Please try again later.")
UNKNOWN = ProblemText(404, "unknown_path", "接口不存在。", "No such endpoint.")
METHOD = ProblemText(405, "method_not_allowed", "不支持的请求方法。", "This request method is not supported.")
FIELDS: dict[str, tuple[str, str]] = {
    "required": ("请填写此项。", "This field is required."),
    "wrong_type": ("格式不正确。", "This has the wrong format."),
    "too_long": ("文字过长，请缩短。", "This is too long. Please shorten it."),
    "too_many": ("一次提交的条数过多。", "There are too many at once."),
    "markup": ("不能含有 < 或 >。", "The characters < and > are not allowed."),
    "unprintable": (
        "含有无法显示的字符，请删去。",
        "Please remove the characters that cannot be displayed.",
    ),
    "receiver_too_long": ("收货人不能超过 {receiver} 个字。", "The recipient can have up to {receiver} characters."),
    "address_too_long": ("地址不能超过 {address} 个字。", "The address can have up to {address} characters."),
    "tag_too_long": ("标签不能超过 {tag} 个字。", "The tag can have up to {tag} characters."),
    "number": (
        "请填写手机号、带区号的座机号或 400/800 号码。",
        "Please enter a mobile number, a landline with its area code, or a 400 or 800 number.",
    ),
    "number_digits": ("手机号应为 11 位数字。", "A mobile number has 11 digits."),
    "number_area_code": (
        "座机号请加上区号，如 010-65551234。",
        "Please enter the landline with its area code, such as 010-65551234.",
    ),
    "number_region": (
        "这里不能填写该国家或地区的号码。",
        "Numbers of this country or region are not accepted here.",
    ),
    "region_code": ("没有这个区划代码，也从未有过。", "There is no such region code, and there never was."),
    "extension": ("分机号为 1 至 6 位数字。", "An extension has one to six digits."),
    "postcode": ("请填写正确的邮编。", "Please enter a valid postcode."),
}
