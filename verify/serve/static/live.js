// The live page: sends what is typed, shows events as they come, keeps everything in the address.
"use strict";

const PAUSE = { live: 150, claim: 450 };
/* What is being done after an event of a kind. */
const STAGES = {
  cell: "Answering", query: "Verifying the answer", badge: "Drawing", graph: "Deriving",
  section: "Deriving and verifying",
};
const byId = (id) => document.getElementById(id);
const cell = byId("cell"), query = byId("query"), claim = byId("claim");
const examples = new Map();

/* One kind of request at a time: a new one ends the one before. */
class Work {
  constructor(path, box) {
    this.path = path;
    this.box = box;
    this.timer = 0;
    this.control = null;
    box.querySelector("button").addEventListener("click", () => this.cancel());
  }

  soon(body, show) {
    this.stop();
    this.timer = setTimeout(() => this.now(body, show), PAUSE[this.path]);
  }

  stop() {
    clearTimeout(this.timer);
    this.control?.abort();
    this.control = null;
    this.box.hidden = true;
  }

  cancel() {
    this.stop();
    settled("Cancelled.");
  }

  async now(body, show) {
    this.stop();
    const control = (this.control = new AbortController());
    let stage = this.path === "claim" ? "Checking" : "Reading";
    try {
      for await (const event of events(`/page/${this.path}`, body, control.signal)) {
        if (control !== this.control) return;
        stage = STAGES[event.kind] ?? stage;
        if (event.kind === "progress") this.working(stage, event.seconds);
        else show(event);
      }
    } catch (error) {
      if (error.name !== "AbortError" && control === this.control) {
        settled("The server does not answer. Is it still running?");
      }
    }
    if (control === this.control) {
      this.control = null;
      this.box.hidden = true;
    }
  }

  working(stage, seconds) {
    this.box.hidden = false;
    this.box.querySelector("span").textContent = `${stage}: ${seconds.toFixed(1)} s`;
  }
}

async function* events(path, body, signal) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  if (!response.ok) {
    const said = await response.json();
    yield { kind: "error", about: "", ...said };
    return;
  }
  let rest = "";
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
    rest = lines.pop();
    for (const line of lines) yield JSON.parse(line);
  }
}

const live = new Work("live", byId("work"));
const checking = new Work("claim", byId("claim-work"));

/* What the server sends is escaped there; the policy of the page runs no script in it anyway. */
function put(section, html) {
  const body = section.querySelector(".body") ?? section;
  body.innerHTML = html;
  gradproof.dress(body);
  section.hidden = false;
}

function shower() {
  let parts = "";
  return (event) => {
    switch (event.kind) {
      case "cell":
        complain("cell", null);
        complain("query", null);
        byId("results").classList.remove("stale");
        byId("badge").textContent = "";
        put(byId("cell-shown"), event.html);
        suggest(event.queries, event.query);
        settled("");
        document.title = event.title ? `${event.title} · gradproof` : "gradproof";
        break;
      case "query":
        byId("answer-heading").textContent = event.query;
        put(byId("answer"), event.html);
        break;
      case "badge":
        byId("badge").className = event.look;
        byId("badge").textContent = event.text;
        break;
      case "graph":
        put(byId("graph"), event.svg);
        break;
      case "section":
        parts += event.html;
        put(byId("derivation"), parts);
        break;
      case "verification":
        put(byId("verification"), event.html);
        break;
      case "error":
        if (event.about === "query") byId("answer").hidden = true;
        else byId("results").classList.add("stale");
        complain(event.about, event);
        break;
    }
  };
}

function showGrade(event) {
  if (event.kind === "error" && event.about !== "cell") {
    byId("grade").hidden = true;
    complain("claim", event);
  } else if (event.kind === "grade") {
    complain("claim", null);
    put(byId("grade"), event.html);
  }
}

function settled(words) {
  byId("status").textContent = words;
}

function suggest(queries, chosen) {
  byId("queries").replaceChildren(...queries.map((words) => new Option(words, words)));
  byId("chips").replaceChildren(
    ...queries.map((words) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = words;
      button.setAttribute("aria-pressed", String(words === chosen));
      button.addEventListener("click", () => {
        query.value = words;
        changed({ at: "query", now: true });
        for (const other of byId("chips").children) {
          other.setAttribute("aria-pressed", String(other === button));
        }
      });
      return button;
    }),
  );
}

