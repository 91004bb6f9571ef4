"""Warnings about an address: where each is due, and where none is.

A line is `province|city|county|detail`, or one text of the first generation; a blank level is one that was left out.
"""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from menpai.addresses import checks, region_names, regions
from menpai.addresses.regions import Region

pytestmark = pytest.mark.once("text knows no engine")


@dataclass
class Fields:
    """What the checks read of an address."""

    address: str = ""
    province: str = ""
    city: str = ""
    county: str = ""
    town: str = ""
    detail: str = ""
    region_code: str | None = None
    postcode: str | None = ""
    mobile: str = "13800138000"


def fields(line: str, **more: str) -> Fields:
    parts = line.split("|")
    if len(parts) == 1:
        return Fields(address=line, **more)
    return Fields("".join(parts), *parts[:3], detail=parts[3], **more)


def codes(line: str, **more: str) -> list[str]:
    return [warning.code for warning in checks.check(fields(line, **more))]


OUTDATED = """
浙江省|杭州市|江干区|凯旋路1号 → 上城区 钱塘区 2021
浙江省|杭州市|下城区|体育场路1号 → 拱墅区 2021
浙江省|杭州市|富阳市|桂花路1号 → 富阳区 2014
北京市||崇文区|珠市口大街2号 → 东城区 2010
北京市|市辖区|宣武区|广安门内大街1号 → 西城区 2010
上海市|上海市|闸北区|天目西路1号 → 静安区 2015
上海市||卢湾区|淮海中路1号 → 黄浦区 2011
山东省|莱芜市|莱城区|鲁中大街1号 → 莱芜区 2018
湖北省|襄樊市|襄城区|檀溪路1号 → 襄城区 2010
湖北省|襄阳市|襄阳区|航空路1号 → 襄州区 2010
江苏省|苏州市|吴江市|流虹路1号 → 吴江区 2012
江苏省|南京市|下关区|中山北路1号 → 鼓楼区 2013
广东省|广州市|增城市|荔城街1号 → 增城区 2014
天津市||塘沽区|解放路1号 → 滨海新区 2009
安徽省|巢湖市|居巢区|东风路1号 → 巢湖市 2011
重庆市||綦江县|九龙大道1号 → 綦江区 2011
河北省|唐山市|唐海县|垦丰大街1号 → 曹妃甸区 2012
浙江省杭州市江干区凯旋路1号 → 上城区 钱塘区 2021
浙江杭州富阳市桂花路1号 → 富阳区 2014
上海市闸北区天目西路1号 → 静安区 2015
湖北省襄樊市襄城区檀溪路1号 → 襄城区 2010
山东莱芜市莱城区鲁中大街1号 → 莱芜区 2018
福建省|三明市|沙县|府前路1号 → 沙县区 2021
"""
OPEN = """
江苏省||鼓楼区|中山北路1号
北京路1号
杭州路1号院
火星省|火星市|火星区|环形山1号
浙江省|杭洲市|余杭区|文一西路1号
浙江省|杭州市|余航区|文一西路1号
广东省|深圳市|南三区|科技园1号
浙江省|抗州市||文一西路1号
浙江|杭州市|东江区|文一西路1号
四川省|成都市|武候区|天府大道1号
江西省||东湖县|八一大道1号
河北省||桥西区|中山路1号
||鼓楼区|中山路1号
||朝阳区|建国路1号
老街12号
中山路88号3单元201室
鼓楼区中山路1号
人民路1号
"""
ELSEWHERE = """
浙江省|杭州市|吴兴区|凤凰路1号 → 湖州市
浙江省|宁波市|余杭区|文一西路1号 → 杭州市
江苏省|南京市|昆山市|前进路1号 → 苏州市
江苏省|无锡市|常熟市|海虞路1号 → 苏州市
广东省|广州市|南山区|科技园1号 → 深圳市
广东省|深圳市|天河区|天河路1号 → 广州市
四川省|绵阳市|武侯区|人民南路1号 → 成都市
湖北省|宜昌市|武昌区|中山路1号 → 武汉市
湖南省|株洲市|岳麓区|麓山路1号 → 长沙市
山东省|济南市|市南区|香港中路1号 → 青岛市
福建省|厦门市|鲤城区|中山路1号 → 泉州市
陕西省|咸阳市|雁塔区|小寨路1号 → 西安市
河南省|洛阳市|金水区|花园路1号 → 郑州市
北京市||浦东新区|世纪大道1号 → 上海市
上海市||海淀区|中关村大街1号 → 北京市
浙江省杭州市吴兴区凤凰路1号 → 湖州市
广东省广州市南山区科技园1号 → 深圳市
"""
UNFINISHED = """
浙江省|杭州市||文一西路969号
浙江省|||文一西路969号
广东省|深圳市||科技园1号
江苏省|苏州市||人民路1号
北京市|||珠市口大街2号
北京市|北京市||珠市口大街2号
上海市|市辖区||世纪大道1号
四川省|||天府大道1号
内蒙古自治区|呼和浩特市||新华大街1号
新疆|乌鲁木齐市||北京路1号
重庆市|||解放碑1号
湖北|武汉||中山路1号
湖北省|恩施土家族苗族自治州||航空大道1号
浙江省杭州市文一西路969号
广东深圳科技园1号
江苏省人民路1号
"""
NUMBERLESS = """
浙江省|杭州市|余杭区|文一西路
北京市||东城区|珠市口大街
北京市||朝阳区|建国门外大街路北
上海市||浦东新区|世纪大道
上海市||静安区|南京西路旁边的巷子
广东省|深圳市|南山区|科技园南区
江苏省|苏州市|姑苏区|观前街
四川省|成都市|武侯区|阳光花园
四川省|成都市|武侯区|锦绣家园小区
湖北省|武汉市|武昌区|水岸星城
陕西省|西安市|雁塔区|紫薇花园
浙江省|宁波市|鄞州区|曹杨新村
河南省|郑州市|金水区|文化路与农科路交叉口
山东省|青岛市|市南区|三环路
天津市||和平区|五大道
湖南省|长沙市|岳麓区|107国道旁
北京市||海淀区|学院路
北京市||海淀区|中关村大街
广东省|广州市|天河区|体育西路
广东省|广州市|番禺区|大学城南路
浙江省|杭州市|西湖区|翠苑社区
浙江省|杭州市|西湖区|机场路旁边
江苏省|南京市|建邺区|碧水湾花园
江苏省|南京市|建邺区|龙湖天鹅湾
浙江省杭州市余杭区文一西路
"""
REPEATED = """
浙江省|杭州市|余杭区|浙江省杭州市余杭区文一西路1号
浙江省|杭州市|余杭区|杭州市余杭区文一西路1号
浙江省|杭州市|余杭区|余杭区文一西路1号
浙江省|杭州市|余杭区|杭州市文一西路1号
北京市||东城区|北京市东城区珠市口大街2号
北京市|市辖区|东城区|东城区珠市口大街2号
北京市|北京市|东城区|北京市珠市口大街2号
上海市||浦东新区|上海浦东新区世纪大道1号
广东省|深圳市|南山区|广东深圳南山区科技园1号
广东省|东莞市||广东省东莞市长安镇1号
江苏省|苏州市|昆山市|昆山市前进路1号
四川省|成都市|武侯区|四川省 成都市 武侯区 人民南路1号
湖北省||仙桃市|湖北省仙桃市宏达路1号
内蒙古自治区|呼和浩特市|新城区|呼和浩特市新城区新华大街1号
新疆维吾尔自治区|伊犁哈萨克自治州|伊宁市|伊宁市解放路1号
浙江省|杭州市|余杭区|余杭区余杭街道文一西路1号
"""
POSTCODES = """
浙江省|杭州市|余杭区|文一西路1号|100000
北京市||东城区|珠市口大街2号|310000
上海市||浦东新区|世纪大道1号|100062
广东省|深圳市|南山区|科技园1号|618000
江苏省|苏州市|姑苏区|人民路1号|310012
四川省|成都市|武侯区|人民南路1号|410000
湖北省|武汉市|武昌区|中山路1号|330000
湖南省|长沙市|岳麓区|麓山路1号|430000
重庆市||渝中区|解放碑1号|610000
陕西省|西安市|雁塔区|小寨路1号|810000
福建省|厦门市|思明区|中山路1号|510000
天津市||和平区|南京路1号|100000
海南省|海口市|龙华区|龙昆北路1号|510000
西藏自治区|拉萨市|城关区|北京中路1号|610000
浙江省杭州市余杭区文一西路1号|||200000
"""
# Nothing is to be said of these.
CLEAN = """
浙江省|杭州市|余杭区|文一西路969号
浙江|杭州|余杭|文一西路969号
浙江省|杭州市|余杭区|仓前街道菜鸟驿站
浙江省|杭州市|西湖区|浙江大学紫金港校区
浙江省|杭州市|上城区|杭州市第一人民医院
浙江省|杭州市|西湖区|西湖区政府
浙江省|杭州市|西湖区|杭州大厦 1 号
浙江省|杭州市|滨江区|余杭路1号
浙江省|杭州市|钱塘新区|江东大道1号
浙江省|宁波市|高新区|扬帆路1号
浙江省|杭州市|富阳区|富春街道桂花路五号
浙江省|杭州市|桐庐县|李家村
北京市|北京市|东城区|珠市口大街甲2号
北京市|市辖区|东城区|珠市口大街2楼
北京市||海淀区|清华大学
北京|北京|海淀|中关村三小
北京市|北京城区|朝阳区|望京SOHO塔1A座
上海市|上海市|浦东新区|世纪大道100弄
上海市|上海城区|浦东新区|迪士尼乐园酒店
重庆市|县|云阳县|滨江路1号
重庆市|重庆郊县|云阳县|青龙街道一组
重庆市|重庆市|渝中区|解放碑八一路3栋
天津市||滨海新区|塘沽解放路1号
广东省|东莞市||长安镇莲峰路1号
广东省|东莞市|长安镇|莲峰路1号
广东省|东莞市|东莞市|长安镇莲峰路1号
广东省|中山市|小榄镇|新华路1号
海南省|儋州市||那大镇中兴大街1号
甘肃省|嘉峪关市||新华路1号
湖北省||仙桃市|宏达路1号
湖北省|仙桃市||宏达路1号
湖北省|仙桃市|仙桃市|宏达路1号
湖北省|省直辖县级行政区划|潜江市|章华路1号
新疆维吾尔自治区||石河子市|北三路21小区
新疆维吾尔自治区|自治区直辖县级行政区划|石河子市|北三路21号
新疆|伊犁州|伊宁市|解放路1号
新疆|巴音郭楞州|库尔勒市|人民路1号
内蒙古|呼和浩特|新城区|新华大街1号
内蒙|兴安盟|科尔沁右翼前旗|人民路1号
广西|南宁市|青秀区|民族大道1号
广西省|桂林市|恭城县|恭城路1号
宁夏|银川市|兴庆区|解放街1号
吉林省|延边州|延吉市|人民路1号
贵州省|贵阳市|观山湖区|金阳路1号
江苏省|苏州市|昆山市|玉山镇前进路1号
江苏省|苏州市|工业园区|星湖街1号
江苏省|苏州市|苏州工业园区|星湖街1号
江苏省|昆山市||前进路1号
四川省|成都市|高新区|天府大道北段1700号
四川省|成都市|天府新区|天府大道1号
陕西省|西安市|曲江新区|雁塔南路1号
广东省|深圳市||大鹏新区葵涌街道金业路1号
广东省|深圳市|大鹏新区|葵涌街道金业路1号
河北省|保定市|雄安新区|容城县1号
山东省|青岛市|其它区|香港中路1号
香港特别行政区|九龙|油尖旺区|弥敦道1号
香港|||弥敦道1号
澳门特别行政区|澳门半岛||新马路1号
台湾省|台北市|大安区|忠孝东路1号
台湾|台北市||忠孝东路四段1号
安徽省|巢湖市||东风路1号
河南省|信阳市|固始县|张庄
湖北省|武汉市|武昌区|铁路局宿舍
湖北省|武汉市|武昌区|学院路派出所
湖北省|武汉市|黄陂区|木兰乡李家湾
湖北省|武汉市|武昌区|中山路与解放路口便利店
江苏省|南京市|建邺区|江东街道居委会
云南省|昆明市|五华区|翠湖宾馆
湖南省|长沙市|岳麓区|中南大学湘雅三医院
福建省|厦门市|思明区|中山路沃尔玛超市
浙江省杭州市余杭区文一西路969号
浙江杭州余杭区文一西路969号
北京市东城区珠市口大街2楼
北京东城区珠市口大街2号
北京市北京市东城区珠市口大街2号
上海浦东新区世纪大道1号
广东省东莞市长安镇莲峰路1号
湖北省仙桃市宏达路1号
杭州市余杭区文一西路969号
江苏省昆山市前进路1号
内蒙古呼和浩特市新城区新华大街1号
河北唐山路南区新华道1号
浙江台州路桥区银座街1号
山东济南市中区经十路1号
吉林市昌邑区江湾路1号
海南藏族自治州共和县青海湖大街1号
河北|承德|承德|下板城镇1号
江西|南昌|南昌|莲塘镇1号
浙江||余杭|文一西路969号
"""
CLEAN_POSTCODES = """
浙江省|杭州市|余杭区|文一西路1号|311121
北京市||东城区|珠市口大街2号|100062
内蒙古自治区|兴安盟|乌兰浩特市|兴安路1号|137400
内蒙古自治区|赤峰市|红山区|钢铁街1号|024000
黑龙江省|哈尔滨市|南岗区|红军街1号|150001
西藏自治区|拉萨市|城关区|北京中路1号|850000
重庆市||万州区|高笋塘1号|404000
香港特别行政区|||弥敦道1号|999077
台湾省|台北市||忠孝东路1号|106
浙江省|杭州市|余杭区|文一西路1号|000000
浙江省|杭州市|余杭区|文一西路1号|EC1A
浙江省|杭州市|余杭区|文一西路1号|
"""


