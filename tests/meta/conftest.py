import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).resolve().parent), str(ROOT / "setup")]

from tree import Tree  # noqa: E402  the path above finds it


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def project():
    """The project itself."""
    return Tree(ROOT)


@pytest.fixture
def made_up(tmp_path):
    """made_up({"src/a/b.hpp": "text"}): a tree of exactly these files."""
    def make(files):
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return Tree(tmp_path)
    return make
