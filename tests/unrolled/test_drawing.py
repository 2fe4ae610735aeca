"""The picture of a graph: nothing overlaps, nothing runs through a node, all text is escaped."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from functools import cache
from itertools import combinations, pairwise
from math import dist
from pathlib import Path
from random import Random

import numpy as np
import pytest
from click.testing import CliRunner

import cli
from derivations.catalogue import names
from derivations.unrolled.columns import drawn_columns
from derivations.unrolled.drawn import Drawn, computation_graph
from derivations.unrolled.graph import Node
from derivations.unrolled.graphviz import HEIGHT, Point
from derivations.unrolled.labels import label
from derivations.unrolled.layout import LETTER, Layout
from derivations.unrolled.routes import TIP
from verify.strategies import random_cell

SVG = "{http://www.w3.org/2000/svg}"
CELLS = [
    *names(),
    "hidden_state[t] = tanh(recurrent_weights @ hidden_state[t-1] + embedded_word[t])",
    "s[t] = tanh(W @ s[t-1] + x[t])\nh[t] = s[t] + tanh(U @ h[t-2])",
    "a[t] = W @ x[t]\nh[t] = tanh(sum(j, 1, t-1, a[j]) + U @ h[t+1])",
    *(random_cell(Random(seed)) for seed in range(12)),
]


@cache
def drawn(cell: str, query: str | None = None) -> Drawn:
    return computation_graph(cell.splitlines() if "=" in cell else cell, query)


@cache
def layout(cell: str, query: str | None = None) -> Layout:
    """Where everything is in the picture of a cell, or of equations."""
    shown = drawn(cell, query)
    return Layout(drawn_columns(shown.graph, shown.paths))


def outside(there: Layout, points: Sequence[Point]) -> dict[Node, float]:
    """How close the points come to the outline of every node; negative inside of it."""
    half = np.array([(there.columns.width_of(node) / 2, HEIGHT / 2) for node in there.points])
    away = np.abs(np.array(points)[:, None] - np.array(list(there.points.values()))) - half
    return dict(zip(there.points, away.max(axis=2).min(axis=0).tolist(), strict=True))


def passes_by(there: Layout) -> bool:
    """Whether no edge touches a node that is not its own."""
    return all(
        clear > 1
        for edge, route in there.routes.items()
        for node, clear in outside(there, [*route.along, route.tip]).items()
        if node not in (edge.used, edge.user)
    )


@pytest.mark.parametrize("cell", CELLS)
def test_nodes_stand_apart_inside_the_picture(cell: str) -> None:
    there = layout(cell)
    assert set(there.points) == set(there.columns.nodes)
    for node, (x, y) in there.points.items():
        half = there.columns.width_of(node) / 2
        assert half < x < there.across - half and HEIGHT / 2 < y < there.down - HEIGHT / 2
    for one, other in combinations(there.columns.nodes, 2):
        (x, y), (u, v) = there.points[one], there.points[other]
        room = (there.columns.width_of(one) + there.columns.width_of(other)) / 2 + 5
        assert abs(x - u) >= room or abs(y - v) > HEIGHT


@pytest.mark.parametrize("cell", CELLS)
def test_no_edge_runs_through_a_node_or_out_of_the_picture(cell: str) -> None:
    there = layout(cell)
    assert passes_by(there)
    for route in there.routes.values():
        assert all(0 < x < there.across and 0 < y < there.down for x, y in route.along)


@pytest.mark.parametrize("cell", CELLS)
def test_an_edge_runs_from_what_is_read_to_its_reader(cell: str) -> None:
    there = layout(cell)
    assert set(there.routes) == set(there.columns.edges)
    for edge, route in there.routes.items():
        assert abs(outside(there, route.curve[:1])[edge.used]) < 2
        assert abs(outside(there, [route.tip])[edge.user]) < 2
        assert TIP / 2 < dist(route.curve[-1], route.tip) < 2 * TIP


@pytest.mark.parametrize("cell", CELLS)
def test_time_runs_to_the_right_and_a_step_upwards(cell: str) -> None:
    there = layout(cell)
    for edge in filter(there.columns.inner, there.columns.edges):
        assert there.points[edge.used][1] > there.points[edge.user][1]
    for name in {node.name for node in there.columns.nodes}:
        (index, *other) = there.columns.graph.cell.templates[name].steps or [None]
        if index is not None and not other:
            along = sorted((n.steps, at) for n, at in there.points.items() if n.name == name)
            assert all(a[1][0] < b[1][0] and a[1][1] == b[1][1] for a, b in pairwise(along))


@pytest.mark.parametrize("cell", CELLS)
def test_a_column_holds_its_nodes_and_its_heading(cell: str) -> None:
    there = layout(cell)
    for (_, right), (left, _) in pairwise(there.bands.values()):
        assert right == left
    for column, (left, right) in there.bands.items():
        assert LETTER * len(there.columns.heading(column)) <= right - left
        for node in there.columns.members[column]:
            half = there.columns.width_of(node) / 2
            assert left < there.points[node][0] - half and there.points[node][0] + half < right


@pytest.mark.parametrize("cell", CELLS)
def test_a_delay_is_a_square_on_its_edge(cell: str) -> None:
    there = layout(cell)
    root = ElementTree.fromstring(drawn(cell).svg())
    squares = [e for e in root.iter(SVG + "rect") if e.get("width") == e.get("height") == "7"]
    delayed = [edge for edge in there.columns.edges if edge.delay]
    assert len(squares) == len(delayed)
    for square, edge in zip(squares, delayed, strict=True):
        middle = float(square.get("x", "")) + 3.5, float(square.get("y", "")) + 3.5
        assert min(dist(middle, point) for point in there.routes[edge].along) < 1
        assert min(outside(there, [middle]).values()) > 3.5, edge


@pytest.mark.parametrize("query", ["dL/dW_hh", "dL/dh[0]", "dh[3]/dW_hx"])
def test_nothing_is_run_through_when_parameters_are_drawn(query: str) -> None:
    assert passes_by(layout("rnn", query))


def test_a_picture_is_the_same_every_time() -> None:
    drawings = {computation_graph("lstm", "dL/dU_f").svg() for _ in range(3)}
    assert len(drawings) == 1


@pytest.mark.parametrize("cell", names())
def test_a_picture_is_plain_svg_that_says_what_it_shows(cell: str) -> None:
    root = ElementTree.fromstring(drawn(cell).svg())
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
    assert "color-scheme:light dark" in drawn("rnn").svg(alone=True)
    assert "<style" not in drawn("rnn").svg()


def test_the_picture_of_the_readme_is_what_is_drawn() -> None:
    shown_there = Path(__file__).parents[2] / "docs/figures/graph.svg"
    picture = drawn("lstm", "direct dc[t]/dc[t-1]").svg(alone=True)
    assert shown_there.read_text(encoding="utf-8") == picture


def test_a_title_is_text() -> None:
    hostile = "title: </title><script>alert(1)</script>&\nh[t] = tanh(W @ h[t-1] + x[t])"
    picture = computation_graph([hostile]).svg()
    assert "<script" not in picture
    ElementTree.fromstring(picture)


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
