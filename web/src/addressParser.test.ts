import assert from 'node:assert/strict'
import { test } from 'node:test'
import { normalizeText, parseAddress } from './addressParser.ts'
import { loadRegions } from './regions.ts'

const regions = await loadRegions()

/** The name of the region instead of its code, and only the fields that a case is about. */
function read(text: string) {
  const { code, ...fields } = parseAddress(text, regions)
  return { ...fields, region: regions.pathTo(code).map(({ name }) => name).join(' ') }
}

const WANG = {
  receiver: '小王',
  mobile: '18667018590',
  region: '北京市 东城区',
  detail: '珠市口大街珍贝大厦2楼',
  postcode: '100062',
}
const NO_POSTCODE = { ...WANG, postcode: '' }
const XIHU = { receiver: '李娜', mobile: '13800138000', region: '浙江省 杭州市 西湖区', detail: '文三路100号', postcode: '' }

const CASES: [string, string, object][] = [
  ['one line', '小王 18667018590 北京市东城区珠市口大街珍贝大厦2楼 100062', WANG],
  ['commas', '小王，18667018590，北京市东城区珠市口大街珍贝大厦2楼，100062', WANG],
  ['one per line', '小王\n18667018590\n北京市东城区珠市口大街珍贝大厦2楼\n100062', WANG],
  ['line breaks of Windows', '小王\r\n18667018590\r\n北京市东城区\r\n珠市口大街珍贝大厦2楼', NO_POSTCODE],
  ['labels', '收货人：小王\n手机：18667018590\n所在地区：北京市东城区\n详细地址：珠市口大街珍贝大厦2楼\n邮编：100062', WANG],
  ['labels in one line', '收货人:小王 手机号码:18667018590 所在地区:北京市 北京市 东城区 详细地址:珠市口大街珍贝大厦2楼', NO_POSTCODE],
  ['labels without gaps', '收件人：小王手机：18667018590地址：北京市东城区珠市口大街珍贝大厦2楼邮编：100062', WANG],
  ['labels without colons', '收货人 小王 电话 18667018590 地址 北京市东城区珠市口大街珍贝大厦2楼 邮编 100062', WANG],
  ['labels in another order', '邮编：100062\n详细地址：北京市东城区珠市口大街珍贝大厦2楼\n联系电话：18667018590\n姓名：小王', WANG],
  ['labels in brackets', '【收货人】小王\n【手机】18667018590\n【地址】北京市东城区珠市口大街珍贝大厦2楼', NO_POSTCODE],
  ['+86 and dashes', '小王 +86 186-6701-8590 北京市东城区珠市口大街珍贝大厦2楼', NO_POSTCODE],
  ['0086 and spaces', '小王 0086 186 6701 8590 北京市东城区珠市口大街珍贝大厦2楼', NO_POSTCODE],
  ['(86)', '小王 (+86)18667018590 北京市东城区珠市口大街珍贝大厦2楼', NO_POSTCODE],
  ['full-width digits', '小王　１８６６７０１８５９０　北京市东城区珠市口大街珍贝大厦２楼　１０００６２', WANG],
  ['postcode before the number', '北京市东城区珠市口大街珍贝大厦2楼 100062 18667018590 小王', WANG],
  ['number first', '18667018590 小王 北京市东城区珠市口大街珍贝大厦2楼', NO_POSTCODE],
  ['name last', '北京市东城区珠市口大街珍贝大厦2楼 小王 18667018590', NO_POSTCODE],
  ['name and number after the address', '北京市东城区珠市口大街珍贝大厦2楼，18667018590，小王', NO_POSTCODE],
  ['no gaps at all', '小王18667018590北京市东城区珠市口大街珍贝大厦2楼', NO_POSTCODE],
  ['name glued to the end', '北京市东城区珠市口大街珍贝大厦2楼小王18667018590', NO_POSTCODE],
  ['name glued to the region', '小王北京市东城区珠市口大街珍贝大厦2楼 18667018590', NO_POSTCODE],
  ['abbreviated municipality', '小王 18667018590 北京东城区珠市口大街珍贝大厦2楼', NO_POSTCODE],
  ['municipality twice', '小王 18667018590 北京市北京市东城区珠市口大街珍贝大厦2楼', NO_POSTCODE],
  ['市辖区 between', '小王 18667018590 北京市市辖区东城区珠市口大街珍贝大厦2楼', NO_POSTCODE],
  ['country in front', '小王 18667018590 中国北京市东城区珠市口大街珍贝大厦2楼', NO_POSTCODE],
  ['polite words', '你好，请寄到 北京市东城区珠市口大街珍贝大厦2楼，小王收，18667018590，谢谢', NO_POSTCODE],
  ['signs that nobody sees', '小王\u200b 186\u200b67018590 \u202a北京市东城区\u202c珠市口大街珍贝大厦2楼', NO_POSTCODE],

  ['province in full', '李娜 13800138000 浙江省杭州市西湖区文三路100号', XIHU],
  ['province abbreviated', '李娜 13800138000 浙江杭州西湖区文三路100号', XIHU],
  ['province left out', '李娜 13800138000 杭州市西湖区文三路100号', XIHU],
  ['province left out, city abbreviated', '李娜 13800138000 杭州西湖区文三路100号', XIHU],
  ['levels apart', '李娜 13800138000 浙江省 杭州市 西湖区 文三路100号', XIHU],
  ['levels apart and all abbreviated', '李娜 13800138000 浙江 杭州 西湖 文三路100号', XIHU],
  ['slashes between the levels', '李娜 13800138000 浙江省/杭州市/西湖区 文三路100号', XIHU],
]
for (const [name, text, expected] of CASES) test(name, () => assert.deepEqual(read(text), expected))

