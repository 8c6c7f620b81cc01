#!/usr/bin/env python3
"""Makes data/signs.json, the built-in vocabulary, from the word sequences of the shared data.

usage: built_in_signs.py [DATA]

DATA is ../shared/data unless said. Builds and runs bench/built_in_signs.cpp, which chooses prototypes with the same code that
judges learners, prints how each word does when another signer makes it, and keeps the words that do well
(docs/signs.md). The program has to be built again after that: the file is part of it.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main():
    if len(sys.argv) > 2 or sys.argv[1:2] in (["-h"], ["--help"]):
        sys.exit(__doc__)
    data = Path(sys.argv[1] if len(sys.argv) == 2 else ROOT.parent / "shared" / "data")
    if not (data / "words" / "traduttore_sequences.npz").is_file():
        sys.exit(f"there is no words/traduttore_sequences.npz under {data}; say where the shared data is")
    build = ROOT / "build" / "release"
    subprocess.run(["cmake", "--build", build, "--target", "built_in_signs"], check=True)
    subprocess.run([build / "bench" / "built_in_signs", data, ROOT / "data" / "signs.json"], check=True)


if __name__ == "__main__":
    main()
