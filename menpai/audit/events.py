"""Names of events, from OWASP's logging vocabulary.

`authn_code_*` and `sys_gateway_*` follow its pattern.
"""

REGISTERED = "user_created"
LOGIN = "authn_login_success"
LOGIN_FAILED = "authn_login_fail"
STEPPED_UP = "authn_step_up_success"
LOGIN_BLOCKED = "authn_login_fail_max"  # too many wrong passwords: this one was not checked
CODE_SENT = "authn_code_sent"
CODE_FAILED = "authn_code_fail"
CODE_GONE = "authn_code_fail_max"  # too many wrong guesses, used, expired or never sent: the answer is the same
PASSWORD_CHANGED = "authn_password_change"
PASSWORD_CHANGE_FAILED = "authn_password_change_fail"
SESSION_ENDED = "authn_token_revoked"
TOKEN_REUSED = "authn_token_reuse"
USER_UPDATED = "user_updated"
CREATED = "sensitive_create"
UPDATED = "sensitive_update"
DELETED = "sensitive_delete"
THROTTLED = "excess_rate_limit_exceeded"
ADMIN_READ = "sensitive_read"
ADMIN_ACTION = "authz_admin"
ACCESS_REFUSED = "authz_fail"
GATEWAY_OPENED = "sys_gateway_open"  # of the circuit breaker: the gateway is not used for a while
GATEWAY_CLOSED = "sys_gateway_closed"
GATEWAY_DOUBTED = "sys_gateway_doubted"

# Their names in the staff admin.
NAMES = {
    REGISTERED: "注册",
    LOGIN: "登录",
    STEPPED_UP: "再次确认身份",
    LOGIN_FAILED: "登录失败",
    LOGIN_BLOCKED: "登录失败过多",
    CODE_SENT: "发送验证码",
    CODE_FAILED: "验证码错误",
    CODE_GONE: "验证码已失效",
    PASSWORD_CHANGED: "修改密码",
    PASSWORD_CHANGE_FAILED: "原密码错误",
    SESSION_ENDED: "结束登录",
    TOKEN_REUSED: "旧令牌被重复使用",
    USER_UPDATED: "修改账号",
    CREATED: "新增",
    UPDATED: "修改",
    DELETED: "删除",
    THROTTLED: "过于频繁",
    ADMIN_READ: "员工查看",
    ADMIN_ACTION: "员工操作",
    ACCESS_REFUSED: "拒绝访问",
    GATEWAY_OPENED: "短信通道暂停",
    GATEWAY_CLOSED: "短信通道恢复",
    GATEWAY_DOUBTED: "短信通道到达率低",
}
