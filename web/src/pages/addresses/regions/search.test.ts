import assert from 'node:assert/strict'
import { test } from 'node:test'
import { searchRegions } from './search.ts'
import { buildRegions, type RegionNode } from './tree.ts'

const node = (code: string, name: string, pinyin: string, children: RegionNode[] = []): RegionNode => {
  const level = code.endsWith('0000') ? 'province' : code.endsWith('00') ? 'city' : 'county'
  return { code, name, level, pinyin, children }
}
const REGIONS = buildRegions(
  [
    node('110000', '北京市', 'bei jing', [node('110105', '朝阳区', 'chao yang')]),
    node('330000', '浙江省', 'zhe jiang', [
      node('330100', '杭州市', 'hang zhou', [
        node('330102', '上城区', 'shang cheng'),
        node('330110', '余杭区', 'yu hang'),
        node('330114', '钱塘区', 'qian tang'),
      ]),
    ]),
    node('440000', '广东省', 'guang dong', [node('441900', '东莞市', 'dong guan')]),
  ],
  [{ code: '330104', name: '江干区', pinyin: 'jiang gan', until: '2021-12-31', now: ['330102', '330114'] }],
)
const find = (typed: string) =>
  searchRegions(typed, REGIONS).map(({ path, former }) => `${former ? `${former.name}→` : ''}${path.at(-1)!.name}`)

const FOUND: Record<string, string[]> = {
  余杭: ['余杭区'],
  杭州余杭: ['余杭区'],
  浙江省杭州市余: ['余杭区'],
  '杭州 上城区': ['上城区'],
  杭州: ['杭州市'],
  朝: ['朝阳区'],
  yuhang: ['余杭区'],
  yuhangqu: ['余杭区'],
  hzyh: ['余杭区'],
  hangzhouyuh: ['余杭区'],
  'Hang zhou': ['杭州市'],
  dg: ['东莞市'],
  gddg: ['东莞市'],
  江干: ['江干区→上城区', '江干区→钱塘区'],
  杭州江干区: ['江干区→上城区', '江干区→钱塘区'],
  jg: ['江干区→上城区', '江干区→钱塘区'],
  330110: ['余杭区'],
  330110007: ['余杭区'],
  330104: ['江干区→上城区', '江干区→钱塘区'],
  不存在: [],
  zzz: [],
  ' ': [],
}

for (const [typed, found] of Object.entries(FOUND))
  test(`"${typed}" finds ${found.join(', ') || 'nothing'}`, () => assert.deepEqual(find(typed), found))

test('a whole name comes before the beginning of another', () => assert.equal(find('shang')[0], '上城区'))
