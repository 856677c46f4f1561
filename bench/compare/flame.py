"""Flame graphs: from sampled stacks to an SVG, and to the shares of steps and functions. Pure."""

import collections
import dataclasses
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape

WIDTH, ROW, LEAST_PX, TOP = 1200, 17, 0.4, 56
Stack = tuple[str, ...]  # the outermost first
HEAD = re.compile(r"^(\S.*?)\s+(\d+)(?:/\d+)?\s")
FRAME = re.compile(r"^\s+[0-9a-f]+ (.*) \((.*?)\)$")
OPERATOR = re.compile(r"operator(<<|<=>|<=?|>>|>=?|->|\(\))")
NOISE = re.compile(r"(\+0x[0-9a-f]+|\[clone [^]]*\]|@@?[A-Z0-9_.]+)")


def stacks_of(script: Iterable[str], threads: Mapping[str, str] | None = None) -> collections.Counter[Stack]:
    """What `perf script` prints, counted; the thread's name, or what `threads` calls it, is the outermost frame."""
    counts: collections.Counter[Stack] = collections.Counter()
    thread, frames = "", []
    for line in [*script, ""]:
        if found := FRAME.match(line):
            name, library = found[1], found[2].rpartition("/")[2]
            frames += [frame for frame in named(found[1], library) if frame[0] != "[" or frame != (frames or [""])[-1]]
        elif found := HEAD.match(line):
            thread = (threads or {}).get(found[1], found[1])
        elif not line.strip() and thread:
            counts[(thread, *reversed(frames))] += 1
            thread, frames = "", []
    return counts


def named(name: str, library: str) -> list[str]:
    """What has no symbol goes by its library; code that was made while it ran is the network's; what is nowhere is left out."""
    if name != "[unknown]":
        return [short(name)]
    if library.endswith(".map"):
        return ["[JIT: the network's kernels]"]
    return [] if library == "[unknown]" else [f"[{library}]"]


def short(name: str) -> str:
    """Without offsets, and without arguments of templates and functions."""
    name = OPERATOR.sub("operator", NOISE.sub("", name))
    for opening, closing in ("<>", "()"):
        depth, kept = 0, []
        for letter in name:
            depth += letter == opening
            if not depth:
                kept.append(letter)
            depth -= letter == closing and depth > 0
        name = "".join(kept)
    return name.removesuffix(" const").replace("curlew::", "").strip(": ") or "?"


@dataclasses.dataclass
class Node:
    name: str
    count: int = 0
    below: dict[str, "Node"] = dataclasses.field(default_factory=dict)


def tree_of(counts: Mapping[Stack, int], name: str = "all") -> Node:
    root = Node(name)
    for stack, count in counts.items():
        root.count += count
        node = root
        for frame in stack:
            node = node.below.setdefault(frame, Node(frame))
            node.count += count
    return root


def depth_of(node: Node, least: float) -> int:
    return 1 + max((depth_of(each, least) for each in node.below.values() if each.count >= least), default=0)


def flame(title: str, counts: Mapping[Stack, int]) -> str:
    """The outermost at the bottom; what is too narrow to be seen is left out. Names and shares are in tooltips."""
    root = tree_of(counts)
    least = LEAST_PX * root.count / WIDTH
    rows = depth_of(root, least)
    height = TOP + rows * ROW + 12
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
           'font-family="ui-monospace, monospace" font-size="11">',
           f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
           f'<text x="12" y="30" font-size="16" font-family="system-ui, sans-serif" font-weight="600">{escape(title)}</text>']

    def draw(node: Node, x: float, row: int) -> None:
        width, y = WIDTH * node.count / root.count, height - 12 - (row + 1) * ROW
        share = f"{node.name}: {node.count / root.count:.2%}"
        text = node.name if len(node.name) * 6.7 < width - 6 else node.name[:max(int((width - 6) / 6.7) - 1, 0)] + "…"
        out.append(f'<g><title>{escape(share)}</title><rect x="{x:.1f}" y="{y}" width="{max(width - 0.5, 0.2):.1f}" '
                   f'height="{ROW - 1}" rx="1" fill="{colour(node.name)}"/>'
                   + (f'<text x="{x + 3:.1f}" y="{y + 12}">{escape(text)}</text>' if width > 24 else "") + "</g>")
        for each in sorted(node.below.values(), key=lambda below: below.name):
            if each.count >= least:
                draw(each, x, row + 1)
            x += WIDTH * each.count / root.count

    draw(root, 0, 0)
    return "\n".join([*out, "</svg>", ""])


def colour(name: str) -> str:
    """Warm, and the same for the same name in every picture."""
    number = zlib.crc32(name.encode())
    return f"hsl({12 + number % 40} {70 + number // 64 % 20}% {62 + number // 4096 % 16}%)"


def shares(counts: Mapping[Stack, int], steps: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Of each step the part of all samples whose stack its pattern matches; a sample belongs to the first such step.
    Shape: `steps` are names and patterns; a pattern sees the frames with a NUL between each two, the outermost first."""
    compiled = [(name, re.compile(pattern, re.DOTALL)) for name, pattern in steps]
    sums: collections.Counter[str] = collections.Counter()
    for stack, count in counts.items():
        text = "\0".join(stack)
        sums[next((name for name, pattern in compiled if pattern.search(text)), "else")] += count
    total = sum(counts.values()) or 1
    return {name: sums[name] / total for name in [*(name for name, _ in steps), "else"]}


def hottest(counts: Mapping[Stack, int], number: int = 40) -> list[tuple[str, float, float]]:
    """Functions by the part of samples that they are on top of; beside it, that which they are in at all."""
    own: collections.Counter[str] = collections.Counter()
    within: collections.Counter[str] = collections.Counter()
    for stack, count in counts.items():
        own[stack[-1]] += count
        for frame in set(stack):
            within[frame] += count
    total = sum(counts.values()) or 1
    return [(name, count / total, within[name] / total) for name, count in own.most_common(number)]
