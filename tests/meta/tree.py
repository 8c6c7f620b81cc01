"""The files that belong to the project: what git tracks or would track."""

import functools
import subprocess
from pathlib import Path


class Tree:
    """A folder of sources. In a git work tree the files are those of git, elsewhere (made-up trees of tests) all of them."""

    def __init__(self, root):
        self.root = Path(root)

    @functools.cached_property
    def _files(self):
        if (self.root / ".git").exists():
            listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=self.root,
                                    capture_output=True, text=True, check=True).stdout.split("\0")
            return sorted({name for name in listed if name and (self.root / name).is_file()})
        return sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file())

    def files(self, *endings):
        return [name for name in self._files if not endings or name.endswith(endings)]

    def bytes(self, name):
        return (self.root / name).read_bytes()

    def text(self, name):
        return self.bytes(name).decode("utf-8", errors="replace")

    def is_text(self, name):
        return b"\0" not in self.bytes(name)[:8192]
