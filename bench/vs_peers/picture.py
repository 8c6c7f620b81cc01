"""Horizontal bars with whiskers as an SVG text on a ground of its own, light or dark as the reader prefers, so that it is readable on any page."""
from xml.sax.saxutils import escape

WIDTH, LABELS, RIGHT = 880, 270, 250  # Pixels: the whole, the names on the left, the figures on the right.
ROW, BAR, TOP, BOTTOM, EDGE = 34, 18, 78, 10, 16
STYLE = """
  .ground { fill: #ffffff; stroke: #d1d9e0; }
  text { font: 14px system-ui, sans-serif; fill: #24292f; }
  .title { font-size: 16px; font-weight: 600; }
  .note { font-size: 12px; fill: #57606a; }
  .ours { fill: #1a7f64; }
  .peer { fill: #8c959f; }
  .whisker { stroke: #24292f; stroke-width: 1.5; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; stroke: #3d444d; }
    text { fill: #e6edf3; }
    .note { fill: #9198a1; }
    .ours { fill: #3fb68b; }
    .peer { fill: #6e7681; }
    .whisker { stroke: #e6edf3; }
  }
"""


def bars(title, note, rows):
    """`rows`: (name, (value, low, high), figures, is_ours); the longest bar fills the room between names and figures."""
    height = TOP + ROW * len(rows) + BOTTOM
    scale = (WIDTH - LABELS - RIGHT) / max(high for _, (_, _, high), _, _ in rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="ground" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="6"/>',
        f'<text class="title" x="{EDGE}" y="30">{escape(title)}</text>',
        f'<text class="note" x="{EDGE}" y="52">{escape(note)}</text>',
    ]
    for index, (name, (value, low, high), figures, is_ours) in enumerate(rows):
        top = TOP + ROW * index
        middle = top + BAR / 2
        end = LABELS + high * scale
        parts += [
            f'<text x="{LABELS - 10}" y="{middle + 5:g}" text-anchor="end">{escape(name)}</text>',
            f'<rect class="{"ours" if is_ours else "peer"}" x="{LABELS}" y="{top}" width="{value * scale:.1f}" height="{BAR}" rx="2"/>',
            f'<line class="whisker" x1="{LABELS + low * scale:.1f}" y1="{middle:g}" x2="{end:.1f}" y2="{middle:g}"/>',
            f'<text x="{end + 10:.1f}" y="{middle + 5:g}">{escape(figures)}</text>',
        ]
    parts.append("</svg>")
    return "\n".join(parts) + "\n"