/* What is wrong, below the line that it is about, with a caret below the place. */
function complain(about, fault) {
  if (!["cell", "query", "claim"].includes(about)) {
    settled(fault ? `${fault.message}. ${fault.remedy}` : "");
    return;
  }
  const box = byId(`${about}-error`), field = byId(about);
  field.setAttribute("aria-invalid", String(Boolean(fault)));
  box.hidden = !fault;
  if (!fault) return;
  const place = fault.place;
  box.replaceChildren();
  if (place) {
    const caret = document.createElement("pre");
    const mark = " ".repeat(place.column - 1) + "^".repeat(place.end_column - place.column);
    caret.textContent = about === "cell" ? mark : `${place.text}\n${mark}`;
    caret.className = "caret";
    box.append(caret);
  }
  for (const words of [fault.message, fault.remedy]) {
    if (!words) continue;
    const line = document.createElement("p");
    line.textContent = words;
    box.append(line);
  }
  box.dataset.line = place ? place.line : "";
  if (about !== "cell") return;
  const rest = cell.value.split("\n").slice(place ? place.line : cell.value.length).join("\n");
  if (rest) {
    const below = document.createElement("pre");
    below.className = "rest";
    below.setAttribute("aria-hidden", "true");
    below.textContent = rest;
    box.append(below);
  }
  beneath();
}

/* The complaint stands below its line and pushes the next ones down; where one types in those, it
   steps aside. */
function beneath() {
  const box = byId("cell-error");
  if (box.hidden) return;
  const look = getComputedStyle(cell), height = parseFloat(look.lineHeight);
  const line = Number(box.dataset.line) || cell.value.split("\n").length;
  box.style.top = `${parseFloat(look.paddingTop) + line * height - cell.scrollTop + 1}px`;
  for (const code of box.querySelectorAll("pre")) code.style.textIndent = `${-cell.scrollLeft}px`;
  const at = cell.value.slice(0, cell.selectionStart).split("\n").length;
  box.classList.toggle("aside", document.activeElement === cell && at > line);
}

function grow() {
  const lines = cell.value.split("\n").length;
  cell.rows = Math.min(Math.max(lines + 3, 6), 24);
  claim.rows = Math.min(Math.max(claim.value.split("\n").length, 3), 12);
}

function changed({ at, now = false }) {
  grow();
  if (at === "cell") byId("examples").value = "";
  remember();
  const text = asked();
  if (at !== "claim") {
    if (!cell.value.trim()) {
      live.stop();
      complain("cell", null);
      for (const section of document.querySelectorAll("#results > section")) section.hidden = true;
      return;
    }
    live[now ? "now" : "soon"]({ cell: text, query: query.value }, shower());
  }
  if (at === "query") return;
  if (!claim.value.trim()) {
    checking.stop();
    complain("claim", null);
    byId("grade").hidden = true;
  } else {
    checking[now ? "now" : "soon"]({ cell: text, claim: claim.value }, showGrade);
  }
}

/* A cell of the catalogue by its name, any other by its text. */
function asked() {
  for (const [name, text] of examples) if (text === cell.value) return name;
  return cell.value;
}

function remember() {
  const kept = new URLSearchParams();
  for (const [name, value] of [["cell", asked()], ["query", query.value], ["claim", claim.value]]) {
    if (value) kept.set(name, value);
  }
  history.replaceState(null, "", `#${kept}`);
}

function recall() {
  const kept = new URLSearchParams(location.hash.slice(1));
  const named = kept.get("cell") ?? "rnn";
  cell.value = examples.get(named) ?? named;
  byId("examples").value = examples.has(named) ? named : "";
  query.value = kept.get("query") ?? "";
  claim.value = kept.get("claim") ?? "";
  changed({ at: "", now: true });
}

async function start() {
  const found = await (await fetch("/api/cells")).json();
  for (const { name, title, text } of found) {
    examples.set(name, text.trimEnd());
    byId("examples").append(new Option(`${name}: ${title}`, name));
  }
  cell.addEventListener("input", () => changed({ at: "cell" }));
  query.addEventListener("input", () => changed({ at: "query" }));
  claim.addEventListener("input", () => changed({ at: "claim" }));
  for (const kind of ["scroll", "select", "keyup", "click", "blur", "focus"]) {
    cell.addEventListener(kind, beneath);
  }
  byId("examples").addEventListener("change", (event) => {
    const name = event.target.value;
    if (!name) return;
    cell.value = examples.get(name);
    query.value = "";
    claim.value = "";
    changed({ at: "", now: true });
    byId("examples").value = name;
  });
  byId("asked").addEventListener("submit", (event) => {
    event.preventDefault();
    changed({ at: "", now: true });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) changed({ at: "", now: true });
    if (event.key === "Escape") for (const work of [live, checking]) if (work.control) work.cancel();
  });
  addEventListener("hashchange", recall);
  addEventListener("resize", beneath);
  recall();
}

start();
