"""The linter finds planted defects, its memory forgets what changed, and build folders from elsewhere are removed."""

import json
import shutil
import subprocess

import configure
import pytest
import tidy

CLEAN = "namespace storysign::demo {\nint twice(int value) { return 2 * value; }\n}  // namespace storysign::demo\n"
DEFECTS = {
    "readability-identifier-naming": "int TwiceOf(int value) { return 2 * value; }\n",
    "bugprone-integer-division": "double half(int value) { return value / 2; }\n",
    "performance-for-range-copy": "#include <cstddef>\n#include <string>\n#include <vector>\n"
                                  "std::size_t size_of(const std::vector<std::string>& texts) {\n  std::size_t size = 0;\n"
                                  "  for (const std::string text : texts) {\n    size += text.size();\n  }\n  return size;\n}\n",
    "concurrency-mt-unsafe": "#include <cstdlib>\nint roll() { return std::rand(); }\n",
}
needs_tidy = pytest.mark.skipif(shutil.which("clang-tidy-19") is None, reason="clang-tidy-19 is missing; run `make setup`")


def lint(root, folder, text):
    file = folder / "demo.cpp"
    file.write_text(text, encoding="utf-8")
    return subprocess.run(["clang-tidy-19", "--quiet", f"--config-file={root / '.clang-tidy'}", str(file), "--", "-std=c++20"],
                          capture_output=True, text=True, check=False)


@needs_tidy
@pytest.mark.parametrize("check", DEFECTS)
def test_linter_finds(root, tmp_path, check):
    done = lint(root, tmp_path, DEFECTS[check])
    assert done.returncode != 0 and check in done.stdout


@needs_tidy
def test_linter_lets_clean_code_pass(root, tmp_path):
    done = lint(root, tmp_path, CLEAN)
    assert done.returncode == 0, done.stdout


@needs_tidy
def test_memory_of_the_linter(root, tmp_path, monkeypatch):
    """Clean is remembered; a changed header, source, option or configuration is looked at again; findings never are kept."""
    source, header, cache = tmp_path / "demo.cpp", tmp_path / "demo.hpp", tmp_path / "cache"
    cache.mkdir()
    header.write_text("#pragma once\nint twice(int value);\n", encoding="utf-8")
    source.write_text('#include "demo.hpp"\nint twice(int value) { return 2 * value; }\n', encoding="utf-8")
    shutil.copy(root / ".clang-tidy", tmp_path / ".clang-tidy")
    monkeypatch.setattr(tidy, "ROOT", tmp_path)

    def outcome(common="one", option="-DA"):
        tidy.digest_of.cache_clear()
        entry = {"file": str(source), "directory": str(tmp_path), "command": f"c++ {option} -std=c++20 -o demo.o -c demo.cpp"}
        (tmp_path / "compile_commands.json").write_text(json.dumps([entry]), encoding="utf-8")
        return tidy.check(entry, tmp_path, common, cache)[1]

    assert [outcome(), outcome()] == ["clean", "known"]
    assert outcome(option="-DB") == "clean"
    assert outcome(common="two") == "clean"
    header.write_text("#pragma once\n// Twice as much.\nint twice(int value);\n", encoding="utf-8")
    assert [outcome(), outcome()] == ["clean", "known"]
    source.write_text('#include "demo.hpp"\nint twice(int Value) { return 2 * Value; }\n', encoding="utf-8")
    assert [outcome(), outcome()] == ["findings", "findings"]


def cache_text(folder, home, generator="Ninja"):
    return (f"CMAKE_HOME_DIRECTORY:INTERNAL={home}\nCMAKE_CACHEFILE_DIR:INTERNAL={folder}\n"
            f"CMAKE_GENERATOR:INTERNAL={generator}\n")


@pytest.mark.parametrize("text, word", [
    (lambda folder, root: cache_text(folder, root), None),
    (lambda folder, root: cache_text(folder, "/elsewhere"), "made for the sources in /elsewhere"),
    (lambda folder, root: cache_text("/elsewhere/build", root), "made in /elsewhere/build"),
    (lambda folder, root: cache_text(folder, root, "Unix Makefiles"), "another build tool"),
    (lambda folder, root: "garbage", "damaged"),
    (lambda folder, root: cache_text(folder, root) + "CMAKE_CXX_COMPILER:FILEPATH=/no/such/c++\n", "/no/such/c++ is gone"),
])
def test_build_folder_from_elsewhere(tmp_path, text, word):
    cache = tmp_path / "build" / "release" / "CMakeCache.txt"
    cache.parent.mkdir(parents=True)
    cache.write_text(text(cache.parent, tmp_path), encoding="utf-8")
    reason = configure.unusable(cache, tmp_path)
    assert reason is None if word is None else word in reason


@pytest.mark.skipif(shutil.which("cmake") is None or shutil.which("ninja") is None, reason="cmake or ninja is missing")
def test_configure_starts_anew_where_the_cache_is_from_elsewhere(tmp_path, capfd):
    (tmp_path / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.25)\nproject(demo NONE)\n", encoding="utf-8")
    preset = {"name": "release", "generator": "Ninja", "binaryDir": "${sourceDir}/build/release"}
    (tmp_path / "CMakePresets.json").write_text(json.dumps({"version": 6, "configurePresets": [preset]}), encoding="utf-8")
    folder = tmp_path / "build" / "release"
    folder.mkdir(parents=True)
    (folder / "CMakeCache.txt").write_text(cache_text(folder, "/elsewhere"), encoding="utf-8")
    (folder / "stale.o").write_text("", encoding="utf-8")
    assert configure.configure(tmp_path, "release") == 0
    assert "removed, because it was made for the sources in /elsewhere" in capfd.readouterr().out
    assert not (folder / "stale.o").exists() and (folder / "build.ninja").is_file()
    assert configure.configure(tmp_path, "release") == 0
    assert "removed" not in capfd.readouterr().out


def test_configure_starts_anew_where_cmake_cannot_go_on(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "build" / "release"
    folder.mkdir(parents=True)
    (folder / "CMakeCache.txt").write_text(cache_text(folder, tmp_path), encoding="utf-8")
    statuses = iter([1, 0])
    monkeypatch.setattr(configure.subprocess, "run",
                        lambda *args, **kwargs: subprocess.CompletedProcess(args, next(statuses)))
    assert configure.configure(tmp_path, "release") == 0
    assert "could not go on" in capsys.readouterr().out and not folder.exists()
