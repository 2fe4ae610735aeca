"""The picture of a graph: nothing overlaps, nothing runs through a node, all text is escaped."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli
from derivations.catalogue import names
from derivations.unrolled.drawn import computation_graph
from derivations.unrolled.graph import Node
from derivations.unrolled.labels import label
from derivations.unrolled.routes import HALF_HEIGHT, Grid, Point
from derivations.unrolled.svg import shown

CLEAR = 12.0
"""Half of a square around the middle of a node that no edge to another one may touch."""
SVG = "{http://www.w3.org/2000/svg}"


def grid(cell: str) -> Grid:
    """Where everything is in the picture of a cell, or of an equation."""
    return Grid(shown(computation_graph([cell] if "=" in cell else cell).graph))


LONG = "hidden_state[t] = tanh(recurrent_weights @ hidden_state[t-1] + embedded_word[t])"


@pytest.mark.parametrize("cell", [*names(), LONG])
def test_nodes_stand_apart_inside_the_picture(cell: str) -> None:
    drawn = grid(cell)
    points = {drawn.point(node): drawn.width_of(node) for node in drawn.lanes.nodes}
    assert all(0 < x < drawn.across and 0 < y < drawn.down for x, y in points)
    for (x, y), (u, v) in combinations(points, 2):
        room = (points[x, y] + points[u, v]) / 2 + 5
        assert abs(x - u) >= room or abs(y - v) > 2 * HALF_HEIGHT


@pytest.mark.parametrize("cell", names())
def test_no_edge_runs_through_a_node(cell: str) -> None:
    drawn = grid(cell)
    points = {node: drawn.point(node) for node in drawn.lanes.nodes}
    for edge in drawn.lanes.edges:
        others = [p for n, p in points.items() if n not in (edge.used, edge.user)]
        for start, end in pairwise(drawn.route(edge)):
            assert not any(crosses(start, end, point) for point in others), edge


def crosses(start: Point, end: Point, node: Point) -> bool:
    """Whether a stretch comes closer to the middle of a node than its outline."""
    entered, left = 0.0, 1.0
    for a, b, middle in zip(start, end, node, strict=True):
        if a == b:
            if abs(a - middle) >= CLEAR:
                return False
            continue
        first, last = sorted(((middle - CLEAR - a) / (b - a), (middle + CLEAR - a) / (b - a)))
        entered, left = max(entered, first), min(left, last)
    return entered < left


@pytest.mark.parametrize("cell", names())
def test_time_runs_to_the_right_and_a_step_upwards(cell: str) -> None:
    drawn = grid(cell)
    for edge in drawn.lanes.inner:
        assert drawn.point(edge.used)[1] > drawn.point(edge.user)[1]
    for name in {node.name for node in drawn.lanes.nodes}:
        (index, *other) = drawn.lanes.graph.cell.templates[name].steps or [None]
        if index is not None and not other:
            along = sorted((n.steps, drawn.point(n)) for n in drawn.lanes.nodes if n.name == name)
            assert all(a[1][0] < b[1][0] and a[1][1] == b[1][1] for a, b in pairwise(along))


@pytest.mark.parametrize("cell", names())
def test_a_picture_is_plain_svg_that_says_what_it_shows(cell: str) -> None:
    root = ElementTree.fromstring(computation_graph(cell).svg())
    assert root.tag == SVG + "svg" and root.get("role") == "img"
    title, desc = root.find(SVG + "title"), root.find(SVG + "desc")
    assert title is not None and title.text and desc is not None and desc.text
    assert {e.tag.removeprefix(SVG) for e in root.iter()} <= {
        "svg", "title", "desc", "g", "rect", "path", "text", "tspan",
    }  # fmt: skip
    assert not any(e.get("style") or e.get("id") for e in root.iter())
    used = {e.get(key) for e in root.iter() for key in ("fill", "stroke")} - {None, "none"}
    assert used == {"currentColor"}


def test_paths_are_coloured_and_missed_ones_dashed() -> None:
    plain = computation_graph("lstm", "dc[t]/dc[t-1]").svg()
    direct = computation_graph("lstm", "direct dc[t]/dc[t-1]").svg()
    assert "#2b7de0" in plain and "#dd5a16" not in plain
    assert "#2b7de0" in direct and "#dd5a16" in direct
    assert "3 paths" in direct


def test_a_file_of_its_own_has_the_colours_of_who_looks_at_it() -> None:
    drawn = computation_graph("rnn")
    assert "color-scheme:light dark" in drawn.svg(alone=True)
    assert "<style" not in drawn.svg()


def test_the_picture_of_the_readme_is_what_is_drawn() -> None:
    shown_there = Path(__file__).parents[2] / "docs/figures/graph.svg"
    drawn = computation_graph("lstm", "direct dc[t]/dc[t-1]").svg(alone=True)
    assert shown_there.read_text(encoding="utf-8") == drawn


def test_a_title_is_text() -> None:
    hostile = "title: </title><script>alert(1)</script>&\nh[t] = tanh(W @ h[t-1] + x[t])"
    drawn = computation_graph([hostile]).svg()
    assert "<script" not in drawn
    ElementTree.fromstring(drawn)


@pytest.mark.parametrize(
    ("name", "steps", "shown"),
    [
        ("W_hh", (), ("W", "hh")),
        ("htilde", (2,), ("h\u0303", "2")),
        ("alpha", (2, 1), ("α", "2,1")),
        ("lambda", (), ("λ", "")),
        ("h_1", (3,), ("h", "1,3")),
    ],
)
def test_names_are_set_as_in_print(name: str, steps: tuple, shown: tuple) -> None:
    assert label(name, steps) == shown


def run(*arguments: str):
    return CliRunner().invoke(cli.gradproof, ["plot", "--what", "graph", *arguments])


def test_the_command_writes_svg_and_json(tmp_path: Path) -> None:
    result = run("rnn", "--query", "dL/dW_hh", "--window", "2", "-o", str(tmp_path / "a.svg"))
    assert result.exit_code == 0, result.output
    assert (tmp_path / "a.svg").read_text().startswith("<svg")
    data = json.loads(run("rnn", "--query", "dL/dW_hh", "--window", "2", "--json").stdout)
    nodes = [Node(n["name"], tuple(n["steps"])) for n in data["nodes"]]
    assert nodes[data["query"]["target"]].name == "loss"
    assert data["query"]["paths"] == 5 and data["query"]["missed"] == 1
    assert any(edge["path"] and edge["missed"] for edge in data["edges"])


@pytest.mark.parametrize(
    "options",
    [
        ["rnn", "--what", "spectrum", "--query", "dL/dW_hh"],
        ["rnn", "--radius", "2"],
        ["rnn", "-o", "a.png"],
    ],
)
def test_options_that_do_not_belong_together_are_refused(options: list[str]) -> None:
    result = run(*options)
    assert result.exit_code == 1 and "remedy" not in str(result.exception)
    assert str(result.exception)
