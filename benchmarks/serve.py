"""What who types waits for, 50 clients at once, and one request that would run for ever.

    python benchmarks/serve.py [--clients N] [--browser] [--check]

A server is started as the command starts it, and warmed by one request. First results: from the
last key (the page waits 150 ms for another one) to the gradient, for cells that the server has not
seen, at the server and, with ``--browser``, on the screen of a headless Chromium. Clients: each
types cells of its own, without a pause; memory is that of the server and all its workers, shared
pages counted once. For ever: others ask for little while somebody asks for more than is allowed.
``--check`` fails where a limit is exceeded.
"""

from __future__ import annotations

import argparse
import http.client
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median

PAUSE = 0.15
"""Seconds that the page waits for another key."""
RNN = "h[t] = tanh(W{0} @ h[t-1] + U @ x[t] + b)"
LSTM = """f[t] = sigmoid(W_f{0} @ x[t] + U_f @ h[t-1] + b_f)
i[t] = sigmoid(W_i @ x[t] + U_i @ h[t-1] + b_i)
o[t] = sigmoid(W_o @ x[t] + U_o @ h[t-1] + b_o)
g[t] = tanh(W_g @ x[t] + U_g @ h[t-1] + b_g)
c[t] = f[t] * c[t-1] + i[t] * g[t]
h[t] = o[t] * tanh(c[t])"""
STATES = range(60)
MUCH = "\n".join(
    f"a{i}[t] = tanh({' + '.join(f'W{i}_{j} @ a{j}[t-1]' for j in STATES)})" for i in STATES
)
"""Every state reads every other one: minutes of work."""
LIMITS = {"RNN": 1.0, "LSTM": 1.5, "failures": 0, "memory": 2_000.0}
NUMBERS = count()


@dataclass(frozen=True)
class Server:
    """A running server."""

    process: subprocess.Popen[str]
    port: int

    def first(self, cell: str, kind: str = "query") -> float:
        """Seconds to the first event of a kind; the rest is read, too.

        Raises:
            RuntimeError: there is none.
        """
        started, seen = time.perf_counter(), 0.0
        for event in self.events(cell):
            if event["kind"] == kind and not seen:
                seen = time.perf_counter() - started
        if not seen:
            raise RuntimeError(f"no event {kind} about {cell:.60}")
        return seen

    def events(self, cell: str, query: str = "") -> Iterator[dict[str, str]]:
        """The events about a cell."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        body = json.dumps({"cell": cell, "query": query})
        line.request("POST", "/page/live", body, {"content-type": "application/json"})
        response = line.getresponse()
        if response.status != 200:
            raise RuntimeError(f"status {response.status}")
        for text in response:
            yield json.loads(text)
        line.close()

    def memory(self) -> float:
        """MiB of the server and all processes below it, shared pages counted once."""
        total, waiting = 0, [self.process.pid]
        while waiting:
            pid = waiting.pop()
            try:
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
                lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
            except OSError:
                continue
            total += next(int(row.split()[1]) for row in rollup.splitlines() if row[:4] == "Pss:")
            waiting += (int(below) for pids in lists for below in pids.split())
        return total / 1024


@contextmanager
def serving(*options: str) -> Iterator[Server]:
    """A server, warm."""
    command = [sys.executable, "cli.py", "serve", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().split()[0].rstrip("/").rpartition(":")[2])
        server = Server(process, port)
        server.first(RNN.format(next(NUMBERS)))
        yield server
        process.terminate()


def fresh(text: str) -> str:
    """A cell that nobody has typed yet."""
    return text.format(next(NUMBERS))


def first_results(server: Server, rounds: int) -> dict[str, float]:
    """Seconds from the last key to the gradient, by cell."""
    found = {}
    for name, cell in (("RNN", RNN), ("LSTM", LSTM)):
        times = [PAUSE + server.first(fresh(cell)) for _ in range(rounds)]
        found[name] = median(times)
        print(f"{name:6} gradient after {found[name]:.2f} s  [{min(times):.2f}, {max(times):.2f}]")
        whole = [server.first(fresh(cell), "verification") for _ in range(rounds)]
        print(f"{'':6} all verified after {PAUSE + median(whole):.2f} s")
    return found


def on_screen(server: Server, rounds: int) -> dict[str, float]:
    """The same on the screen of a browser, from the last key to the next picture."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    for option in (
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={tempfile.mkdtemp()}",
    ):  # fmt: skip
        options.add_argument(option)
    script = """const [text, done] = arguments, cell = document.getElementById("cell");
    const answer = document.querySelector("#answer .body");
    const watch = new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => {
      watch.disconnect();
      done((performance.now() - started) / 1000);
    })));
    watch.observe(answer, { childList: true });
    cell.value = text;
    const started = performance.now();
    cell.dispatchEvent(new Event("input"));"""
    found = {}
    options.binary_location = str(shutil.which("chromium"))
    service = Service(str(shutil.which("chromedriver")))
    with webdriver.Chrome(options=options, service=service) as driver:
        driver.set_script_timeout(60)
        driver.get(f"http://127.0.0.1:{server.port}/")
        time.sleep(3)
        for name, cell in (("RNN", RNN), ("LSTM", LSTM)):
            times = []
            for _ in range(rounds):
                times.append(driver.execute_async_script(script, fresh(cell)))
                time.sleep(2)
            found[name] = median(times)
            spread = f"[{min(times):.2f}, {max(times):.2f}]"
            print(f"{name:6} on screen after {found[name]:.2f} s  {spread}")
    return found


