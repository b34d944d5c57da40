"""The house stands as ARCHITECTURE.md draws it: read from the imports, so that neither can drift."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LAYERS = {"survey": 0, "analysis": 1, "reports": 2, "alignmark": 3}
ROOMS_OF_ANALYSIS = {"measure": 0, "infer": 1, "explain": 2, "benchmark": 2}
FILES = sorted(path for layer in LAYERS for path in (ROOT / layer).rglob("*.py"))
MODULES = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in FILES}
FORBIDDEN_NAMES = {
    "utils",
    "helpers",
    "core",
    "manager",
    "engine",
    "context",
    "registry",
    "base",
    "common",
    "misc",
}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def imports_of(path: Path) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {node.module or ""}
            found |= {
                f"{node.module}.{alias.name}"
                for alias in node.names
                if f"{node.module}.{alias.name}" in MODULES
            }
    return frozenset(found)


def own(path: Path) -> set[str]:
    return {module for module in imports_of(path) if module.split(".")[0] in LAYERS}


def third_party(path: Path) -> set[str]:
    return {module.split(".")[0] for module in imports_of(path)}


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def within(layer: str) -> list[Path]:
    return [path for path in FILES if path.is_relative_to(ROOT / layer)]


def offenders(paths: Iterable[Path], wrong: Callable[[Path], object]) -> list[str]:
    """Name the files of which something is wrong, all at once: a test for each file would cost far more."""
    return [name_of(path) for path in paths if wrong(path)]


def runs_upwards(path: Path, module: str) -> bool:
    parts, target = path.relative_to(ROOT).parts, module.split(".")
    if parts[0] == target[0] == "analysis" and len(parts) > 2 and parts[1] != target[1]:
        return ROOMS_OF_ANALYSIS[target[1]] >= ROOMS_OF_ANALYSIS[parts[1]]
    return LAYERS[target[0]] > LAYERS[parts[0]]


def test_imports_run_downwards() -> None:
    pairs = [(path, module) for path in FILES for module in own(path)]
    assert [f"{name_of(p)} imports {module}" for p, module in pairs if runs_upwards(p, module)] == []


def test_imports_across_folders_name_the_file() -> None:
    pairs = [(path, module) for path in FILES for module in own(path)]
    folders = [(path, module) for path, module in pairs if (ROOT / Path(*module.split("."))).is_dir()]
    assert [f"{name_of(path)} imports the folder {module}" for path, module in folders] == []


def test_no_circles() -> None:
    graph = {".".join(path.relative_to(ROOT).with_suffix("").parts): own(path) for path in FILES}
    state: dict[str, int] = {}

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert state.get(module) != 1, " -> ".join((*trail, module))
        if module in state:
            return
        state[module] = 1
        for target in graph.get(module, ()):
            visit(target, (*trail, module))
        state[module] = 2

    for module in graph:
        visit(module, ())


def test_analysis_neither_draws_nor_opens_files() -> None:
    heavy = {"matplotlib", "seaborn", "jinja2", "pathlib", "os", "io", "pickle"}
    opening = re.compile(r"\bopen\(|\.read_(csv|excel|parquet)\(|\.to_(csv|excel|parquet)\(")
    assert offenders(within("analysis"), lambda path: third_party(path) & heavy) == []
    assert offenders(within("analysis"), lambda path: opening.search(text_of(path))) == []


def test_survey_does_no_modelling() -> None:
    heavy = {"statsmodels", "matplotlib", "seaborn", "jinja2"}
    assert offenders(within("survey"), lambda path: third_party(path) & heavy) == []


def test_reports_compute_nothing_that_a_table_could_cite() -> None:
    assert offenders(within("reports"), lambda path: "statsmodels" in third_party(path)) == []
    assert offenders(within("reports"), lambda path: imports_of(path) & {"scipy", "scipy.stats"}) == []


def test_files_are_named_for_what_they_hold() -> None:
    assert offenders(FILES, lambda path: path.stem in FORBIDDEN_NAMES) == []


def holds_logic(package: Path) -> bool:
    first, *others = ast.parse(text_of(package)).body
    imports = all(isinstance(node, ast.Import | ast.ImportFrom) for node in others)
    return not (isinstance(first, ast.Expr) and imports)


def test_package_files_hold_no_logic() -> None:
    assert offenders((path for path in FILES if path.name == "__init__.py"), holds_logic) == []


def test_files_stay_readable() -> None:
    assert offenders(FILES, lambda path: text_of(path).count("\n") > 350) == []


def test_rules_can_be_broken() -> None:
    """Each rule finds the fault in a file that has it."""
    regression = ROOT / "analysis" / "explain" / "regression.py"
    assert runs_upwards(regression, "reports.report")
    assert runs_upwards(regression, "analysis.benchmark.classes")
    assert not runs_upwards(regression, "analysis.infer.columns")
    assert holds_logic(regression)
    assert len(within("analysis")) > 100
    assert offenders([regression], lambda path: "numpy" in third_party(path)) == [name_of(regression)]


@pytest.mark.parametrize("package", LAYERS)
def test_packages_resolve_in_this_repository(package: str) -> None:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).is_relative_to(ROOT)


def test_architecture_names_every_file_and_no_other() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:survey|analysis|reports|alignmark)/[\w/]+\.py)`", page))
    files = {name_of(path) for path in FILES if path.name != "__init__.py"}
    assert named == files


def test_help_loads_no_heavy_library() -> None:
    code = (
        "import sys\nfrom alignmark.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'pandas', 'numpy', 'matplotlib', 'statsmodels', 'pydantic'} & set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert answer.stdout.strip().endswith("[]")


def test_the_project_speaks_only_of_itself() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    if listed.returncode:
        pytest.skip("not a git checkout: the list of files is not known")
    machine_path = re.compile(r"(?<![\w./~-])/(home|root|tmp|work|opt|mnt)/[A-Za-z]")
    for name in listed.stdout.split("\n"):
        path = ROOT / name
        if path.suffix in {".py", ".md", ".yaml", ".toml", ".txt", ".ipynb", ".R", ".j2"} and path.is_file():
            text = path.read_text(encoding="utf-8")
            assert not machine_path.search(text), f"{name} holds a path of one machine"
            assert "index-url" not in text or name == "tests/test_house.py", f"{name} names a package index"