def lines(table: str) -> list[str]:
    return table.strip().splitlines()


@pytest.mark.parametrize("line", lines(OUTDATED))
def test_a_region_that_is_outdated(line: str) -> None:
    typed, expected = line.split(" → ")
    *names, year = expected.split()
    [warning] = checks.check(fields(typed))
    assert (warning.code, [place.name for place in warning.now]) == ("region_outdated", names)
    assert warning.since == int(year)
    assert warning.was in typed
    assert all([step.name for step in place.path][-1] == place.name for place in warning.now)


@pytest.mark.parametrize("line", lines(OPEN))
def test_a_region_that_is_open(line: str) -> None:
    assert codes("|".join(line.split("|")[:4])) == ["region_open"]


@pytest.mark.parametrize("line", lines(ELSEWHERE))
def test_a_county_that_lies_elsewhere(line: str) -> None:
    typed, city = line.split(" → ")
    [warning] = checks.check(fields(typed))
    assert warning.code == "county_elsewhere"
    assert city in [step.name for place in warning.now for step in place.path]


@pytest.mark.parametrize(
    ("code", "line"),
    [
        *[("region_unfinished", line) for line in lines(UNFINISHED)],
        *[("house_number_missing", line) for line in lines(NUMBERLESS)],
        *[("detail_repeats_region", line) for line in lines(REPEATED)],
    ],
)
def test_a_place_that_is_unfinished_or_repeated(code: str, line: str) -> None:
    assert codes(line) == [code]