def many(server: Server, clients: int, requests: int) -> tuple[int, float]:
    """Failures and memory with many clients at once, each of which types."""
    times: list[float] = []
    failures: list[str] = []

    def client() -> None:
        for _ in range(requests):
            try:
                times.append(server.first(fresh(RNN), "verification"))
            except (RuntimeError, OSError, http.client.HTTPException) as error:
                failures.append(repr(error))

    before, most = server.memory(), 0.0
    started = time.perf_counter()
    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        most = max(most, server.memory())
        time.sleep(0.5)
    whole = time.perf_counter() - started
    times.sort()
    print(
        f"{clients} clients, {len(times)} cells typed and verified in {whole:.1f} s: "
        f"median {median(times):.1f} s, slowest {times[-1]:.1f} s, {len(failures)} failures; "
        f"memory {before:.0f} MiB before, {most:.0f} MiB at most, {server.memory():.0f} MiB after"
    )
    for failure in failures[:5]:
        print(f"  {failure}")
    return len(failures), most


def for_ever(seconds: float, rounds: int) -> None:
    """What others wait while requests run that are stopped at their limit."""
    with serving("--seconds", str(seconds)) as server:
        alone = [server.first(fresh(RNN)) for _ in range(rounds)]
        ends: list[tuple[float, str]] = []

        def endless() -> None:
            started = time.perf_counter()
            last = [e for e in server.events(MUCH, "da0[T]/da1[k]") if e["kind"] == "error"]
            words = last[-1]["message"] if last else "not stopped"
            ends.append((time.perf_counter() - started, words))

        threads = [threading.Thread(target=endless) for _ in range(2)]
        for thread in threads:
            thread.start()
        beside: list[float] = []
        while any(thread.is_alive() for thread in threads):
            beside.append(server.first(fresh(RNN)))
            time.sleep(0.1)
        after = [server.first(fresh(RNN)) for _ in range(rounds)]
    for took, words in ends:
        print(f"for ever: {words}, after {took:.1f} s")
    for name, times in (("before", alone), ("beside", beside), ("after", after)):
        print(f"  others {name}: median {median(times):.2f} s, slowest {max(times):.2f} s")


def main() -> None:
    """Measure, print, and check the limits if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--requests", type=int, default=4, help="of each client")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--browser", action="store_true", help="first results on a screen, too")
    parser.add_argument("--check", action="store_true", help="fail above a limit")
    options = parser.parse_args()

    checks: list[Callable[[], bool]] = []
    with serving() as server:
        found = first_results(server, options.rounds)
        if options.browser:
            found = on_screen(server, options.rounds)
        checks += (lambda name=name: found[name] <= LIMITS[name] for name in found)
        failures, memory = many(server, options.clients, options.requests)
        checks.append(lambda: failures <= LIMITS["failures"] and memory <= LIMITS["memory"])
    for_ever(10.0, options.rounds)
    if options.check and not all(check() for check in checks):
        sys.exit("a limit is exceeded")


if __name__ == "__main__":
    main()
