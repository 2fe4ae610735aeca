"""Bad input is refused with a reason, in bounded time, alone or in a file."""

import json
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from cli import gradproof
from derivations.errors import InputError
from verify.checking import check
from verify.claims.batch import LONGEST_LINE, Options, file_status, grade_file

BAD = [
    ("dL/dh[T+1] = dL/dh[T+1]", "dL/dh[T+1] does not exist"),
    ("dL/dz[0] = W_hh.T @ dL/dz[1]", "z[0]"),
    ("dL/dQ = h[T]", "no variable Q"),
    ("dL/dW_hh", "no relation"),
    ("", "empty"),
    ("__import__('os').system('true') = 1", "not a name"),
    ("dL/dW_hh = sum(k, 1, 10**12, dL/dz[k] @ h[k-1].T)", ""),
    (r"\frac{\partial L}{\partial W_{hh}} = \sum_{k=1}^{10^{12}} h_k", ""),
    ("dL/dW_hh = sum(k, 1, 100000, dL/dz[T] @ h[T-1].T)", "more than"),
    ("dh[T]/dh[0] = W_hh**(9**9**9)", "exponent"),
    ("dh[T]/dh[T] = eye(100000)", "too large"),
    ("h[T] = h[T]/0", "division by zero"),
    ("\n".join([*(f"a{k}[t] = h[t]" for k in range(101)), "h[T] = a1[T]"]), "more than 100 lines"),
    ("\n".join(["a0[t] = h[t]", *(f"a{k}[t] = a{k - 1}[t] * a{k - 1}[t]" for k in range(1, 40)),
                "h[T] = a39[T]"]), "more than 20000 operations"),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "said"), BAD)
def test_bad_claims_are_refused(claim, said):
    begun = time.perf_counter()
    with pytest.raises(InputError) as refused:
        check("rnn", claim)
    assert said in str(refused.value)
    assert time.perf_counter() - begun < 5


def test_an_unknown_method_is_refused():
    with pytest.raises(InputError, match="no method guess"):
        check("rnn", "h[T] = h[T]", ("guess",))


def _file(tmp_path):
    lines = [
        {"id": 1, "cell": "rnn", "claim": "dL/dW_hh = sum(t, 1, T, dL/dz[t] @ h[t-1].T)"},
        {"id": "two", "cell": "rnn", "claim": "dL/dW_hh = h[T]"},
        {"id": 3, "cell": "rnn"},
        {"id": 4, "cell": ["h[t] = tanh(W @ h[t-1]"], "claim": "h[T] = h[T]"},
        {"cell": "rnn", "claim": "h[T] = tanh(z[T])"},
    ]
    path = tmp_path / "claims.jsonl"
    texts = [json.dumps(line) for line in lines]
    path.write_text("\n".join([*texts[:3], "no json", *texts[3:]]) + "\n\n", encoding="utf-8")
    return str(path)


def test_a_bad_line_does_not_stop_the_rest(tmp_path):
    graded = list(grade_file(_file(tmp_path), Options(mend=False)))
    assert [g.id for g in graded] == [1, "two", 3, None, 4, None]
    verdicts = [g.grade.verdict for g in graded]
    assert verdicts == ["correct", "wrong", None, None, None, "correct"]
    assert all(bool(g.grade.error) == (g.grade.verdict is None) for g in graded)


def test_processes_print_what_one_prints(tmp_path):
    path = _file(tmp_path)
    arguments = ["check", "--file", path, "--json", "--no-mend"]
    alone = CliRunner().invoke(gradproof, arguments)
    # A program of its own: what its workers are forked from is loaded once.
    command = [sys.executable, "cli.py", *arguments, "--jobs", "2"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == (alone.stdout, alone.exit_code)


def test_a_line_without_end_is_refused_and_the_rest_is_graded(tmp_path):
    line = json.dumps({"id": 1, "cell": "rnn", "claim": "h[T] = tanh(z[T])"})
    path = tmp_path / "claims.jsonl"
    path.write_text(f"{'x' * (3 * LONGEST_LINE + 5)}\n{line}\n", encoding="utf-8")
    graded = list(grade_file(str(path), Options(mend=False)))
    assert [g.grade.verdict for g in graded] == [None, "correct"]
    assert "longer than" in str(graded[0].grade.error)


def test_functions_of_functions_that_grow_without_end_are_refused():
    functions = ["f0(u) = u*u", *(f"f{k}(u) = f{k - 1}(u)*f{k - 1}(u)" for k in range(1, 40))]
    with pytest.raises(InputError, match="more than 20000 operations"):
        check([*functions, "h[t] = f39(W @ h[t-1])"], "h[T] = h[T]")


def test_a_file_on_the_command_line(tmp_path):
    result = CliRunner().invoke(gradproof, ["check", "--file", _file(tmp_path), "--json"])
    assert result.exit_code == 2
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()][:2] == [1, "two"]


@pytest.mark.parametrize(
    ("statuses", "status"), [((0, 0), 0), ((0, 1), 1), ((3, 1), 1), ((3, 0), 3), ((1, 2), 2)]
)
def test_the_status_of_a_file(statuses, status):
    assert file_status(statuses) == status


@pytest.mark.parametrize(
    ("claim", "status"),
    [("h[T] = tanh(z[T])", 0), ("h[T] = tanh(h[T])", 1), ("h[T] = tanh(q[T])", 2)],
)
def test_exit_statuses(claim, status):
    command = [sys.executable, "cli.py", "check", "rnn", claim, "--no-mend"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stdout


def test_equations_in_place_of_a_cell():
    arguments = ["check", "--eq", "h[t] = tanh(W @ h[t-1])", "h[T] = h[T]", "--json"]
    result = CliRunner().invoke(gradproof, arguments)
    assert json.loads(result.stdout)["verdict"] == "correct"


@pytest.mark.parametrize(
    "behind", [" for all t", r" \quad \forall t", " (for every t)", r", \text{for all } t."]
)
def test_that_it_is_for_all_times_goes_without_saying(behind: str) -> None:
    grade = check("rnn", r"\frac{\partial h_t}{\partial x_{t+1}} = 0" + behind, ("exact",))
    assert grade.verdict == "correct"
