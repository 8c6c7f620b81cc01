"""What the benches that drive a worker process share: decoded frames in a file, the process, and the spread of its figures."""
import json
import pathlib
import statistics
import subprocess
import sys


def decode(clip, folder):
    """Raw RGB frames of a clip in a file; (file, width, height)."""
    probe = subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=width,height", "-of", "csv=p=0", clip],
        check=True, capture_output=True, text=True)
    width, height = probe.stdout.strip().split(",")[:2]
    raw = pathlib.Path(folder) / (clip.stem + ".rgb")
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", clip, "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", raw], check=True)
    return raw, int(width), int(height)


class Worker:
    def __init__(self, command):
        self.process = subprocess.Popen([str(c) for c in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def run(self, job):
        print(*job, file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.process.args[0]} ended with status {self.process.wait()}")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def spread(values):
    ordered = sorted(values)
    at = lambda q: ordered[min(len(ordered) - 1, int(q * len(ordered)))]
    return statistics.median(ordered), at(0.1), at(0.9)
