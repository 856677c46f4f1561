"""Charts as SVG: lines with logarithmic axes, one chart or several side by side, and bars."""

import dataclasses
import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 420, 78, 24, 48, 56
INK, FAINT, DARK = "#57606a", "#d0d7de", "#24292f"
BARS_WIDTH, BAR_ROW, BAR_HEIGHT, MARGIN, TITLE = 370, 40, 12, 24, 52


@dataclasses.dataclass(frozen=True)
class Line:
    name: str
    points: list[tuple[float, float]]
    colour: str
    dashed: bool = False


@dataclasses.dataclass(frozen=True)
class Plot:
    title: str
    x_name: str
    y_name: str
    lines: list[Line]


@dataclasses.dataclass(frozen=True)
class Bar:
    name: str
    value: float
    shown: str
    colour: str


@dataclasses.dataclass(frozen=True)
class Bars:
    title: str
    bars: list[Bar]


def decades(values: list[float]) -> tuple[int, int]:
    """The powers of ten around them."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def ticks(least: float, most: float) -> list[float]:
    """Values for an axis between these two: powers of ten, with twos and fives where there are few of them."""
    steps = (1, 2, 5) if most < 100 * least else (1,)
    low, high = decades([least, most])
    return [step * 10.0**power for power in range(low, high + 1) for step in steps if least <= step * 10.0**power <= most]


def page(width: float, height: float, parts: Sequence[str]) -> str:
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="system-ui, sans-serif" font-size="13">',
        f'<rect width="{width}" height="{height}" rx="8" fill="#ffffff"/>', *parts, "</svg>", ""])


def heading(title: str, x: float, size: int = 15, y: float = 28) -> str:
    return f'<text x="{x}" y="{y}" font-size="{size}" font-weight="600" fill="{DARK}">{escape(title)}</text>'


def drawn(plot: Plot, width: float = WIDTH, height: float = HEIGHT) -> list[str]:
    """Shape: all values are above 0, and not all x the same."""
    all_x = [x for line in plot.lines for x, _ in line.points]
    x_low, x_high = math.log10(min(all_x)), math.log10(max(all_x))
    y_low, y_high = decades([y for line in plot.lines for _, y in line.points])

    def across(x: float) -> float:
        return LEFT + (width - LEFT - RIGHT) * (math.log10(x) - x_low) / (x_high - x_low)

    def down(y: float) -> float:
        return height - BOTTOM - (height - TOP - BOTTOM) * (math.log10(y) - y_low) / (y_high - y_low)

    out = [heading(plot.title, LEFT)]
    for value in ticks(min(all_x), max(all_x)):
        x = across(value)
        out.append(f'<path d="M{x:.1f} {TOP}V{height - BOTTOM}" stroke="{FAINT}"/>')
        out.append(f'<text x="{x:.1f}" y="{height - BOTTOM + 20}" text-anchor="middle" fill="{INK}">{value:,.10g}</text>')
    for power in range(y_low, y_high + 1):
        y = down(10**power)
        out.append(f'<path d="M{LEFT} {y:.1f}H{width - RIGHT}" stroke="{FAINT}"/>')
        out.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="{INK}">{10**power:,}</text>')
    middle = (TOP + height - BOTTOM) / 2
    named = f'text-anchor="middle" fill="{INK}"'
    out.append(f'<text x="{(LEFT + width - RIGHT) / 2}" y="{height - 12}" {named}>{escape(plot.x_name)}</text>')
    out.append(f'<text transform="translate(16 {middle}) rotate(-90)" {named}>{escape(plot.y_name)}</text>')
    for row, line in enumerate(plot.lines):
        path = "M" + "L".join(f"{across(x):.1f} {down(y):.1f}" for x, y in line.points)
        dash = ' stroke-dasharray="6 5"' if line.dashed else ""
        y = TOP + 20 + 20 * row
        out.append(f'<path d="{path}" fill="none" stroke="{line.colour}" stroke-width="2.5" stroke-linejoin="round"{dash}/>')
        out.append(f'<path d="M{LEFT + 14} {y}h26" stroke="{line.colour}" stroke-width="2.5"{dash}/>')
        out.append(f'<text x="{LEFT + 48}" y="{y + 4}" fill="{DARK}">{escape(line.name)}</text>')
    return out


def chart(title: str, x_name: str, y_name: str, lines: list[Line]) -> str:
    """One plot as a picture of its own."""
    return page(WIDTH, HEIGHT, drawn(Plot(title, x_name, y_name, lines)))


def placed(parts: Sequence[Sequence[str]], columns: int, width: float, height: float) -> list[str]:
    """Below the title of a page, in rows of `columns`."""
    return [f'<g transform="translate({i % columns * width} {TITLE + i // columns * height})">' + "\n".join(part) + "</g>"
            for i, part in enumerate(parts)]


def charts(title: str, plots: Sequence[Plot], columns: int = 2) -> str:
    """Several plots in one picture, each with axes of its own."""
    width, height, rows = 480, 330, math.ceil(len(plots) / columns)
    parts = placed([drawn(plot, width, height) for plot in plots], columns, width, height)
    return page(columns * width, TITLE + rows * height, [heading(title, MARGIN, 17, 34), *parts])


def bars_drawn(panel: Bars) -> list[str]:
    most = max((bar.value for bar in panel.bars), default=0) or 1
    out = [heading(panel.title, MARGIN)]
    for row, bar in enumerate(panel.bars):
        y, length = TOP + BAR_ROW * row, (BARS_WIDTH - 2 * MARGIN - 60) * bar.value / most
        out.append(f'<text x="{MARGIN}" y="{y + 8}" fill="{INK}" font-size="12">{escape(bar.name)}</text>')
        out.append(f'<rect x="{MARGIN}" y="{y + 14}" width="{max(length, 1):.1f}" height="{BAR_HEIGHT}" rx="2" '
                   f'fill="{bar.colour}"/>')
        out.append(f'<text x="{MARGIN + length + 8:.1f}" y="{y + 25}" font-weight="600" fill="{DARK}">{escape(bar.shown)}</text>')
    return out


def bars(title: str, panels: Sequence[Bars], columns: int = 2) -> str:
    """Several panels of bars in one picture; the longest bar of each fills its width."""
    height = TOP + BAR_ROW * max(len(panel.bars) for panel in panels) + MARGIN / 2
    parts = placed([bars_drawn(panel) for panel in panels], columns, BARS_WIDTH, height)
    rows = math.ceil(len(panels) / columns)
    return page(columns * BARS_WIDTH, TITLE + rows * height, [heading(title, MARGIN, 17, 34), *parts])
