"""The command that exports: what it writes, what it refuses and how."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli
from derivations.errors import GradproofError
from derivations.program.rewrites import REWRITE_NAMES


def printed(*arguments: str) -> str:
    result = CliRunner().invoke(cli.gradproof, ["export", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*arguments: str) -> str:
    result = CliRunner().invoke(cli.gradproof, ["export", *arguments])
    assert isinstance(result.exception, GradproofError)
    return str(result.exception)


@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_a_module_is_written(library: str, tmp_path: Path) -> None:
    path = tmp_path / "cell.py"
    assert not printed("--eq", "h[t] = phi(W @ h[t-1])", "--to", library, "-o", str(path))
    module = ast.parse(path.read_text())
    functions = {node.name for node in module.body if isinstance(node, ast.FunctionDef)}
    assert functions >= {"init_params", "forward", "loss", "loss_and_grad", "forward_vjp", "check"}
    assert ast.get_docstring(module)


def test_the_plan_explains_itself() -> None:
    shown = printed("lstm", "--to", "jax", "--explain", "--without", "stack")
    for name in REWRITE_NAMES:
        assert f"{'-' if name == 'stack' else '+'} {name}" in shown
    assert "multiply-adds" in shown and "last step first" in shown
    assert "16*T*n bytes in float32" in shown and "turns one factor" in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("lstm", "--to", "fortran"), "no export to fortran"),
        (("lstm", "--to", "jax", "--without", "magic"), "no rewrite called magic"),
        (("lsmt", "--to", "jax"), "no cell called"),
        (
            ("--eq", "h[s,t] = tanh(W @ h[s-1,t] + U @ h[s,t-1] + x[s,t])", "--to", "jax"),
            "no export rule",
        ),
    ],
)
def test_what_cannot_be_exported_is_named(arguments: tuple[str, ...], said: str) -> None:
    assert said in refused(*arguments)
