import type { Regions } from './regions'

/** The fields found in a pasted text; '' for those that were not. All the rest of the text is in `detail`. */
export interface ParsedAddress {
  receiver: string
  mobile: string
  postcode: string
  /** The code of the most specific region that the text names. */
  code: string
  detail: string
}

const GAP = '[\\s,，;；:：|、。/\\\\>·-]'
const RECEIVER_LABELS = '收(?:货|件)人(?:姓名)?|联系人|姓名|名字'
const OTHER_LABELS =
  '(?:手机|(?:固定)?电话|座机|固话)(?:号码?)?|联系(?:电话|方式)|收货电话|邮政编码|邮编|所在(?:地区|区域)|省市区|地区|(?:详细|收货|收件|街道|家庭)?地址'
const label = (labels: string) => `(?:(?:${labels})\\s*[:：]|(?<=^|${GAP})(?:${labels})(?=[\\s\\d+]))`
const HAN = '[\\p{Script=Han}·]'
const RECEIVER = new RegExp(
  `${label(RECEIVER_LABELS)}\\s*(${HAN}{1,40}?(?=$|(?!${HAN}).|\\n|${label(OTHER_LABELS)})|[A-Za-z][A-Za-z .'-]+)`,
  'u',
)
const LABEL = new RegExp(label(`${RECEIVER_LABELS}|${OTHER_LABELS}`), 'gu')
const MOBILE = /(?<!\d)(?:\(?(?:\+|00)?86\)?[\s-]*)?(1[3-9]\d(?:[\s-]?\d){8})(?!\d)/
// Taken where there is no mobile.
const LANDLINE =
  /(?<![\d-])((?:(?:\+|00)86[\s-]*\(?0?|\(?0)(?:10|2\d|[3-9]\d\d)\)?[\s-]?[2-9]\d{2,3}[\s-]?\d{4}(?:(?:\s*(?:转|轉|分机|#|ext\.?)\s*|-)\d{1,6})?)(?!\d)/i
const TOLL_FREE = /(?<![\da-z#-])([48]00[\s-]?\d{3}[\s-]?\d{4}(?:(?:\s*(?:转|轉|分机|#)\s*|-)\d{1,6})?)(?!\d)/i
const POSTCODE = /(?<![\da-z#-])(\d{6})(?![\da-z#号室栋座幢楼弄单-])/i
const MOBILE_MARK = '☎' // replaces the number: the name is often beside it
const WORD = /[A-Za-z][A-Za-z.'-]*(?: [A-Za-z][A-Za-z.'-]*)+|[^\s,，;；|。]+/g
const NAME = /^(?:\p{Script=Han}{2,4}|\p{Script=Han}{1,6}(?:先生|女士|小姐|老师|同学|师傅)|\p{Script=Han}+(?:·\p{Script=Han}+)+|[A-Za-z][A-Za-z .'-]+)$/u
const ADDRESS_WORD = /[路街道巷弄号楼室层栋幢座苑村镇乡组厦场站店厅院区城口旁内库寓校司府]$|(?<!园)园$|\d/
const NOISE = /^(?:[你您]好|谢谢|请?[寄发送]到?|我?的?地址是?|收|中国|[()（）]+|☎)$/
const SURNAMES =
  '王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文小老阿'
const BEGINS_WITH_SURNAME = new RegExp(`^[${SURNAMES}]`)
const TRAILING_NAME = new RegExp(`(?<=[\\d楼室号层栋幢座院])[${SURNAMES}]\\p{Script=Han}{1,2}$`, 'u')

/** Text as it is stored: without full-width letters and digits and without invisible characters. */
export function normalizeText(text: string): string {
  return text
    .replace(/[０-９Ａ-Ｚａ-ｚ＋－]/g, (char) => String.fromCharCode(char.charCodeAt(0) - 0xfee0))
    .replace(/\p{Cf}/gu, '')
    .replace(/\r\n?/g, '\n')
    .replace(/[^\S\n]|(?!\n)\p{Cc}/gu, ' ')
    .trim()
}

/** Parses a pasted text into the fields of an address. */
export function parseAddress(pasted: string, regions: Regions): ParsedAddress {
  let text = normalizeText(pasted).replace(/[【】]/g, '\n')
  const extract = (pattern: RegExp, mark = '') => {
    const match = pattern.exec(text)
    if (match) text = `${text.slice(0, match.index)}\n${mark}\n${text.slice(match.index + match[0].length)}`
    return match?.[1]?.trim() ?? ''
  }
  const labelledReceiver = extract(RECEIVER)
  text = text.replace(LABEL, '\n')
  const mobile =
    extract(MOBILE, MOBILE_MARK).replace(/\D/g, '') || extract(LANDLINE, MOBILE_MARK) || extract(TOLL_FREE, MOBILE_MARK)
  const postcode = extract(POSTCODE)
  const region = regions.findIn(text)
  const before = splitWords(text.slice(0, region?.start ?? 0))
  const after = splitWords(text.slice(region?.end ?? 0))
  const receiver = labelledReceiver || extractName(before, after)
  const detail = [...after, ...before].filter((word) => !NOISE.test(word)).join(' ')
  return { receiver, mobile, postcode, code: region?.code ?? '', detail }
}

function splitWords(text: string): string[] {
  return text.match(WORD) ?? []
}

/** Removes and returns the most likely name: near the number, before the region or at the end. */
function extractName(before: string[], after: string[]): string {
  for (const [index, word] of after.entries()) {
    const [name] = (after[index + 1] ?? MOBILE_MARK) === MOBILE_MARK ? (TRAILING_NAME.exec(word) ?? []) : []
    if (name) after.splice(index, 1, word.slice(0, -name.length), name)
  }
  const beside = [before, after].flatMap((list) => {
    const index = list.indexOf(MOBILE_MARK)
    return index < 0 ? [] : [list[index - 1], list[index + 1]]
  })
  const candidates = [...beside, ...before, after.at(-1)].filter((word) => word !== undefined && isName(word, before))
  const name = candidates.find((word) => BEGINS_WITH_SURNAME.test(word!)) ?? candidates.find((word) => word !== after.at(-1)) ?? candidates[0]
  for (const list of [before, after]) if (name && list.includes(name)) list.splice(list.indexOf(name), 1)
  return stripReceiverMark(name ?? '')
}

const stripReceiverMark = (word: string) => word.replace(/[（(]?收[)）]?$/, '')

function isName(word: string, before: string[]): boolean {
  if (!NAME.test(stripReceiverMark(word)) || NOISE.test(word)) return false
  return !ADDRESS_WORD.test(word) || (before.includes(word) && BEGINS_WITH_SURNAME.test(word))
}
