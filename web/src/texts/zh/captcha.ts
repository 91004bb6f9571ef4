/** Loaded with the dialog. */
export default {
  captcha_title: '安全验证',
  captcha_lead: '请输入图中的 {n} 个数字。看不清可以换一张，也可以听语音。',
  captcha_picture: '验证图片，有 {n} 个数字。看不到图片时请听语音。',
  captcha_loading: '正在加载图片…',
  captcha_label: '图中的数字',
  captcha_other: '换一张',
  captcha_listen: '听语音',
  captcha_listening: '正在播放语音。',
  captcha_listen_failed: '语音没有播放成功，请重试或换一张。',
  captcha_changed: '已换一张图片。',
  captcha_missing: '请输入图中的数字。',
  captcha_short: '请输入全部 {n} 个数字。',
  captcha_submit: '确认',
  captcha_busy: '正在验证…',
  captcha_cancel: '取消',
}
