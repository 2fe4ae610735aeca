"""The unrolled graph as SVG: text is text, colours work on light and on dark.

In a page it has no ``style``, because a strict policy allows none.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from derivations.render.text import text
from derivations.unrolled.columns import drawn_columns
from derivations.unrolled.graph import Edge, Graph, Node
from derivations.unrolled.graphviz import HEIGHT, Point
from derivations.unrolled.labels import label
from derivations.unrolled.layout import GUTTER, Layout
from derivations.unrolled.paths import Paths
from derivations.unrolled.routes import Route

KEPT, MISSED = "#2b7de0", "#dd5a16"
"""Contrast 3:1 and more on white and on black."""
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
    grid = Layout(drawn_columns(graph, paths))
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
    for edge in grid.columns.edges:
        looks = [look for look, chosen in marks if edge in chosen]
        for look in looks or [PLAIN]:
            _edge(root if looks else faint, grid, edge, look)
    for node in grid.columns.nodes:
        _node(root, grid, node, paths)
    _legend(root, grid, lines, paths)
    return tostring(root, encoding="unicode") + "\n"


def _columns(root: Element, grid: Layout) -> None:
    for number, (column, (left, right)) in enumerate(grid.bands.items()):
        if not grid.columns.timed(column):
            continue
        if number % 2:
            SubElement(
                root, "rect", x=_short(left), y="0", width=_short(right - left),
                height=f"{grid.down:g}", fill="currentColor", attrib={"fill-opacity": "0.045"},
            )  # fmt: skip
        _text(root, ((left + right) / 2, 17), grid.columns.heading(column), {"font-size": "12"})


def _text(root: Element, at: Point, words: str, more: Attributes) -> Element:
    attributes = {"text-anchor": "middle", "fill": "currentColor", **more}
    element = SubElement(root, "text", x=_short(at[0]), y=_short(at[1]), attrib=attributes)
    element.text = words
    return element


def _edge(root: Element, grid: Layout, edge: Edge, look: Attributes) -> None:
    route = grid.routes[edge]
    group = SubElement(root, "g")
    value = grid.columns.graph.value
    SubElement(group, "title").text = f"{text(value(edge.user))} reads {text(value(edge.used))}"
    SubElement(group, "path", attrib={"d": _path(route), **look})
    SubElement(group, "path", attrib={"d": _tip(route), "fill": look["stroke"]})
    if edge.delay:
        x, y = _delay_place(grid, edge)
        SubElement(
            group, "rect", x=_short(x - 3.5), y=_short(y - 3.5), width="7", height="7",
            attrib={"fill": look["stroke"]},
        )  # fmt: skip
        if edge.delay > 1:
            _text(group, (x + 2, y - 7), str(edge.delay), {"font-size": "10"})


def _short(number: float) -> str:
    return f"{round(number, 1):g}"


def _at(point: Point) -> str:
    return f"{_short(point[0])} {_short(point[1])}"


def _delay_place(grid: Layout, edge: Edge) -> Point:
    """Just before an edge leaves the column of what is read, or its middle if it stays there."""
    along = grid.routes[edge].along
    if grid.columns.inner(edge):
        return along[len(along) // 2]
    start, end = grid.columns.of[edge.used], grid.columns.of[edge.user]
    left, right = grid.bands[start]
    border = right - GUTTER / 4 if end > start else left + GUTTER / 4
    return min(along, key=lambda point: abs(point[0] - border))


def _path(route: Route) -> str:
    start, *rest = map(_at, route.curve)
    return f"M{start}C{' '.join(rest)}"


def _tip(route: Route) -> str:
    """An arrow head at the reader."""
    (x, y), end = route.curve[-1], route.tip
    across, down = 0.45 * (end[0] - x), 0.45 * (end[1] - y)
    return f"M{_at(end)}L{_at((x - down, y + across))}L{_at((x + down, y - across))}Z"


def _node(root: Element, grid: Layout, node: Node, paths: Paths | None) -> None:
    x, y = grid.points[node]
    graph = grid.columns.graph
    asked = paths is not None and node in (paths.target, *paths.sources)
    group = SubElement(root, "g", attrib={"class": graph.role(node).replace(" ", "-")})
    name = text(graph.value(node))
    SubElement(group, "title").text = f"{name}: {graph.role(node)}"
    on, below = label(graph.cell.displays.get(node.name, node.name), node.steps)
    width = grid.columns.width_of(node)
    given = graph.role(node) in ("input", "parameter", "given", "initial value")
    look = {"stroke": KEPT, "stroke-width": "2.4"} if asked else {"stroke": "currentColor"}
    SubElement(
        group, "rect", x=_short(x - width / 2), y=_short(y - HEIGHT / 2), width=f"{width:g}",
        height=f"{HEIGHT:g}", rx="3" if given else f"{HEIGHT / 2:g}",
        attrib={**look, "stroke-opacity": "1" if asked else "0.75"},
    )  # fmt: skip
    word = _text(group, (x, y + 4.5), on, {"font-style": "italic", "font-size": "15"})
    if below:
        part = SubElement(word, "tspan", attrib={"font-size": "10", "font-style": "normal"})
        part.set("dy", "4")
        part.text = below


def _legend(root: Element, grid: Layout, lines: Sequence[str], paths: Paths | None) -> None:
    colours = ["currentColor"] * len(lines)
    if paths is not None:
        colours[-2:] = [KEPT, MISSED] if paths.missed_count else ["currentColor", KEPT]
    for number, (line, colour) in enumerate(zip(lines, colours, strict=True)):
        at = (16.0, grid.down + LINE * (number + 1))
        _text(root, at, line, {"text-anchor": "start", "fill": colour})
