"""Runs MediaPipe Holistic over raw frames on command and reports the CPU time of it; the counterpart of tracker_worker.

usage: mediapipe_worker.py COMPLEXITY
Reads lines "FILE WIDTH HEIGHT" from standard input and answers each with one JSON line. Decoding and drawing are not part of
the time; converting the result for Python is, because nobody gets the landmarks without it.
"""
import json
import sys
import time

import mediapipe
import numpy


def main():
    holistic = mediapipe.solutions.holistic.Holistic(model_complexity=int(sys.argv[1]))
    for line in sys.stdin:
        path, width, height = line.split()
        frames = numpy.fromfile(path, numpy.uint8).reshape(-1, int(height), int(width), 3)
        holistic.reset()
        cpu, wall = time.process_time(), time.perf_counter()
        for frame in frames:
            holistic.process(frame)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        n = len(frames)
        print(json.dumps({"frames": n, "cpu_ms_per_frame": 1e3 * cpu / n, "wall_ms_per_frame": 1e3 * wall / n}), flush=True)


main()
