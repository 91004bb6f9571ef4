"""The wording of every message, in Chinese and English. texts.py fills it in."""

from dataclasses import dataclass

# ── The kinds ──
REGISTRATION_CODE = "registration-code"
RECOVERY_CODE = "recovery-code"
ACTIVATION_LINK = "activation-link"
PASSWORD_CHANGED = "password-changed"
SIGN_IN_CODE = "sign-in-code"
NEW_EMAIL_CODE = "new-email-code"
NEW_MOBILE_CODE = "new-mobile-code"
EMAIL_CHANGED = "email-changed"
MOBILE_CHANGED = "mobile-changed"
NEW_DEVICE = "new-device"
SOCIAL_LINKED = "social-linked"
SOCIAL_UNLINKED = "social-unlinked"
WITH_A_CODE = frozenset(
    (REGISTRATION_CODE, RECOVERY_CODE, ACTIVATION_LINK, SIGN_IN_CODE, NEW_EMAIL_CODE, NEW_MOBILE_CODE)
)


@dataclass(frozen=True)
class Words:
    """One mail in one language. `{name}` and the like are filled in; `intro` and `after` are paragraphs."""

    subject: str
    preheader: str
    title: str
    intro: tuple[str, ...]
    after: tuple[str, ...]
    button: str = ""


