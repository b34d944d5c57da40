"""The house stands as ARCHITECTURE.md draws it: read from the imports, so that neither can drift."""

import ast
import re
import subprocess
import sys
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


def imports_of(path: Path) -> set[str]:
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
    return found


def own(path: Path) -> set[str]:
    return {module for module in imports_of(path) if module.split(".")[0] in LAYERS}


def third_party(path: Path) -> set[str]:
    return {module.split(".")[0] for module in imports_of(path)}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_run_downwards(path: Path) -> None:
    parts = path.relative_to(ROOT).parts
    for module in own(path):
        target = module.split(".")
        assert LAYERS[target[0]] <= LAYERS[parts[0]], f"{name_of(path)} imports {module}"
        if parts[0] == target[0] == "analysis" and len(parts) > 2 and parts[1] != target[1]:
            assert ROOMS_OF_ANALYSIS[target[1]] < ROOMS_OF_ANALYSIS[parts[1]], (
                f"{name_of(path)} imports {module}"
            )


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_across_folders_name_the_file(path: Path) -> None:
    for module in own(path):
        assert not (ROOT / Path(*module.split("."))).is_dir(), f"{name_of(path)} imports the folder {module}"


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


@pytest.mark.parametrize("path", [p for p in FILES if p.is_relative_to(ROOT / "analysis")], ids=name_of)
def test_analysis_neither_draws_nor_opens_files(path: Path) -> None:
    assert not third_party(path) & {"matplotlib", "seaborn", "jinja2", "pathlib", "os", "io", "pickle"}
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\bopen\(|\.read_(csv|excel|parquet)\(|\.to_(csv|excel|parquet)\(", text)


@pytest.mark.parametrize("path", [p for p in FILES if p.is_relative_to(ROOT / "survey")], ids=name_of)
def test_survey_does_no_modelling(path: Path) -> None:
    assert not third_party(path) & {"statsmodels", "matplotlib", "seaborn", "jinja2"}


@pytest.mark.parametrize("path", [p for p in FILES if p.is_relative_to(ROOT / "reports")], ids=name_of)
def test_reports_compute_nothing_that_a_table_could_cite(path: Path) -> None:
    assert "statsmodels" not in third_party(path)
    assert not imports_of(path) & {"scipy", "scipy.stats"}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_are_named_for_what_they_hold(path: Path) -> None:
    assert path.stem not in FORBIDDEN_NAMES


@pytest.mark.parametrize("path", [p for p in FILES if p.name == "__init__.py"], ids=name_of)
def test_package_files_hold_no_logic(path: Path) -> None:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    assert isinstance(body[0], ast.Expr)
    assert all(isinstance(node, ast.Import | ast.ImportFrom) for node in body[1:])


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_stay_readable(path: Path) -> None:
    assert path.read_text(encoding="utf-8").count("\n") <= 350


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