const REGIONS: [string, string, string][] = [
  ['浙江省义乌市稠城街道', '浙江省 金华市 义乌市', '稠城街道'],
  ['昆山市花桥镇兆丰路1号', '江苏省 苏州市 昆山市', '花桥镇兆丰路1号'],
  ['广东省东莞市虎门镇太平路2号', '广东省 东莞市 虎门镇', '太平路2号'],
  ['广东中山市石岐街道', '广东省 中山市 石岐街道', ''],
  ['上海浦东新区张江路12号', '上海市 浦东新区', '张江路12号'],
  ['重庆市县云阳县双江街道', '重庆市 云阳县', '双江街道'],
  ['海南省省直辖县五指山市通什镇', '海南省 五指山市', '通什镇'],
  ['内蒙古呼和浩特市新城区中山东路', '内蒙古自治区 呼和浩特市 新城区', '中山东路'],
  ['湖北恩施州恩施市施州大道', '湖北省 恩施土家族苗族自治州 恩施市', '施州大道'],
  ['吉林省吉林市船营区解放大路', '吉林省 吉林市 船营区', '解放大路'],
  ['吉林市船营区解放大路', '吉林省 吉林市 船营区', '解放大路'],
  ['香港九龙城区界限街', '香港特别行政区 九龙 九龙城区', '界限街'],
  ['浙江省杭州市西湖文化广场1号', '浙江省 杭州市', '西湖文化广场1号'],
  ['上海市黄浦区南京东路100号', '上海市 黄浦区', '南京东路100号'],
]
for (const [text, region, detail] of REGIONS)
  test(`region of ${text}`, () => {
    const { region: found, detail: rest } = read(`王芳 13912345678 ${text}`)
    assert.deepEqual([found, rest], [region, detail])
  })

test('a street that is called after a city is no region', () => {
  assert.deepEqual(read('小王 18667018590 北京路100号'), { ...NO_POSTCODE, region: '', detail: '北京路100号' })
  assert.equal(read('南京东路3号').region, '')
})

test('a district whose name there is twice is left to the customer', () => {
  assert.deepEqual(read('鼓楼区中山路1号'), { receiver: '', mobile: '', postcode: '', region: '', detail: '鼓楼区中山路1号' })
})

test('what is not there is empty, and nothing of the text is lost', () => {
  const found = read('北京市东城区珠市口大街珍贝大厦 67018590')
  assert.deepEqual(found, { receiver: '', mobile: '', postcode: '', region: '北京市 东城区', detail: '珠市口大街珍贝大厦 67018590' })
  assert.deepEqual(read('小王'), { receiver: '小王', mobile: '', postcode: '', region: '', detail: '' })
  assert.deepEqual(read(' \n '), { receiver: '', mobile: '', postcode: '', region: '', detail: '' })
})

const NUMBERS: [string, string][] = [
  ['010-67018590', '010-67018590'],
  ['电话：010 6701 8590', '010 6701 8590'],
  ['座机：(010)67018590转802', '(010)67018590转802'],
  ['+86 10 67018590', '+86 10 67018590'],
  ['0998-8211234', '0998-8211234'],
  ['0998-8211234-8', '0998-8211234-8'],
  ['400-800-1234', '400-800-1234'],
  ['8008001234', '8008001234'],
]
for (const [text, mobile] of NUMBERS)
  test(`number of ${text}`, () => {
    assert.deepEqual(read(`小王 ${text} 北京市东城区珠市口大街珍贝大厦2楼 100062`), { ...WANG, mobile })
    assert.deepEqual(read(`北京市东城区珠市口大街珍贝大厦2楼 小王 ${text}`), { ...NO_POSTCODE, mobile })
  })

test('a landline beside a mobile stays in the text', () => {
  const found = read('小王 18667018590 010-67018590 北京市东城区珠市口大街珍贝大厦2楼')
  assert.deepEqual([found.mobile, found.detail], ['18667018590', '珠市口大街珍贝大厦2楼 010-67018590'])
})

test('a number of six digits is a postcode only when it stands alone', () => {
  assert.equal(read('小王 18667018590 北京市东城区100062号楼').postcode, '')
  assert.equal(read('小王 18667018590 北京市东城区珠市口大街(100062)').postcode, '100062')
})

test('names of other shapes', () => {
  assert.equal(read('John Smith 18667018590 北京市东城区珠市口大街2楼').receiver, 'John Smith')
  assert.equal(read('收货人：John Smith\n18667018590').receiver, 'John Smith')
  assert.equal(read('阿卜杜拉·买买提 18667018590 新疆喀什市人民东路').receiver, '阿卜杜拉·买买提')
  assert.equal(read('收货人：阿卜杜热依木江·买买提·艾力\n18667018590').receiver, '阿卜杜热依木江·买买提·艾力')
  assert.equal(read('欧阳娜娜 18667018590 北京市东城区珠市口大街2楼').receiver, '欧阳娜娜')
  assert.equal(read('王女士 18667018590 北京市东城区珠市口大街2楼').receiver, '王女士')
  assert.equal(read('小王（收） 18667018590 北京市东城区珠市口大街2楼').receiver, '小王')
  assert.equal(read('李园园 18667018590 北京市东城区珠市口大街2楼').receiver, '李园园')
})

test('plain text keeps its punctuation', () => {
  assert.equal(normalizeText('珍贝大厦（东门）２楼'), '珍贝大厦（东门）2楼')
})
