"""Figures and pictures of how well letters are read."""

import numpy as np

from hand_sources import LETTERS, STATIC

CELL = 22
LEFT = 54
TOP = 70


def scores(probability, letter):
    """(hands, top-1, top-3, top-1 among the 24 only) over the letters that stand still; the first two choose among all 26."""
    rows = np.isin(letter, STATIC)
    probability, letter = probability[rows], letter[rows]
    order = np.argsort(-probability, 1)
    top_3 = (order[:, :3] == letter[:, None]).any(1).mean()
    among = np.asarray(STATIC)[probability[:, STATIC].argmax(1)]
    return len(letter), float((order[:, 0] == letter).mean()), float(top_3), float((among == letter).mean())


def confusion(probability, letter):
    """[26, 26] shares of each letter's hands; a row without hands is 0."""
    counts = np.zeros((26, 26))
    np.add.at(counts, (letter, probability.argmax(1)), 1)
    return counts / np.maximum(counts.sum(1, keepdims=True), 1)


def calibration(probability, letter, edges=(0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)):
    """[(from, to, hands, mean confidence, share right)]"""
    top, right = probability.max(1), probability.argmax(1) == letter
    rows = []
    for low, high in zip(edges, edges[1:]):
        inside = (top >= low) & (top < high)
        if inside.any():
            rows.append((low, high, int(inside.sum()), float(top[inside].mean()), float(right[inside].mean())))
    return rows


def shade(share):
    """From the page's ground to a dark blue; readable on white and on black."""
    dark = np.array([11, 83, 148])
    red, green, blue = (np.array([238, 242, 246]) * (1 - share) + dark * share).astype(int)
    return f"#{red:02x}{green:02x}{blue:02x}"


def write_confusion(path, shares, title):
    """Rows are what was shown, columns what was read; numbers are percent, from 5 on."""
    size = CELL * 26
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size + LEFT + 12} {size + TOP + 12}" '
           'font-family="sans-serif" font-size="11">',
           '<rect width="100%" height="100%" fill="#ffffff"/>',
           f'<text x="{LEFT}" y="20" font-size="14" fill="#222222">{title}</text>',
           f'<text x="{LEFT}" y="40" fill="#555555">down: shown; across: read; percent of the hands that showed it</text>']
    for i, letter in enumerate(LETTERS):
        middle = i * CELL + CELL / 2
        out.append(f'<text x="{LEFT + middle}" y="{TOP - 6}" text-anchor="middle" fill="#222222">{letter}</text>')
        out.append(f'<text x="{LEFT - 10}" y="{TOP + middle + 4}" text-anchor="middle" fill="#222222">{letter}</text>')
        for j, share in enumerate(shares[i]):
            x, y = LEFT + j * CELL, TOP + i * CELL
            out.append(f'<rect x="{x}" y="{y}" width="{CELL - 1}" height="{CELL - 1}" fill="{shade(share)}"/>')
            if share >= 0.05:
                ink = "#ffffff" if share > 0.5 else "#222222"
                out.append(f'<text x="{x + CELL / 2 - 0.5}" y="{y + CELL / 2 + 3.5}" text-anchor="middle" font-size="10" '
                           f'fill="{ink}">{round(share * 100)}</text>')
    out.append("</svg>")
    path.write_text("\n".join(out) + "\n", encoding="ascii")
