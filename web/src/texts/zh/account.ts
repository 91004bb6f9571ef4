export default {
  account_mobile: '手机号',
  account_email: '邮箱',
  account_none: '未填写',
  account_verified: '已验证',
  account_unverified: '尚未验证',
  account_email_lead: '我们向这个邮箱发送过激活邮件，打开其中的链接就能激活。激活后，可以用它登录和找回密码。',
  account_more: '更多',
  loading_failed: '没有加载成功',
} as const
