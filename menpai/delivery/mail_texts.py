"""The wording of every mail, in Chinese and English. rendering.py fills it in."""

from dataclasses import dataclass

from menpai.delivery import message_kinds


@dataclass(frozen=True)
class MailText:
    """One mail in one language. `{name}` and the like are filled in; `intro` and `after` are paragraphs."""

    subject: str
    preheader: str
    title: str
    intro: tuple[str, ...]
    after: tuple[str, ...]
    button: str = ""


# Language → kind → text.
MAIL_TEXTS = {
    "zh-hans": {
        message_kinds.RECOVERY_CODE.id: MailText(
            subject="找回密码的验证码",
            preheader="验证码在 {life}内有效。",
            title="找回密码",
            intro=("您正在找回密码。请在页面上输入下面的验证码：",),
            after=(
                "验证码在 {life}内有效，只能使用一次。请不要告诉任何人，我们的工作人员也不会向您索要。",
                "如果不是您本人操作，请忽略这封邮件，您的密码不会改变。",
            ),
        ),
        message_kinds.ACTIVATION_LINK.id: MailText(
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
        message_kinds.PASSWORD_CHANGED.id: MailText(
            subject="您的密码已修改",
            preheader="如果不是您本人操作，请立即重新设置密码。",
            title="密码已修改",
            intro=("账号「{name}」的密码已于 {at}（北京时间）修改。",),
            after=("如果是您本人操作，无需理会。", "如果不是，请立即在登录页选择「忘记密码」，重新设置密码。"),
        ),
        message_kinds.NEW_EMAIL_CODE.id: MailText(
            subject="更换邮箱的验证码",
            preheader="验证码在 {life}内有效。",
            title="更换邮箱",
            intro=("账号「{name}」要把邮箱更换为这个地址。如果是您本人，请在页面上输入下面的验证码：",),
            after=(
                "验证码在 {life}内有效，只能使用一次。请不要告诉任何人，我们的工作人员也不会向您索要。",
                "如果不是您本人操作，请忽略这封邮件，什么都不会改变。",
            ),
        ),
        message_kinds.STEP_UP_CODE.id: MailText(
            subject="确认身份的验证码",
            preheader="验证码在 {life}内有效。",
            title="确认是您本人",
            intro=("账号「{name}」要更改登录方式。如果是您本人，请在页面上输入下面的验证码：",),
            after=(
                "验证码在 {life}内有效，只能使用一次。请不要告诉任何人，我们的工作人员也不会向您索要。",
                "如果不是您本人操作，请立即修改密码，并退出其他设备。",
            ),
        ),
        message_kinds.EMAIL_CHANGED.id: MailText(
            subject="您的邮箱已更换",
            preheader="这个邮箱不再属于该账号。",
            title="邮箱已更换",
            intro=("账号「{name}」的邮箱已于 {at}（北京时间）更换，以后的邮件会发到新的邮箱。",),
            after=("如果是您本人操作，无需理会。", "如果不是，请立即用手机号登录并修改密码，或联系客服。"),
        ),
        message_kinds.MOBILE_CHANGED.id: MailText(
            subject="您的手机号已更换",
            preheader="原手机号不能再用于登录。",
            title="手机号已更换",
            intro=("账号「{name}」的手机号已于 {at}（北京时间）更换，原手机号不能再用于登录。",),
            after=("如果是您本人操作，无需理会。", "如果不是，请立即在登录页选择「忘记密码」，重新设置密码。"),
        ),
        message_kinds.NEW_DEVICE.id: MailText(
            subject="您的账号在新设备上登录",
            preheader="{device}，{at}（北京时间）。",
            title="新设备登录",
            intro=("账号「{name}」于 {at}（北京时间）在一台以前没有用过的设备上登录：", "{device}{network}"),
            after=(
                "如果是您本人操作，无需理会。",
                "如果不是，请立即在登录页选择「忘记密码」，重新设置密码，所有设备都会退出登录。",
            ),
        ),
        message_kinds.SOCIAL_LINKED.id: MailText(
            subject="您的账号绑定了{provider}",
            preheader="以后可以用{provider}登录。",
            title="已绑定{provider}",
            intro=("账号「{name}」已于 {at}（北京时间）绑定{provider}，以后可以用它登录。",),
            after=(
                "如果是您本人操作，无需理会。",
                "如果不是，请立即登录，在「账户与安全」中解除绑定，并修改密码。",
            ),
        ),
        message_kinds.SOCIAL_UNLINKED.id: MailText(
            subject="您的账号解除了{provider}绑定",
            preheader="以后不能再用{provider}登录。",
            title="已解除{provider}绑定",
            intro=("账号「{name}」已于 {at}（北京时间）解除{provider}绑定，以后不能再用它登录。",),
            after=("如果是您本人操作，无需理会。", "如果不是，请立即在登录页选择「忘记密码」，重新设置密码。"),
        ),
    },
    "en": {
        message_kinds.RECOVERY_CODE.id: MailText(
            subject="Your code to reset your password",
            preheader="The code expires in {life}.",
            title="Reset your password",
            intro=("Enter this code on the page to reset your password:",),
            after=(
                "The code expires in {life} and works only once. Don't share it with anyone; our staff will never "
                "ask for it.",
                "If this wasn't you, ignore this email. Your password won't change.",
            ),
        ),
        message_kinds.ACTIVATION_LINK.id: MailText(
            subject="Verify your email address",
            preheader="Open the link to confirm that this email address is yours.",
            title="Verify your email address",
            intro=("Someone registered the account “{name}” with this email address. If it was you, confirm it here:",),
            after=(
                "{link_life}",
                "If it wasn't you, open the same page and choose “Not me”. "
                "We'll remove this email address from that account.",
            ),
            button="Verify email address",
        ),
        message_kinds.PASSWORD_CHANGED.id: MailText(
            subject="Your password was changed",
            preheader="If this wasn't you, reset your password immediately.",
            title="Password changed",
            intro=("The password for the account “{name}” was changed on {at} (Beijing time).",),
            after=(
                "If this was you, you don't need to do anything.",
                "If not, choose “Forgot your password?” on the sign-in page and set a new password immediately.",
            ),
        ),
        message_kinds.NEW_EMAIL_CODE.id: MailText(
            subject="Your code to change your email address",
            preheader="The code expires in {life}.",
            title="Change your email address",
            intro=(
                "Someone asked to make this the email address of the account “{name}”. If it was you, enter this code "
                "on the page:",
            ),
            after=(
                "The code expires in {life} and works only once. Don't share it with anyone; our staff will never "
                "ask for it.",
                "If this wasn't you, ignore this email. Nothing will change.",
            ),
        ),
        message_kinds.STEP_UP_CODE.id: MailText(
            subject="Your code to confirm that it's you",
            preheader="The code expires in {life}.",
            title="Confirm that it's you",
            intro=(
                "Somebody is changing how the account “{name}” signs in. If it's you, enter this code on the page:",
            ),
            after=(
                "The code expires in {life} and works once. Don't share it with anyone. Our staff never ask for it.",
                "If this wasn't you, change your password immediately and sign your other devices out.",
            ),
        ),
        message_kinds.EMAIL_CHANGED.id: MailText(
            subject="Your email address was changed",
            preheader="This address is no longer linked to the account.",
            title="Email address changed",
            intro=(
                "The email address of the account “{name}” was changed on {at} (Beijing time). From now on, we'll send "
                "email to the new address.",
            ),
            after=(
                "If this was you, you don't need to do anything.",
                "If not, sign in with your mobile number and change your password immediately, or contact us.",
            ),
        ),
        message_kinds.MOBILE_CHANGED.id: MailText(
            subject="Your mobile number was changed",
            preheader="The old number can no longer be used to sign in.",
            title="Mobile number changed",
            intro=(
                "The mobile number of the account “{name}” was changed on {at} (Beijing time). The old number can no "
                "longer be used to sign in.",
            ),
            after=(
                "If this was you, you don't need to do anything.",
                "If not, choose “Forgot your password?” on the sign-in page and set a new password immediately.",
            ),
        ),
        message_kinds.NEW_DEVICE.id: MailText(
            subject="New device signed in to your account",
            preheader="{device}, {at} (Beijing time).",
            title="Sign-in on a new device",
            intro=(
                "Someone signed in to the account “{name}” on {at} (Beijing time) from a device that hasn't been used "
                "before:",
                "{device}{network}",
            ),
            after=(
                "If this was you, you don't need to do anything.",
                "If not, choose “Forgot your password?” on the sign-in page and set a new password immediately. "
                "All devices will be signed out.",
            ),
        ),
        message_kinds.SOCIAL_LINKED.id: MailText(
            subject="{provider} was linked to your account",
            preheader="You can now sign in with {provider}.",
            title="{provider} linked",
            intro=(
                "{provider} was linked to the account “{name}” on {at} (Beijing time). You can now sign in with it.",
            ),
            after=(
                "If this was you, you don't need to do anything.",
                "If not, sign in immediately, unlink it under “Account security”, and change your password.",
            ),
        ),
        message_kinds.SOCIAL_UNLINKED.id: MailText(
            subject="{provider} was unlinked from your account",
            preheader="You can no longer sign in with {provider}.",
            title="{provider} unlinked",
            intro=(
                "{provider} was unlinked from the account “{name}” on {at} (Beijing time). It can no longer be used to "
                "sign in.",
            ),
            after=(
                "If this was you, you don't need to do anything.",
                "If not, choose “Forgot your password?” on the sign-in page and set a new password immediately.",
            ),
        ),
    },
}

# Language → the text of an activation mail to whoever has proven the mailbox. It names no account: a stranger chose it.
EMAIL_IN_USE = {
    "zh-hans": MailText(
        subject="有人用您的邮箱注册",
        preheader="您的账号没有任何变化。",
        title="这个邮箱已属于您的账号",
        intro=(
            "有人用这个邮箱注册了新账号。它已属于您现有的账号，新账号不能用它登录，您的账号没有任何变化。",
            "如果是您本人，请直接登录现有账号；忘记密码时，请在登录页选择「忘记密码」。如果不是，请打开下面的页面并选择"
            "「这不是我的」，这个邮箱将与新账号解除关联：",
        ),
        after=("{link_life}",),
        button="打开页面",
    ),
    "en": MailText(
        subject="Someone registered with your email address",
        preheader="Your account hasn't changed.",
        title="This email address already belongs to your account",
        intro=(
            "Someone registered a new account with this email address. It already belongs to your account, so it can't "
            "be used to sign in to the new one. Your account hasn't changed.",
            "If it was you, sign in to the account you already have; if you've forgotten your password, choose “Forgot "
            "your password?” on the sign-in page. If it wasn't you, open this page and choose “Not me”. We'll remove "
            "this email address from the new account:",
        ),
        after=("{link_life}",),
        button="Open the page",
    ),
}
