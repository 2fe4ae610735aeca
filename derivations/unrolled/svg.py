"""The unrolled graph as SVG: text is text, colours work on light and on dark.

In a page it has no ``style``, because a strict policy allows none.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from derivations.render.text import text
from derivations.unrolled.graph import Edge, Graph, Node
from derivations.unrolled.labels import label
from derivations.unrolled.lanes import Lanes
from derivations.unrolled.paths import Paths
from derivations.unrolled.routes import HALF_HEIGHT, Grid, Point

KEPT, MISSED = "#2b7de0", "#dd5a16"
"""Contrast 3:1 and more on white and on black."""
ROUND = 7.0
LINE = 20.0
Attributes = dict[str, str]
FAINT: Attributes = {"class": "reads", "opacity": "0.45"}
"""Of all plain edges together, so that they are no darker where they run side by side."""
PLAIN: Attributes = {"stroke": "currentColor", "stroke-width": "1.2"}
STRONG: Attributes = {"stroke": KEPT, "stroke-width": "2.4"}
CUT: Attributes = {"stroke": MISSED, "stroke-width": "1.8", "stroke-dasharray": "6 4"}


ALONE = "svg{color-scheme:light dark;color:CanvasText;background:Canvas}"
"""Style of a picture that is a file of its own: the colours of who looks at it."""


def svg(
    graph: Graph, paths: Paths | None, title: str, lines: Sequence[str], alone: bool = False
) -> str:
    """The picture, ending in a newline.

    Args:
        paths: what is highlighted.
        title: of the picture.
        lines: what it shows, for those who do not see it; stands below it, too.
        alone: whether it is a file of its own, with a style, and no part of a page.
    """
    grid = Grid(shown(graph, paths))
    # A short cell has long words about it.
    width = max(grid.across, 7.0 * max(map(len, (*lines, title)), default=0) + 40)
    height = grid.down + LINE * (len(lines) + 1)
    root = Element(
        "svg", xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {width:g} {height:g}",
        width=f"{width:g}", height=f"{height:g}", role="img", color="currentColor", fill="none",
    )  # fmt: skip
    root.set("font-family", "system-ui, sans-serif")
    root.set("font-size", "13")
    root.set("aria-label", title)
    SubElement(root, "title").text = title
    SubElement(root, "desc").text = " ".join(lines)
    if alone:
        SubElement(root, "style").text = ALONE
    _columns(root, grid)
    marks = ((STRONG, paths.kept), (CUT, paths.missed)) if paths else ()
    faint = SubElement(root, "g", FAINT)
    for edge in grid.lanes.edges:
        looks = [look for look, chosen in marks if edge in chosen]
        for look in looks or [PLAIN]:
            _edge(root if looks else faint, grid, edge, look)
    for node in grid.lanes.nodes:
        _node(root, grid, node, paths)
    _legend(root, grid, lines, paths)
    return tostring(root, encoding="unicode") + "\n"


def shown(graph: Graph, paths: Paths | None = None) -> Lanes:
    """Everything but the parameters that nobody asked about: every step reads them."""
    asked = {paths.target, *paths.sources} if paths else set()
    on_path = {n for e in (paths.kept | paths.missed if paths else ()) for n in (e.used, e.user)}
    nodes = [
        n
        for n in graph.nodes
        if graph.role(n) not in ("parameter", "given") or n in asked | on_path
    ]
    known = set(nodes)
    edges = tuple(e for e in graph.edges if {e.used, e.user} <= known)
    return Lanes(graph, tuple(nodes), edges)


def _columns(root: Element, grid: Grid) -> None:
    names = [str(axis) for axis in grid.lanes.axes]
    ends = {axis.index: axis.upper for axis in grid.lanes.graph.cell.axes}
    for number, (column, (left, right)) in enumerate(grid.bands.items()):
        if not 0 <= column[0] < len(names):
            continue
        if number % 2:
            SubElement(
                root, "rect", x=f"{left:g}", y="0", width=f"{right - left:g}",
                height=f"{grid.down:g}", fill="currentColor", attrib={"fill-opacity": "0.045"},
            )  # fmt: skip
        axis = grid.lanes.axes[column[0]]
        end = ends[axis]
        last = f" = {end}" if grid.lanes.graph.ends[end] == column[1] else ""
        heading = f"{names[column[0]]} = {column[1]}{last}"
        _text(root, (grid.middle(column), 17), heading, {"font-size": "12"})


def _text(root: Element, at: Point, words: str, more: Attributes) -> Element:
    attributes = {"text-anchor": "middle", "fill": "currentColor", **more}
    element = SubElement(root, "text", x=f"{at[0]:g}", y=f"{at[1]:g}", attrib=attributes)
    element.text = words
    return element


def _edge(root: Element, grid: Grid, edge: Edge, look: Attributes) -> None:
    corners = grid.route(edge)
    group = SubElement(root, "g")
    value = grid.lanes.graph.value
    SubElement(group, "title").text = f"{text(value(edge.user))} reads {text(value(edge.used))}"
    SubElement(group, "path", attrib={"d": _path(corners), **look})
    tip = _tip(corners)
    SubElement(group, "path", attrib={"d": tip, "fill": look["stroke"]})
    if edge.delay:
        x, y = _delay_place(corners)
        SubElement(
            group, "rect", x=f"{x - 3.5:g}", y=f"{y - 3.5:g}", width="7", height="7",
            attrib={"fill": look["stroke"]},
        )  # fmt: skip
        if edge.delay > 1:
            _text(group, (x + 9, y + 4), str(edge.delay), {"font-size": "10"})


def _delay_place(corners: Sequence[Point]) -> Point:
    """The middle of the stretch that goes from one column to another."""
    if len(corners) == 6:
        (x, y), (_, to_y) = corners[2], corners[3]
        return x, (y + to_y) / 2
    (x, y), (to_x, to_y) = corners[len(corners) // 2 - 1], corners[len(corners) // 2]
    return (x + to_x) / 2, (y + to_y) / 2


def _path(corners: Sequence[Point]) -> str:
    """A line with round corners."""
    parts = [f"M{corners[0][0]:.5g} {corners[0][1]:.5g}"]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        start, end = _near(corner, before), _near(corner, after)
        parts.append(f"L{start[0]:.4g} {start[1]:.4g}")
        parts.append(f"Q{corner[0]:.4g} {corner[1]:.4g} {end[0]:.4g} {end[1]:.4g}")
    parts.append(f"L{corners[-1][0]:.5g} {corners[-1][1]:.5g}")
    return "".join(parts)


def _near(corner: Point, other: Point) -> Point:
    """A point a little before a corner, on the way from another one."""
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    length = max((dx * dx + dy * dy) ** 0.5, 1e-9)
    share = min(ROUND, length / 2) / length
    return corner[0] + dx * share, corner[1] + dy * share


def _tip(corners: Sequence[Point]) -> str:
    """An arrow head at the reader."""
    end = corners[-1]
    dx, dy = end[0] - corners[-2][0], end[1] - corners[-2][1]
    length = max((dx * dx + dy * dy) ** 0.5, 1e-9)
    ux, uy = dx / length, dy / length
    back = (end[0] - 7 * ux, end[1] - 7 * uy)
    a, b = (back[0] - 3.2 * uy, back[1] + 3.2 * ux), (back[0] + 3.2 * uy, back[1] - 3.2 * ux)
    return f"M{end[0]:.5g} {end[1]:.5g}L{a[0]:.5g} {a[1]:.5g}L{b[0]:.5g} {b[1]:.5g}Z"


def _node(root: Element, grid: Grid, node: Node, paths: Paths | None) -> None:
    x, y = grid.point(node)
    graph = grid.lanes.graph
    asked = paths is not None and node in (paths.target, *paths.sources)
    group = SubElement(root, "g", attrib={"class": graph.role(node).replace(" ", "-")})
    name = text(graph.value(node))
    SubElement(group, "title").text = f"{name}: {graph.role(node)}"
    on, below = label(graph.cell.displays.get(node.name, node.name), node.steps)
    width = grid.width_of(node)
    given = graph.role(node) in ("input", "parameter", "given", "initial value")
    look = {"stroke": KEPT, "stroke-width": "2.4"} if asked else {"stroke": "currentColor"}
    SubElement(
        group, "rect", x=f"{x - width / 2:g}", y=f"{y - HALF_HEIGHT:g}", width=f"{width:g}",
        height=f"{2 * HALF_HEIGHT:g}", rx="3" if given else f"{HALF_HEIGHT:g}",
        attrib={**look, "stroke-opacity": "1" if asked else "0.75"},
    )  # fmt: skip
    word = _text(group, (x, y + 4.5), on, {"font-style": "italic", "font-size": "15"})
    if below:
        part = SubElement(word, "tspan", attrib={"font-size": "10", "font-style": "normal"})
        part.set("dy", "4")
        part.text = below


def _legend(root: Element, grid: Grid, lines: Sequence[str], paths: Paths | None) -> None:
    colours = ["currentColor"] * len(lines)
    if paths is not None:
        colours[-2:] = [KEPT, MISSED] if paths.missed_count else ["currentColor", KEPT]
    for number, (line, colour) in enumerate(zip(lines, colours, strict=True)):
        at = (16.0, grid.down + LINE * (number + 1))
        _text(root, at, line, {"text-anchor": "start", "fill": colour})