SMS = {
    "zh-hans": {
        REGISTRATION_CODE: "验证码 {code}，{life}内有效，用于注册账号。如非本人操作，请忽略。",
        RECOVERY_CODE: "验证码 {code}，{life}内有效，用于找回密码。如非本人操作，请勿告诉任何人。",
        SIGN_IN_CODE: "验证码 {code}，{life}内有效，用于登录。如非本人操作，请勿告诉任何人。",
        NEW_MOBILE_CODE: "验证码 {code}，{life}内有效，用于更换手机号。如非本人操作，请忽略。",
        MOBILE_CHANGED: "您账号的手机号已于 {at}（北京时间）更换。如非本人操作，请立即联系客服。",
    },
    "en": {
        REGISTRATION_CODE: "{code} is your code to register. It is valid for {life}. Not you? Ignore it.",
        RECOVERY_CODE: "{code} is your code to reset your password. It is valid for {life}. "
        "Not you? Tell it to nobody.",
        SIGN_IN_CODE: "{code} is your code to sign in. It is valid for {life}. Not you? Tell it to nobody.",
        NEW_MOBILE_CODE: "{code} is your code to change your mobile. It is valid for {life}. Not you? Ignore it.",
        MOBILE_CHANGED: "The mobile of your account was changed on {at} (Beijing time). "
        "Not you? Please contact us at once.",
    },
}
MAIL = {
    "zh-hans": {
        RECOVERY_CODE: Words(
            subject="找回密码的验证码",
            preheader="验证码在 {life}内有效。",
            title="找回密码",
            intro=("您正在找回密码。请在页面上输入下面的验证码：",),
            after=(
                "验证码在 {life}内有效，只能使用一次。请不要告诉任何人，我们的工作人员也不会向您索要。",
                "如果不是您本人操作，请忽略这封邮件，您的密码不会改变。",
            ),
        ),
        ACTIVATION_LINK: Words(
            subject="请验证您的邮箱",
            preheader="打开链接，确认这个邮箱属于您。",
            title="验证邮箱",
            intro=("有人用这个邮箱注册了账号「{name}」。如果是您本人，请打开下面的页面确认：",),
            after=(
                "{link_life}",
                "如果不是您本人操作，请打开同一个页面并选择「这不是我的」，这个邮箱将与该账号解除关联。",
            ),
            button="验证邮箱",
        ),
        PASSWORD_CHANGED: Words(
            subject="您的密码已修改",
            preheader="所有设备都已退出登录。",
            title="密码已修改",
            intro=("账号「{name}」的密码已于 {at}（北京时间）修改，所有设备都已退出登录。",),
            after=("如果是您本人操作，无需理会。", "如果不是，请立即在登录页选择「忘记密码」，重新设置密码。"),
        ),
        NEW_EMAIL_CODE: Words(
            subject="更换邮箱的验证码",
            preheader="验证码在 {life}内有效。",
            title="更换邮箱",
            intro=("账号「{name}」要把邮箱更换为这个地址。如果是您本人，请在页面上输入下面的验证码：",),
            after=(
                "验证码在 {life}内有效，只能使用一次。请不要告诉任何人，我们的工作人员也不会向您索要。",
                "如果不是您本人操作，请忽略这封邮件，什么都不会改变。",
            ),
        ),
        EMAIL_CHANGED: Words(
            subject="您的邮箱已更换",
            preheader="这个邮箱不再属于该账号。",
            title="邮箱已更换",
            intro=("账号「{name}」的邮箱已于 {at}（北京时间）更换，以后的邮件会发到新的邮箱。",),
            after=("如果是您本人操作，无需理会。", "如果不是，请立即用手机号登录并修改密码，或联系客服。"),
        ),
        MOBILE_CHANGED: Words(
            subject="您的手机号已更换",
            preheader="原手机号不能再用于登录。",
            title="手机号已更换",
            intro=("账号「{name}」的手机号已于 {at}（北京时间）更换，原手机号不能再用于登录。",),
            after=("如果是您本人操作，无需理会。", "如果不是，请立即在登录页选择「忘记密码」，重新设置密码。"),
        ),
        NEW_DEVICE: Words(
            subject="您的账号在新设备上登录",
            preheader="{device}，{at}（北京时间）。",
            title="新设备登录",
            intro=("账号「{name}」于 {at}（北京时间）在一台以前没有用过的设备上登录：", "{device}{network}"),
            after=(
                "如果是您本人操作，无需理会。",
                "如果不是，请立即在登录页选择「忘记密码」，重新设置密码，所有设备都会退出登录。",
            ),
        ),
        SOCIAL_LINKED: Words(
            subject="您的账号绑定了{provider}",
            preheader="以后可以用{provider}登录。",
            title="已绑定{provider}",
            intro=("账号「{name}」已于 {at}（北京时间）绑定{provider}，以后可以用它登录。",),
            after=(
                "如果是您本人操作，无需理会。",
                "如果不是，请立即登录，在「账户与安全」中解除绑定，并修改密码。",
            ),
        ),
        SOCIAL_UNLINKED: Words(
            subject="您的账号解除了{provider}绑定",
            preheader="以后不能再用{provider}登录。",
            title="已解除{provider}绑定",
            intro=("账号「{name}」已于 {at}（北京时间）解除{provider}绑定，以后不能再用它登录。",),
            after=("如果是您本人操作，无需理会。", "如果不是，请立即在登录页选择「忘记密码」，重新设置密码。"),
        ),
    },
    "en": {
        RECOVERY_CODE: Words(
            subject="Your code to reset your password",
            preheader="The code is valid for {life}.",
            title="Reset your password",
            intro=("You are resetting your password. Please enter this code on the page:",),
            after=(
                "The code is valid for {life} and can be used once. Tell it to nobody; our staff never asks for it.",
                "If this was not you, ignore this mail. Your password stays as it is.",
            ),
        ),
        ACTIVATION_LINK: Words(
            subject="Please verify your e-mail",
            preheader="Open the link to confirm that this mailbox is yours.",
            title="Verify your e-mail",
            intro=("The account “{name}” was registered with this e-mail. If that was you, please confirm it here:",),
            after=(
                "{link_life}",
                "If this was not you, open the same page and choose “This was not me”: "
                "the e-mail is then removed from that account.",
            ),
            button="Verify e-mail",
        ),
        PASSWORD_CHANGED: Words(
            subject="Your password was changed",
            preheader="Every device has been signed out.",
            title="Password changed",
            intro=(
                "The password of the account “{name}” was changed on {at} (Beijing time). "
                "Every device has been signed out.",
            ),
            after=(
                "If this was you, there is nothing to do.",
                "If not, choose “Forgot password” on the sign-in page at once and set a new one.",
            ),
        ),
        NEW_EMAIL_CODE: Words(
            subject="Your code to change your e-mail",
            preheader="The code is valid for {life}.",
            title="Change your e-mail",
            intro=(
                "The account “{name}” is to have this address as its e-mail. If that is you, enter this code on the "
                "page:",
            ),
            after=(
                "The code is valid for {life} and can be used once. Tell it to nobody; our staff never asks for it.",
                "If this was not you, ignore this mail. Nothing changes.",
            ),
        ),
        EMAIL_CHANGED: Words(
            subject="Your e-mail was changed",
            preheader="This mailbox no longer belongs to that account.",
            title="E-mail changed",
            intro=(
                "The e-mail of the account “{name}” was changed on {at} (Beijing time). From now on, mail goes to the "
                "new one.",
            ),
            after=(
                "If this was you, there is nothing to do.",
                "If not, sign in with your mobile at once and change your password, or contact us.",
            ),
        ),
        MOBILE_CHANGED: Words(
            subject="Your mobile was changed",
            preheader="The old number can no longer be used to sign in.",
            title="Mobile changed",
            intro=(
                "The mobile of the account “{name}” was changed on {at} (Beijing time). The old number can no longer "
                "be used to sign in.",
            ),
            after=(
                "If this was you, there is nothing to do.",
                "If not, choose “Forgot password” on the sign-in page at once and set a new one.",
            ),
        ),
        NEW_DEVICE: Words(
            subject="A new device signed in to your account",
            preheader="{device}, {at} (Beijing time).",
            title="New sign-in",
            intro=(
                "Somebody signed in to the account “{name}” on {at} (Beijing time), on a device that was not used "
                "before:",
                "{device}{network}",
            ),
            after=(
                "If this was you, there is nothing to do.",
                "If not, choose “Forgot password” on the sign-in page at once and set a new one: every device is then "
                "signed out.",
            ),
        ),
        SOCIAL_LINKED: Words(
            subject="{provider} was linked to your account",
            preheader="You can sign in with {provider} from now on.",
            title="{provider} linked",
            intro=("{provider} was linked to the account “{name}” on {at} (Beijing time). It can be used to sign in.",),
            after=(
                "If this was you, there is nothing to do.",
                "If not, sign in at once, remove the link under “Account and security”, and change your password.",
            ),
        ),
        SOCIAL_UNLINKED: Words(
            subject="{provider} was removed from your account",
            preheader="{provider} can no longer be used to sign in.",
            title="{provider} removed",
            intro=(
                "The link to {provider} was removed from the account “{name}” on {at} (Beijing time). It can no longer "
                "be used to sign in.",
            ),
            after=(
                "If this was you, there is nothing to do.",
                "If not, choose “Forgot password” on the sign-in page at once and set a new one.",
            ),
        ),
    },
}