@pytest.mark.parametrize("line", lines(POSTCODES))
def test_a_postcode_of_another_province(line: str) -> None:
    *place, postcode = line.split("|")
    typed = "|".join(place) if place[1] or (place[3:] and place[3]) else place[0]
    assert codes(typed, postcode=postcode) == ["postcode_elsewhere"]


MASKED = (
    "138****8000 138****8000-12 138＊＊＊＊8000 1380013**** *******8000 138××××8000 138xxxx8000 138XXXX8000 138●●●●8000"
)
MASKED += " 138····8000 010-****1234 400****1234 +852****4567 138•••8000 138___8000 138….8000"


@pytest.mark.parametrize("mobile", MASKED.split())
def test_a_number_that_is_masked(mobile: str) -> None:
    assert codes("浙江省|杭州市|余杭区|文一西路1号", mobile=mobile) == ["number_masked"]


@pytest.mark.parametrize("mobile", ["", " "])
def test_a_number_that_is_missing(mobile: str) -> None:
    assert codes("浙江省|杭州市|余杭区|文一西路1号", mobile=mobile) == ["number_missing"]


@pytest.mark.parametrize("line", [*lines(CLEAN), *lines(CLEAN_POSTCODES)])
def test_nothing_is_said_in_vain(line: str) -> None:
    parts = line.split("|")
    assert codes("|".join(parts[:4]), postcode=parts[4] if len(parts) > 4 else "") == []


