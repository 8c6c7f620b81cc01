"""Which shared libraries the program loads."""

import subprocess


def test_only_openvino_brings_a_tbb(program):
    """The process gets the TBB that is loaded first. OpenCV brings the system's, on which OpenVINO was not built."""
    shown = subprocess.run(["ldd", str(program)], capture_output=True, text=True, timeout=60, check=True).stdout
    loaded = [line.split("=>")[-1].strip() for line in shown.splitlines()]
    assert not [path for path in loaded if "opencv" in path], shown
    assert all("openvino" in path or "storysign" in path for path in loaded if "libtbb" in path), shown
