"""A chart of lines with logarithmic axes, as SVG."""

import dataclasses
import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 420, 78, 24, 48, 56
INK, FAINT = "#57606a", "#d0d7de"


@dataclasses.dataclass(frozen=True)
class Line:
    name: str
    points: list[tuple[float, float]]
    colour: str
    dashed: bool = False


def decades(values: list[float]) -> tuple[int, int]:
    """The powers of ten around them."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def chart(title: str, x_name: str, y_name: str, lines: list[Line]) -> str:
    """Shape: all values are above 0."""
    x_low, x_high = decades([x for line in lines for x, _ in line.points])
    y_low, y_high = decades([y for line in lines for _, y in line.points])

    def across(x: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (math.log10(x) - x_low) / (x_high - x_low)

    def down(y: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (math.log10(y) - y_low) / (y_high - y_low)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
           'font-family="system-ui, sans-serif" font-size="13">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="#ffffff"/>',
           f'<text x="{LEFT}" y="28" font-size="15" font-weight="600" fill="#24292f">{escape(title)}</text>']
    for power in range(x_low, x_high + 1):
        x = across(10**power)
        out.append(f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="{FAINT}"/>')
        out.append(f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle" fill="{INK}">{10**power:,}</text>')
    for power in range(y_low, y_high + 1):
        y = down(10**power)
        out.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{FAINT}"/>')
        out.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="{INK}">{10**power:,}</text>')
    middle = (TOP + HEIGHT - BOTTOM) / 2
    named = f'text-anchor="middle" fill="{INK}"'
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 12}" {named}>{escape(x_name)}</text>')
    out.append(f'<text transform="translate(16 {middle}) rotate(-90)" {named}>{escape(y_name)}</text>')
    for row, line in enumerate(lines):
        path = "M" + "L".join(f"{across(x):.1f} {down(y):.1f}" for x, y in line.points)
        dash = ' stroke-dasharray="6 5"' if line.dashed else ""
        y = TOP + 20 + 20 * row
        out.append(f'<path d="{path}" fill="none" stroke="{line.colour}" stroke-width="2.5" stroke-linejoin="round"{dash}/>')
        out.append(f'<path d="M{LEFT + 14} {y}h26" stroke="{line.colour}" stroke-width="2.5"{dash}/>')
        out.append(f'<text x="{LEFT + 48}" y="{y + 4}" fill="#24292f">{escape(line.name)}</text>')
    return "\n".join([*out, "</svg>", ""])