@pytest.mark.parametrize("mobile", ["13800138000", "+85291234567", "010-65551234", "4008001234", "010-65551234-802"])
def test_a_number_of_any_kind_is_whole(mobile: str) -> None:
    assert codes("浙江省|杭州市|余杭区|文一西路1号", mobile=mobile) == []


# ── All of them ──
def names_of(region: Region) -> dict[str, str]:
    return dict.fromkeys(("province", "city", "county"), "") | {each.level: each.name for each in regions.path(region)}


def test_no_region_of_today_is_doubted_in_parts_or_in_one_text() -> None:
    for region in regions.living():
        if regions.children(region.code):
            continue
        names = names_of(region)
        place = "".join(names.values())
        short = region_names.short(names["province"]), region_names.short(names["city"] or names["province"])
        abbreviated = "".join(dict.fromkeys(short)) + names["county"]
        for typed in (Fields(**names), Fields(address=f"{place}1号"), Fields(address=f"{abbreviated}1号")):
            assert checks.check(typed) == [], (typed.address, names)


def test_every_former_county_leads_to_its_heirs() -> None:
    led = []
    for region in regions.former():
        heirs = regions.now(region)
        names = names_of(region)
        warnings = checks.check(Fields(**names))
        if region.level == "county" and region.name not in [heir.name for heir in heirs]:
            assert [warning.code for warning in warnings] == ["region_outdated"], names
            led.append([place.code for place in warnings[0].now] == [heir.code for heir in heirs])
    assert len(led) > 400
    assert sum(led) > 0.99 * len(led), "but for names that went twice"


TEXT = st.text("浙江省杭州市余杭区东莞长安镇香港內蒙古路街12号栋*<> \ue000a", max_size=40)


@settings(deadline=None, derandomize=True)
@given(st.lists(TEXT, min_size=6, max_size=6), st.sampled_from([None, "330103", "330110", "999999"]))
def test_any_text_is_checked(texts: list[str], code: str | None) -> None:
    address, province, city, county, detail, postcode = texts
    typed = Fields(address, province, city, county, "", detail, code, postcode)
    for warning in checks.check(typed):
        assert all(regions.find(place.code).valid_to is None for place in warning.now)  # type: ignore[union-attr]


def test_a_dead_code_tells_where_names_do_not() -> None:
    [warning] = checks.check(fields("Zhejiang|Hangzhou|Jianggan|Kaixuan Lu 1", region_code="330103"))
    assert (warning.code, warning.now[0].code, warning.since) == ("region_outdated", "330105", 2021)
    assert checks.check(fields("Zhejiang|Hangzhou|Yuhang|Wenyi Xilu 969", region_code="330110")) == []
