"use strict";
// The page of `rvlitmus serve`: what is typed is asked for at once, and everything that is asked for stands in the
// fragment of the address.

const FIRST = `RISCV MP
"Message passing: the flag y is seen set, the data x are not"
{
  0:x5=1; 0:x6=x; 0:x7=y;
  1:x6=y; 1:x7=x;
}
 P0          | P1          ;
 sw x5,0(x6) | lw x8,0(x6) ;
 sw x5,0(x7) | lw x9,0(x7) ;
exists (1:x8=1 /\\ 1:x9=0)
`;

const element = (id) => document.getElementById(id);

/** How long nobody has to have typed. */
const QUIET = 250;

/** Models that have a box of their own, and those of them that are asked for where nothing is said. */
const BOXES = ["rvwmo", "ztso", "sc", "x86-tso"];
const USUAL = ["rvwmo", "ztso"];

/** How far loops are followed where nothing is said. */
const UNROLL = 2;

async function through(stream, bytes) {
  const out = new Blob([bytes]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(out).arrayBuffer());
}

async function packed(text) {
  const bytes = await through(new CompressionStream("deflate-raw"), new TextEncoder().encode(text));
  const characters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(characters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function unpacked(text) {
  const characters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(characters, (character) => character.charCodeAt(0));
  return new TextDecoder("utf-8", { fatal: true }).decode(await through(new DecompressionStream("deflate-raw"), bytes));
}

function save(name, blob) {
  const url = URL.createObjectURL(blob);
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

function svgText(svg) {
  const copy = svg.cloneNode(true);
  for (const part of copy.querySelectorAll("[data-number]")) {
    part.removeAttribute("data-number");
    part.removeAttribute("class");
  }
  return new XMLSerializer().serializeToString(copy);
}

function savePng(svg, name) {
  const image = new Image();
  image.onload = () => {
    const canvas = make("canvas", { width: 2 * image.width, height: 2 * image.height });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => save(name, blob), "image/png");
  };
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(svg))}`;
}

/** Buttons below a picture. */
function pictureTools(svg, { machine }) {
  const name = `${page.shown?.result.name ?? "test"}.${machine}`.replace(/[^\w.+-]/g, "_");
  return make("div", { class: "controls" },
    make("button", { type: "button", onclick: () => save(`${name}.svg`, new Blob([svgText(svg)], { type: "image/svg+xml" })) }, "Save SVG"),
    make("button", { type: "button", onclick: () => savePng(svg, `${name}.png`) }, "Save PNG"));
}

class Page {
  constructor() {
    this.editor = new Editor(element("editor"), () => this.changed());
    this.models();
    element("mixed").addEventListener("change", () => this.changed(0));
    for (const id of ["unroll", "rv32"]) element(id).addEventListener("change", () => this.changed(0));
    element("advise").addEventListener("click", () => this.advise());
    element("link").addEventListener("click", () => this.copyLink());
    element("litmus").addEventListener("click", () => save(`${this.name()}.litmus`, new Blob([this.editor.text])));
    element("json").addEventListener("click", () => {
      if (this.shown) save(`${this.name()}.json`, new Blob([JSON.stringify(this.shown.result, null, 2)]));
    });
    addEventListener("hashchange", () => {
      if (location.hash !== this.hash) this.readAddress();
    });
    this.examples();
    this.readAddress();
  }

  name() {
    return (this.shown?.result.name ?? "test").replace(/[^\w.+-]/g, "_");
  }

  // What is asked.

  models() {
    const box = (name) => make("label", {},
      make("input", { type: "checkbox", name: "model", value: name, checked: USUAL.includes(name) }), ` ${name}`);
    const more = make("input", { id: "more", placeholder: "rvwmo-r9, rvwmo:zalasr=rcpc", "aria-label": "More models" });
    const place = element("models");
    place.replaceChildren(...BOXES.map(box), make("label", {}, "more ", more));
    place.addEventListener("change", () => this.changed(0));
  }

  /** Switches for each hart of the test, and what else is to be said of harts. */
  mixed() {
    const heads = /^\s*P0\b[^\n;]*;/m.exec(this.editor.text);
    const harts = heads ? Math.min(64, heads[0].split("|").length) : 0;
    if (harts === this.harts) return;
    this.harts = harts;
    const before = this.hartsAsked();
    const switches = Array.from({ length: harts }, (_, hart) => make("label", {},
      make("input", { type: "checkbox", name: "hart", value: hart, checked: before.ztso.has(hart) }), ` P${hart} Ztso`));
    element("mixed").replaceChildren(
      make("label", {}, make("input", { type: "checkbox", id: "vm", checked: before.on }), " a machine of these harts:"),
      ...switches,
      make("label", {}, "extensions ", make("input", { id: "extensions", placeholder: "0:-zacas;1:+zabha", value: before.extensions })));
  }

  hartsAsked() {
    const inputs = [...document.querySelectorAll("[name=hart]")];
    return {
      on: element("vm")?.checked ?? false,
      ztso: new Set(inputs.filter((input) => input.checked).map((input) => Number(input.value))),
      extensions: element("extensions")?.value ?? "",
    };
  }

  question() {
    const models = [...document.querySelectorAll("[name=model]:checked")].map((input) => input.value);
    const more = element("more").value.split(",").map((name) => name.trim()).filter(Boolean);
    const { on, ztso, extensions } = this.hartsAsked();
    const switches = Array.from({ length: this.harts ?? 0 }, (_, hart) => `${hart}:${ztso.has(hart) ? "+" : "-"}ztso`);
    const harts = on ? [...switches, extensions.trim()].filter(Boolean).join(";") : "";
    return {
      test: this.editor.text, models: [...models, ...more], harts,
      unroll: this.unroll() ?? UNROLL, rv32: element("rv32").checked,
    };
  }

  /** How far loops are to be followed; nothing if what is typed is no such number. */
  unroll() {
    const { value, validity } = element("unroll");
    return value !== "" && validity.valid ? Number(value) : undefined;
  }

  async writeAddress(question) {
    const { test, models, harts, unroll, rv32 } = question;
    const asked = { t: await packed(test), m: models.join(",") };
    if (harts) asked.h = harts;
    if (unroll !== UNROLL) asked.u = unroll;
    if (rv32) asked.b = "32";
    this.hash = `#${new URLSearchParams(asked)}`;
    history.replaceState(null, "", this.hash);
  }

  /** Asks what the address asks: what it does not name is as if nobody had touched it. */
  async readAddress() {
    const { hash } = location;
    const asked = new URLSearchParams(hash.slice(1));
    let text = FIRST;
    try {
      if (asked.has("t")) text = await unpacked(asked.get("t"));
    } catch {
      this.torn();
      return;
    }
    if (location.hash !== hash) return;
    this.editor.text = text;
    const names = asked.get("m")?.split(",").filter(Boolean) ?? USUAL;
    for (const input of document.querySelectorAll("[name=model]")) {
      input.checked = names.includes(input.value);
    }
    element("more").value = names.filter((name) => !BOXES.includes(name)).join(", ");
    element("unroll").value = asked.get("u") ?? UNROLL;
    element("rv32").checked = asked.get("b") === "32";
    this.mixed();
    const parts = asked.get("h")?.split(";") ?? [];
    const ztso = parts.map((part) => /^(\d+):([+-])ztso$/.exec(part));
    element("vm").checked = asked.has("h");
    for (const input of document.querySelectorAll("[name=hart]")) {
      input.checked = ztso.some((found) => found?.[1] === input.value && found[2] === "+");
    }
    element("extensions").value = parts.filter((_, index) => !ztso[index]).join(";");
    this.changed(0);
  }

  /** Says that the address holds no test; it stays as it is, until something is typed. */
  torn() {
    clearTimeout(this.timer);
    this.giveUp();
    this.editor.text = "";
    this.shown = undefined;
    this.mixed();
    this.mistakes(undefined);
    element("status").textContent = "";
    element("advice").replaceChildren();
    this.say("The link is torn: what it holds is no test. Ask for it once more, or type one.");
  }

  // What is answered.

  /** Asks the server; a question of the same kind that is still open is given up. */
  async ask(kind, question) {
    this.open ??= {};
    this.open[kind]?.abort();
    const controller = new AbortController();
    this.open[kind] = controller;
    const response = await fetch(`api/${kind}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(question),
      signal: controller.signal,
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error);
    return answer;
  }

  /** Gives up all that is asked. */
  giveUp() {
    Object.values(this.open ?? {}).forEach((controller) => controller.abort());
  }

  /** Says what is wrong where the answer would be. */
  say(message) {
    element("answer").replaceChildren(make("p", { class: "error", role: "alert" }, message));
    element("answer").classList.remove("old");
  }

  changed(quiet = QUIET) {
    clearTimeout(this.timer);
    this.mixed();
    element("answer").classList.add("old");
    this.timer = setTimeout(() => this.answer(), quiet);
  }

  async answer() {
    const question = this.question();
    const status = element("status");
    status.textContent = "asking…";
    this.giveUp();
    element("advice").replaceChildren();
    try {
      await this.writeAddress(question);
      const begun = performance.now();
      const shown = await this.ask("answer", question);
      this.shown = shown;
      this.mistakes(shown.result.error);
      const explain = (pairs) => {
        const about = pairs.map(([place, value]) => `${place}=${value}`).join(" /\\ ");
        return this.ask("executions", { ...question, about: `(${about})` }).then(({ executions }) => executions);
      };
      element("answer").replaceChildren(testView(shown, { explain, tools: pictureTools, withText: false }));
      element("answer").classList.remove("old");
      const followed = this.unroll() === undefined ? `; Unroll is no number from 0 to 64, so loops are followed ${UNROLL} times` : "";
      status.textContent = `answered in ${Math.round(performance.now() - begun)} ms${followed}`;
    } catch (error) {
      if (error.name === "AbortError") return;
      status.textContent = "";
      this.mistakes(undefined);
      this.say(error.message);
    }
  }

  /** Shows mistakes at their places. */
  mistakes(error) {
    const all = error ? [error, ...(error.also ?? [])] : [];
    element("advise").disabled = all.length > 0;
    this.editor.mark(all);
    element("mistakes").replaceChildren(...all.slice(0, 20).map(({ line, column, message, help }) => make("li", {},
      make("button", { type: "button", disabled: line === 0, onclick: () => this.editor.go({ line, column }) },
        line > 0 ? `line ${line}, column ${column}: ` : "", message, help ? ` — ${help}` : ""))));
  }

  async advise() {
    const place = element("advice");
    place.replaceChildren(make("p", { class: "note", role: "status" }, "asking…"));
    try {
      const { machines } = await this.ask("advice", this.question());
      place.replaceChildren(...machines.map((machine) => this.adviceOf(machine)));
    } catch (error) {
      if (error.name !== "AbortError") place.replaceChildren(make("p", { class: "error", role: "alert" }, error.message));
    }
  }

  adviceOf({ id, cut, present, instead, forbid, ways }) {
    const uses = { nothing: "does nothing here", weaker: "is more than needed", needed: "is needed" };
    const means = present.map(({ line, hart, text, use, weaker, without, reason }) => make("li", {},
      `line ${line}, ${hart}: `, make("code", {}, text), ` ${uses[use]}`,
      weaker.length > 0 ? `: ${weaker.join(" or ")} would do` : "",
      without ? ["; without it ", make("code", {}, without)] : "", reason ? `, with it forbidden by ${reason}` : ""));
    const change = ({ line, hart, from, to }) => make("li", {}, `line ${line}, ${hart}: `,
      to ? make("code", {}, to) : "nothing", from ? [" instead of ", make("code", {}, from)] : " before it");
    const way = (title) => ({ cost, changes, test }) => make("div", { class: "way" },
      `${title}, at cost ${cost}:`, make("ul", {}, changes.map(change)),
      make("button", { type: "button", onclick: () => {
        this.editor.replace(test);
        this.changed(0);
      } }, "Try it"));
    const said = {
      "no-condition": "The test has no condition: nothing is asked to be forbidden.",
      forbidden: "The condition's outcome is forbidden as it is.",
      impossible: "Nothing that may be added forbids the condition's outcome.",
    }[forbid];
    return make("div", {}, make("h4", {}, id),
      cut.length > 0 && make("p", { class: "warning" }, `Not decided beyond loops that were cut, at line ${cut.join(", ")}.`),
      means.length > 0 && make("ul", {}, means), instead.map(way("All together can become")),
      said && make("p", {}, said), ways.map(way("To forbid the outcome")));
  }

  // Examples and links.

  async examples() {
    const list = await (await fetch("api/examples")).json();
    const select = element("examples");
    const groups = new Map();
    list.forEach(([subject, name], number) => {
      if (!groups.has(subject)) groups.set(subject, []);
      groups.get(subject).push(make("option", { value: number }, name));
    });
    select.append(...[...groups].map(([subject, options]) => make("optgroup", { label: subject || "tests" }, options)));
    select.addEventListener("change", async () => {
      if (select.value === "") return;
      const response = await fetch(`api/examples/${select.value}`);
      const { text, error } = await response.json();
      if (text === undefined) {
        element("status").textContent = error;
        return;
      }
      this.editor.replace(text);
      this.changed(0);
    });
  }

  async copyLink() {
    await this.writeAddress(this.question());
    try {
      await navigator.clipboard.writeText(location.href);
      element("status").textContent = "The link is copied.";
    } catch {
      element("status").textContent = "The link is the address of this page.";
    }
  }
}

const page = new Page();
