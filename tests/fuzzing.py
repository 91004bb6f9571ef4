"""`python -m tests.fuzzing TARGET RUNS FOLDER`: one target under atheris, guided by coverage. FOLDER keeps a crash."""

import sys
from pathlib import Path

import atheris


def main() -> None:
    name, runs, folder = sys.argv[1:]
    atheris.enabled_hooks.add("str")
    with atheris.instrument_imports(include=["menpai", "email_validator", "jwt"], enable_loader_override=False):
        import django

        django.setup()
        from tests import fuzz_targets
    target = getattr(fuzz_targets, name)
    seeds = Path(folder, "seeds")
    seeds.mkdir()
    prefix = b"" if name in ("a_body", "a_form") else b"\x00"
    for number, seed in enumerate(fuzz_targets.SEEDS[target]):
        (seeds / str(number)).write_bytes(prefix + seed.encode())
    options = [f"-runs={runs}", "-max_len=512", f"-artifact_prefix={folder}/", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *options, str(seeds)], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
