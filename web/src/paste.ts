import type { Regions } from './regions'

/** What was found in a pasted text; '' for what was not. Nothing of the text is lost: the rest is in `detail`. */
export interface Found {
  receiver: string
  mobile: string
  postcode: string
  /** Of the region, as far down as the text says. */
  code: string
  detail: string
}

const GAP = '[\\s,，;；:：|、。/\\\\>·-]'
const WHO = '收(?:货|件)人(?:姓名)?|联系人|姓名|名字'
const OTHER =
  '(?:手机|电话)(?:号码?)?|联系(?:电话|方式)|收货电话|邮政编码|邮编|所在(?:地区|区域)|省市区|地区|(?:详细|收货|收件|街道|家庭)?地址'
const label = (words: string) => `(?:(?:${words})\\s*[:：]|(?<=^|${GAP})(?:${words})(?=[\\s\\d+]))`
const HAN = '[\\p{Script=Han}·]'
const RECEIVER = new RegExp(
  `${label(WHO)}\\s*(${HAN}{1,10}?(?=$|(?!${HAN}).|\\n|${label(OTHER)})|[A-Za-z][A-Za-z .'-]+)`,
  'u',
)
const LABEL = new RegExp(label(`${WHO}|${OTHER}`), 'gu')
const MOBILE = /(?<!\d)(?:\(?(?:\+|00)?86\)?[\s-]*)?(1[3-9]\d(?:[\s-]?\d){8})(?!\d)/
const POSTCODE = /(?<![\da-z#-])(\d{6})(?![\da-z#号室栋座幢楼弄单-])/i
const PHONE = '☎' // stands where the number was: the name is often beside it
const WORD = /[A-Za-z][A-Za-z.'-]*(?: [A-Za-z][A-Za-z.'-]*)+|[^\s,，;；|。]+/g
const NAME = /^(?:\p{Script=Han}{2,4}|\p{Script=Han}{1,6}(?:先生|女士|小姐|老师|同学|师傅)|\p{Script=Han}+·\p{Script=Han}+|[A-Za-z][A-Za-z .'-]+)$/u
const PLACE_WORD = /[路街道巷弄号楼室层栋幢座苑村镇乡组厦场站店厅院区城口旁内库寓校司府]$|(?<!园)园$|\d/
const NOISE = /^(?:[你您]好|谢谢|请?[寄发送]到?|我?的?地址是?|收|中国|[()（）]+|☎)$/
const SURNAMES =
  '王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文小老阿'
const SURNAMED = new RegExp(`^[${SURNAMES}]`)
const GLUED = new RegExp(`(?<=[\\d楼室号层栋幢座院])[${SURNAMES}]\\p{Script=Han}{1,2}$`, 'u')

/** Text as it can be stored: full-width letters and digits made plain, signs that nobody sees taken out. */
export function plain(text: string): string {
  return text
    .replace(/[０-９Ａ-Ｚａ-ｚ＋－]/g, (one) => String.fromCharCode(one.charCodeAt(0) - 0xfee0))
    .replace(/\p{Cf}/gu, '')
    .replace(/\r\n?/g, '\n')
    .replace(/[^\S\n]|(?!\n)\p{Cc}/gu, ' ')
    .trim()
}

/** Takes a pasted text apart into the fields of an address. */
export function recognise(pasted: string, regions: Regions): Found {
  let text = plain(pasted).replace(/[【】]/g, '\n')
  const take = (what: RegExp, mark = '') => {
    const found = what.exec(text)
    if (found) text = `${text.slice(0, found.index)}\n${mark}\n${text.slice(found.index + found[0].length)}`
    return found?.[1]?.trim() ?? ''
  }
  const labelled = take(RECEIVER)
  text = text.replace(LABEL, '\n')
  const mobile = take(MOBILE, PHONE).replace(/\D/g, '')
  const postcode = take(POSTCODE)
  const place = regions.locate(text)
  const before = words(text.slice(0, place?.start ?? 0))
  const after = words(text.slice(place?.end ?? 0))
  const receiver = labelled || takeName(before, after)
  const detail = [...after, ...before].filter((word) => !NOISE.test(word)).join(' ')
  return { receiver, mobile, postcode, code: place?.code ?? '', detail }
}

function words(text: string): string[] {
  return text.match(WORD) ?? []
}

/** The word that is most likely the name, taken out of its list: near the number, before the region, at the end. */
function takeName(before: string[], after: string[]): string {
  for (const [at, word] of after.entries()) {
    const [name] = (after[at + 1] ?? PHONE) === PHONE ? (GLUED.exec(word) ?? []) : []
    if (name) after.splice(at, 1, word.slice(0, -name.length), name)
  }
  const beside = [before, after].flatMap((list) => {
    const at = list.indexOf(PHONE)
    return at < 0 ? [] : [list[at - 1], list[at + 1]]
  })
  const likely = [...beside, ...before, after.at(-1)].filter((word) => word !== undefined && isName(word, before))
  const name = likely.find((word) => SURNAMED.test(word!)) ?? likely.find((word) => word !== after.at(-1)) ?? likely[0]
  for (const list of [before, after]) if (name && list.includes(name)) list.splice(list.indexOf(name), 1)
  return bare(name ?? '')
}

const bare = (word: string) => word.replace(/[（(]?收[)）]?$/, '')

function isName(word: string, before: string[]): boolean {
  if (!NAME.test(bare(word)) || NOISE.test(word)) return false
  return !PLACE_WORD.test(word) || (before.includes(word) && SURNAMED.test(word))
}
