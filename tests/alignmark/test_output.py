import os
from pathlib import Path

import pytest

from alignmark.output import output_problems, whole_folder
from survey.problems import InputError
from survey.whole_file import write_whole


def write_outputs(target: Path, text: str) -> None:
    with whole_folder(target) as folder:
        (folder / "tables").mkdir()
        (folder / "tables" / "a.csv").write_text(text, encoding="utf-8")
        (folder / "manifest.json").write_text(text, encoding="utf-8")


def write_half(target: Path, fault: type[BaseException]) -> None:
    with whole_folder(target) as folder:
        (folder / "manifest.json").write_text("half", encoding="utf-8")
        raise fault


def everything(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}


def complaint(target: Path) -> str:
    (problem,) = output_problems(target)
    with pytest.raises(InputError), whole_folder(target):
        pytest.fail("a refused folder was given out")
    return str(problem)


def test_a_new_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    write_outputs(tmp_path / "a" / "b" / "out", "new")
    assert everything(tmp_path) == {"a/b/out/manifest.json": "new", "a/b/out/tables/a.csv": "new"}


def test_an_earlier_output_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "out"
    write_outputs(target, "old")
    (target / "report.html").write_text("old", encoding="utf-8")
    write_outputs(target, "new")
    assert everything(tmp_path) == {"out/manifest.json": "new", "out/tables/a.csv": "new"}


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write_outputs(tmp_path / "out", "new")
    assert everything(tmp_path / "out")["manifest.json"] == "new"


@pytest.mark.parametrize("fault", [RuntimeError, KeyboardInterrupt, SystemExit, OSError])
def test_a_crash_leaves_the_old_folder_and_nothing_else(tmp_path: Path, fault: type[BaseException]) -> None:
    target = tmp_path / "out"
    write_outputs(target, "old")
    with pytest.raises(fault):
        write_half(target, fault)
    assert everything(tmp_path) == {"out/manifest.json": "old", "out/tables/a.csv": "old"}


def test_a_crash_of_a_first_run_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        write_half(tmp_path / "a" / "out", RuntimeError)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_exchange_puts_the_old_folder_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "out"
    write_outputs(target, "old")
    rename = os.rename

    def fails_for_the_new(source: Path, to: Path) -> None:
        if source.name.endswith(".partial"):
            raise OSError(28, "No space left on device")
        rename(source, to)

    monkeypatch.setattr("alignmark.output.os.rename", fails_for_the_new)
    with pytest.raises(OSError, match="No space"):
        write_outputs(target, "new")
    assert everything(tmp_path) == {"out/manifest.json": "old", "out/tables/a.csv": "old"}


@pytest.mark.parametrize("moved", [True, False], ids=["killed between the two moves", "killed while writing"])
def test_the_next_run_recovers_what_a_killed_one_left(tmp_path: Path, *, moved: bool) -> None:
    target, partial, previous = (tmp_path / name for name in ("out", ".out.partial", ".out.previous"))
    write_outputs(target, "old")
    partial.mkdir()
    (partial / "manifest.json").write_text("half", encoding="utf-8")
    if moved:
        target.rename(previous)
    with pytest.raises(RuntimeError):
        write_half(target, RuntimeError)
    assert everything(tmp_path) == {"out/manifest.json": "old", "out/tables/a.csv": "old"}
    write_outputs(target, "new")
    assert everything(tmp_path) == {"out/manifest.json": "new", "out/tables/a.csv": "new"}


def test_a_folder_with_other_files_is_refused_by_their_names(tmp_path: Path) -> None:
    for name in ("a.docx", "b.docx", "c.docx", "d.docx"):
        (tmp_path / name).write_text("mine", encoding="utf-8")
    said = complaint(tmp_path)
    assert "holds what no run of alignmark wrote (a.docx, b.docx, c.docx and 1 more)" in said
    assert "Allowed: an empty, new or earlier output folder. To do: name another folder by --out" in said
    assert len(everything(tmp_path)) == 4


@pytest.mark.parametrize("name", ["notes.docx", "tables/notes.docx", "data/2025.csv"])
def test_what_someone_put_into_an_earlier_output_is_not_lost(tmp_path: Path, name: str) -> None:
    write_outputs(tmp_path / "out", "old")
    (tmp_path / "out" / name).parent.mkdir(exist_ok=True)
    (tmp_path / "out" / name).write_text("mine", encoding="utf-8")
    assert name.split("/", maxsplit=1)[0] in complaint(tmp_path / "out")
    assert everything(tmp_path / "out")[name] == "mine"


def test_files_of_the_file_manager_do_not_count(tmp_path: Path) -> None:
    write_outputs(tmp_path / "out", "old")
    (tmp_path / "out" / ".DS_Store").write_bytes(b"\0")
    assert output_problems(tmp_path / "out") == []


def test_a_file_is_refused_also_as_a_parent(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    for target in (tmp_path / "out", tmp_path / "out" / "deeper" / "still"):
        assert (
            complaint(target)
            == f"{tmp_path / 'out'}: is a file; the output needs a folder. To do: name another folder by --out"
        )


def test_the_folder_behind_a_link_is_replaced_and_the_link_stays(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    write_outputs(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert everything(tmp_path / "real")["manifest.json"] == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "real"]


def test_a_relative_name_without_a_last_part_is_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert "notes.txt" in complaint(Path())


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to the superuser")
def test_a_folder_without_permission_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        assert "you have no permission" in complaint(tmp_path / "out")
    finally:
        tmp_path.chmod(0o700)


def test_a_full_disk_names_the_folder(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space") as stopped, whole_folder(tmp_path / "out"):
        raise OSError(28, "No space left on device")
    assert stopped.value.filename == str(tmp_path / "out")


def test_a_file_is_whole_or_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text("before", encoding="utf-8")

    def full(beside: Path) -> None:
        beside.write_text("half", encoding="utf-8")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space") as stopped:
        write_whole(path, full)
    assert stopped.value.filename == str(path)
    assert [(each.name, each.read_text(encoding="utf-8")) for each in tmp_path.iterdir()] == [
        ("a.html", "before")
    ]
