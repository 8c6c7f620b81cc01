"""Which shared libraries the program asks for, and in which order."""

import re
import subprocess


def test_openvino_brings_its_tbb(program):
    """Both OpenVINO and OpenCV use TBB, and whichever library is loaded first decides which TBB the process gets. With OpenCV's, which is
    the system's, OpenVINO runs on a version that it was not built for."""
    shown = subprocess.run(["readelf", "-d", str(program)], capture_output=True, text=True, timeout=60, check=True).stdout
    needed = re.findall(r"\(NEEDED\).*\[(.+?)\.so", shown)
    assert needed.index("libopenvino") < min(needed.index(name) for name in needed if name.startswith("libopencv")), needed
