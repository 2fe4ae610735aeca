"""Hostile inputs sent to the page and the API: nothing may break, run, or come back unescaped.

    python benchmarks/hostile.py [--count N] [--seed S] [--seconds S] [--clients N]

Cells, queries and claims are made of script tags, TeX commands, deep nesting, huge exponents,
control characters, broken Unicode and long bodies, alone and put into what would be right. Every
answer must have one of the documented statuses, and no defect among them; HTML is parsed as a
browser does, and what was sent as a tag must come back as text.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from random import Random
from typing import Any

TAGS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</textarea><svg onload=alert(1)>",
    "javascript:alert(1)", "\"><script>", "{{7*7}}", "${7*7}", "]]><x/>", "<!--", "&lt;b&gt;",
    "<math><annotation-xml encoding='text/html'><script>alert(1)</script></annotation-xml></math>",
)  # fmt: skip
TEX = (
    r"\input{/etc/passwd}", r"\write18{ls}", r"\def\a{\a\a}\a", r"\catcode`\@=0", r"\href{x}{y}",
    r"\begin{bmatrix}", r"\end{align}", r"\frac{}{}", r"\left(", r"\text{<script>x</script>}",
    r"\mathrm{h}_{t}^{(" + "{" * 40, r"\sum_{t=1}^{10^{99999}} h_t",
)  # fmt: skip
CODE = (
    "__import__('os').system('ls')", "().__class__.__bases__[0]", "lambda: 0", "eval('1')",
    "h[__name__]", "9**9**9**9", "h[t-99999999999999999999]", "x ** 300", "x ** 1e999", "1e400",
    "0/0", "sum(t, 1, 10**9, h[t])", "prod(j, T, 1, W)", "h[t]" + "'" * 50, "diag(" * 90,
)  # fmt: skip
CHARACTERS = "\x00\x01\x07\x1b[31m\x7f\u202e\u2066\u200b\ufeff\ud800\U0010ffff\u0301ﷺ\r\t\v\f\u2028"
CELLS = (
    "h[t] = tanh(W @ h[t-1] + U @ x[t] + b)",
    "z[t] = W @ h[t-1]\nh[t] = sigmoid(z[t])\nloss = sum(t, 1, T, ell(h[t]))",
    r"h_t = \tanh(W h_{t-1} + U x_t)",
)
QUERIES = ("dL/dW", "dh[T]/dh[k]", r"\frac{\partial L}{\partial U}", "direct dh[t]/dh[t-1]")
CLAIMS = ("dL/dW = 0", "dh[t]/dh[t-1] = W", "dL/dW = sum(t, 1, T, dL/dh[t] @ h[t-1].T)")
STATUSES = (200, 400, 413, 422)


def inputs(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Paths and bodies of requests."""
    random = Random(seed)
    paths = {
        "/page/live": ("cell", "query"), "/page/claim": ("cell", "claim"),
        "/api/show": ("cell",), "/api/query": ("cell", "query"), "/api/check": ("cell", "claim"),
        "/api/graph": ("cell", "query"), "/api/derive": ("cell", "wrt"),
    }  # fmt: skip
    usual = {"cell": CELLS, "query": QUERIES, "claim": CLAIMS, "wrt": ("W",)}
    for _ in range(count):
        path, names = random.choice(list(paths.items()))
        fields: dict[str, Any] = {name: random.choice(usual[name]) for name in names}
        for name in random.sample(names, random.randint(1, len(names))):
            fields[name] = _spoiled(fields[name], random)
        yield path, _body(fields, random)


def _spoiled(text: str, random: Random) -> str:
    """Something hostile in the place of a text, or somewhere in it."""
    evil = random.choice(
        (
            lambda: random.choice(TAGS),
            lambda: random.choice(TEX),
            lambda: random.choice(CODE),
            lambda: "".join(random.choices(CHARACTERS, k=random.randint(1, 20))),
            lambda: random.choice("([{-") * random.choice((10, 100, 1_000, 20_000)),
            lambda: f"title: {random.choice(TAGS)}\nsource: {random.choice(TAGS)}\n",
            lambda: "\n".join(f"a{i}[t] = a{i - 1}[t]" for i in range(random.choice((3, 300)))),
            lambda: random.choice((text, "A")) * random.choice((2, 50, 400)),
        )
    )()
    place = random.randint(0, len(text))
    return random.choice((evil, text[:place] + evil + text[place:], evil + text, text + evil))


def _body(fields: dict[str, Any], random: Random) -> bytes:
    kind = random.random()
    if kind < 0.01:
        fields["cell"] = fields["cell"] + " " * 1_000_000
    elif kind < 0.03:
        fields[random.choice(TAGS)] = random.choice((None, 1, [], {"a": 1}))
    elif kind < 0.05:
        return random.choice((b"[" * 50_000, b"\xff\xfe", b"{}", b'{"cell":' + b"1" * 5_000 + b"}"))
    return json.dumps(fields).encode()


def faults(path: str, status: int, text: str) -> Iterator[str]:
    """What is wrong with an answer."""
    if status not in STATUSES:
        yield f"status {status}"
    if "defect of the tool" in text or "Traceback" in text or "root:x:" in text:
        yield "a defect"
    if path.startswith("/page") and status == 200:
        for line in filter(None, text.split("\n")):
            event = json.loads(line)
            for key in ("html", "svg"):
                yield from _markup(event.get(key, ""))


def _markup(markup: str) -> Iterator[str]:
    """Elements and attributes that nobody but an attacker would have put there."""
    import html5lib

    tree = html5lib.parseFragment(markup, namespaceHTMLElements=False)
    for element in tree.iter():
        if element.tag in ("script", "style", "img", "iframe", "annotation-xml", "textarea", "a"):
            href = str(element.get("href", ""))
            if element.tag != "a" or not href.startswith("#"):
                yield f"<{element.tag}>"
        yield from (f"attribute {a}" for a in element.attrib if str(a).lower().startswith("on"))


def main() -> None:
    """Send everything and count what came back."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=10.0, help="that one request may take")
    parser.add_argument("--clients", type=int, default=2, help="that ask at once")
    options = parser.parse_args()

    from starlette.testclient import TestClient

    from verify.serve.app import application
    from verify.serve.limits import Limits

    app = application(Limits(seconds=options.seconds))
    statuses: Counter[str] = Counter()
    bad = 0
    with (
        TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client,
        ThreadPoolExecutor(options.clients) as clients,
    ):

        def sent(request: tuple[str, bytes]) -> tuple[str, list[str]]:
            """The status of an answer, and its faults."""
            path, body = request
            answer = client.post(path, content=body, headers={"content-type": "application/json"})
            said = " stopped" if "stopped after" in answer.text else ""
            return f"{answer.status_code}{said}", list(
                faults(path, answer.status_code, answer.text)
            )

        done = 0
        waiting = inputs(options.count, options.seed)
        while some := list(islice(waiting, 500)):
            for (path, body), (status, found) in zip(some, clients.map(sent, some), strict=True):
                statuses[status] += 1
                bad += len(found)
                for fault in found:
                    print(f"{done}: {path}: {fault}: {body[:300]!r}", flush=True)
                done += 1
            print(f"{done} sent", file=sys.stderr, flush=True)
    for status, count in sorted(statuses.items()):
        print(f"{status:14} {count}")
    print(f"{bad} bad answers of {options.count}")
    sys.exit(bad > 0)


if __name__ == "__main__":
    sys.path.insert(0, ".")
    main()
