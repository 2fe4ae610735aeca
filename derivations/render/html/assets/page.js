"use strict";
// Buttons that copy LaTeX and fold steps; without this script the page reads the same.
(() => {
  const button = (name, label, title, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = name;
    made.textContent = label;
    made.title = title;
    made.addEventListener("click", () => act(made));
    return made;
  };
  const copied = (source) => navigator.clipboard ? navigator.clipboard.writeText(source) : Promise.reject();
  // Pages that are opened as files may have no clipboard: the old way needs a selection.
  const selected = (source) => {
    const area = document.createElement("textarea");
    area.value = source;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  };
  const dress = (root) => {
    for (const box of root.querySelectorAll(".formula:not(:has(.copy))")) {
      const source = box.querySelector("annotation").textContent;
      box.append(button("copy", "Copy", "Copy the LaTeX of this formula", async (made) => {
        const done = await copied(source).then(() => true, () => selected(source));
        made.textContent = done ? "Copied" : "Not copied";
        setTimeout(() => { made.textContent = "Copy"; }, 1500);
      }));
    }
    // What scrolls can be scrolled by keys, too.
    for (const box of root.querySelectorAll(".scroll, figure")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    }
    const contents = root.querySelector(".contents:not(:has(.fold))");
    const steps = root.querySelectorAll("details.step");
    if (contents && steps.length > 1) {
      contents.append(button("fold", "Fold all steps", "", (made) => {
        const open = ![...steps].some((step) => step.open);
        steps.forEach((step) => { step.open = open; });
        made.textContent = open ? "Fold all steps" : "Unfold all steps";
      }));
    }
  };
  dress(document);
  // For pages whose fragments change later.
  window.gradproof = { dress };
})();
