"use strict";
// Shows a test: its verdicts, states, reasons and executions. The report and the page of `rvlitmus serve` share
// it. What comes from tests is set as text, everywhere; nothing here makes markup of a string.

/** Makes an element: properties that begin with "on" are listeners, strings among the children are text. */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A number of things: "1 state", "2 states". */
function counted(number, what) {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** A state in a line: "1:x5=1; 1:x7=0". */
function stateText(values) {
  return values.map(([place, value]) => `${place}=${value}`).join("; ");
}

const SVG = "http://www.w3.org/2000/svg";
const DRAWN = new Set(["text", "path", "polygon", "rect"]);
const DRAWN_WITH = new Set([
  "x", "y", "width", "height", "rx", "d", "points", "fill", "fill-opacity", "stroke", "stroke-width",
  "stroke-dasharray", "text-anchor", "font-size", "font-weight", "font-family",
]);

function svgElement(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [attribute, value] of attributes) {
    if (DRAWN_WITH.has(attribute)) element.setAttribute(attribute, value);
  }
  return element;
}

/** The picture that a drawing of the program describes. */
function picture({ width, height, elements }, label) {
  const [w, h] = [Math.round(width), Math.round(height)];
  const svg = svgElement("svg", [["width", w], ["height", h], ["font-family", "sans-serif"], ["font-size", 12]]);
  svg.setAttribute("viewBox", `0 0 ${w} ${h}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  svg.append(svgElement("rect", [["width", "100%"], ["height", "100%"], ["fill", "#ffffff"]]));
  for (const [name, attributes, text, number] of elements) {
    if (!DRAWN.has(name)) continue;
    const element = svgElement(name, attributes);
    if (text !== null) element.textContent = text;
    if (number !== null) element.dataset.number = number;
    svg.append(element);
  }
  return svg;
}

/** The steps of the global memory order, one after the other, beside the picture. */
function steps(order, svg) {
  const items = order.map(([hart, instruction, effect]) =>
    make("li", {}, make("b", {}, hart), " ", make("code", {}, instruction.replace(/^\d+ /, "")), " ",
      make("span", { class: "effect" }, effect)));
  const where = make("span", { role: "status" });
  let at = order.length;
  const show = (step) => {
    at = Math.max(0, Math.min(order.length, step));
    items.forEach((item, index) => {
      item.classList.toggle("later", index >= at);
      item.classList.toggle("now", at < order.length && index === at - 1);
    });
    for (const element of svg.querySelectorAll("[data-number]")) {
      element.classList.toggle("later", Number(element.dataset.number) > at);
      element.classList.toggle("now", at < order.length && Number(element.dataset.number) === at);
    }
    back.disabled = at === 0;
    next.disabled = at === order.length;
    where.textContent = at === order.length ? "all steps" : `step ${at} of ${order.length}`;
  };
  const button = (label, to) => make("button", { type: "button", onclick: () => show(to()) }, label);
  const back = button("Back", () => at - 1);
  const next = button("Next", () => at + 1);
  const controls = make("div", { class: "controls", role: "group", "aria-label": "Steps" },
    button("From the start", () => 0), back, next, button("All", () => order.length), where);
  show(order.length);
  return make("div", {}, make("h4", {}, "Global memory order"), controls, make("ol", { class: "order" }, items));
}

/** The orders of an argument. */
function argument(because) {
  const items = because.map(([rule, also, orders]) =>
    make("li", {}, make("b", {}, rule), also ? ` (also ${also})` : "", " ", make("code", {}, orders)));
  const what = because.length > 1 ? "Forbidden, as these orders make up a cycle" : "Forbidden, because of";
  return make("div", {}, make("h4", {}, what), make("ol", { class: "order" }, items));
}

/** What there is of one execution: picture and listing. */
function executionView(execution, tools) {
  const state = stateText(execution.values);
  const verdict = execution.allowed ? "allowed" : "forbidden";
  const svg = picture(execution.drawing, `${state} is ${verdict} under ${execution.machine}`);
  const listing = execution.allowed ? steps(execution.order, svg) : argument(execution.because);
  return make("div", { class: "execution" }, make("div", { class: "picture", tabindex: "0" }, svg), listing,
    tools ? tools(svg, execution) : null);
}

/** The executions of one state, one machine at a time. */
function executionsView(values, executions, tools) {
  const panel = make("div");
  const buttons = executions.map((execution) => make("button", {
    type: "button", "aria-pressed": "false",
    onclick: (event) => show(execution, event.currentTarget),
  }, `${execution.machine}: ${execution.allowed ? "allowed" : "forbidden"}`));
  const show = (execution, button) => {
    buttons.forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
    panel.replaceChildren(executionView(execution, tools));
  };
  show(executions[0], buttons[0]);
  return make("section", { class: "executions", tabindex: "-1", "aria-label": "Executions" },
    make("h3", {}, "Why ", make("code", {}, stateText(values))),
    make("div", { class: "controls", role: "group", "aria-label": "Machines" }, buttons), panel);
}

/** Numbers by size, before symbols by name. */
function compareValues(a, b) {
  const number = /^-?\d+$/;
  if (number.test(a) && number.test(b)) {
    const [x, y] = [BigInt(a), BigInt(b)];
    return x < y ? -1 : x > y ? 1 : 0;
  }
  if (number.test(a) !== number.test(b)) return number.test(a) ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Every state once, with the numbers of the machines that reach it, sorted by value, place by place. */
function allStates(machines) {
  const known = new Map();
  machines.forEach((machine, index) => {
    for (const { values, satisfies } of machine.states ?? []) {
      const pairs = Object.entries(values);
      const key = JSON.stringify(pairs);
      if (!known.has(key)) known.set(key, { key, pairs, satisfies, reached: new Set() });
      known.get(key).reached.add(index);
    }
  });
  return [...known.values()].sort((a, b) => {
    for (let i = 0; i < a.pairs.length; i += 1) {
      const order = compareValues(a.pairs[i][1], b.pairs[i][1]);
      if (order !== 0) return order;
    }
    return 0;
  });
}

/** Why machines do not reach a state, by the state's key. */
function reasons(differences) {
  const known = new Map();
  for (const { weaker, stronger, states } of differences ?? []) {
    for (const { values, argument: line } of states) {
      const key = JSON.stringify(Object.entries(values));
      if (!known.has(key)) known.set(key, new Map());
      const why = known.get(key);
      const byZtso = weaker === "rvwmo" && stronger === "ztso";
      if (!why.has(stronger)) why.set(stronger, [byZtso ? "forbidden by Ztso" : `not under ${stronger}`, line]);
    }
  }
  return [...known].reduce((all, [key, why]) => all.set(key, [...why.values()]), new Map());
}

/** Does an execution end in the state? It may name some of the places only. */
function endsIn(execution, pairs) {
  const state = new Map(pairs);
  return execution.values.every(([place, value]) => !state.has(place) || state.get(place) === value)
    && execution.values.some(([place]) => state.has(place));
}

const MOST_ROWS = 200;

/** The table of states. `open` shows the executions of a state, `can` says whether there are any. */
function statesTable({ machines, differences }, can, open) {
  const states = allStates(machines);
  if (states.length === 0) return null;
  const why = reasons(differences);
  const places = states[0].pairs.map(([place]) => place);
  const cell = (machine, reached) => {
    if (!machine.states) return make("td", { class: "unknown" }, "?");
    return make("td", { class: reached ? "yes" : "no" }, reached ? "yes" : "NO");
  };
  const row = ({ key, pairs, satisfies, reached }) => {
    const told = (why.get(key) ?? []).map(([note, line]) =>
      make("div", {}, make("b", {}, note), line ? ` because ${line}` : ""));
    const button = can(pairs) && make("button", {
      type: "button", "aria-label": `Why ${stateText(pairs)}`, onclick: () => open(pairs),
    }, "why");
    return make("tr", { class: satisfies ? "satisfies" : null },
      make("td", {}, satisfies ? make("abbr", { title: "satisfies the condition" }, "*") : ""),
      pairs.map(([, value]) => make("td", { class: "value" }, value)),
      machines.map((machine, index) => cell(machine, reached.has(index))),
      make("td", {}, button), make("td", { class: "why" }, told));
  };
  const body = make("tbody", {}, states.slice(0, MOST_ROWS).map(row));
  const head = make("tr", {}, make("th", { scope: "col" }, make("span", { class: "hidden" }, "condition")),
    places.map((place) => make("th", { scope: "col", class: "value" }, place)),
    machines.map(({ id }) => make("th", { scope: "col" }, id)),
    make("th", { scope: "col" }, make("span", { class: "hidden" }, "execution")), make("th", { scope: "col" }, "why not"));
  const more = states.length > MOST_ROWS && make("button", {
    type: "button",
    onclick: (event) => {
      body.append(...states.slice(MOST_ROWS).map(row));
      event.currentTarget.remove();
    },
  }, `Show ${states.length - MOST_ROWS} more states`);
  return make("div", {}, make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "States" },
    make("table", { class: "states" }, make("caption", {}, counted(states.length, "state")),
      make("thead", {}, head), body)), more);
}

/** What is wrong with a test, and where. */
function errorView(status, error) {
  const one = ({ line, column, message, help }) => make("li", {},
    line > 0 ? `line ${line}, column ${column}: ` : "", message, help ? make("em", {}, ` — ${help}`) : "");
  return make("div", { class: "error", role: "alert" }, make("b", {}, status),
    make("ul", {}, [error, ...(error.also ?? [])].map(one)));
}

/** The verdict of each machine. */
function verdicts({ machines, condition }) {
  const about = condition && make("p", {}, make("code", {}, `${condition.quantifier} ${condition.proposition}`));
  const holds = { true: "holds", false: "does not hold", null: "not decided" };
  const item = (machine) => make("li", {}, make("b", {}, machine.id), " ",
    machine.observation ?? machine.status,
    condition && machine.states ? `, ${holds[machine.holds]}` : "",
    machine.states ? `, ${counted(machine.states.length, "state")}` : "",
    machine.status === "complete" ? "" : make("span", { class: "error" }, ` ${machine.status}`),
    (machine.cut ?? []).map(({ line, label }) => ` (cut at line ${line}${label ? `, ${label}` : ""})`),
    machine.harts ? ` — harts ${machine.harts.join(", ")}` : "",
    machine.error ? errorView(machine.status, machine.error) : null);
  return make("div", {}, about, make("ul", { class: "verdicts" }, machines.map(item)));
}

/** The text of a test with numbers of its lines; what is wrong is marked. */
function textView(text, error) {
  const wrong = new Set(error ? [error, ...(error.also ?? [])].map(({ line }) => line) : []);
  const lines = text.replace(/\n$/, "").split("\n");
  return make("pre", { class: "text", tabindex: "0" }, lines.map((line, index) =>
    make("span", { class: wrong.has(index + 1) ? "line wrong" : "line", "data-line": index + 1 }, `${line}\n`)));
}

/** All that is said of a test. `explain` asks for the executions of a state that are not at hand. */
function testView(shown, { explain, tools, options, withText = true } = {}) {
  const { result, text, executions = [], left_out: leftOut } = shown;
  const place = make("div");
  const known = (pairs) => executions.filter((execution) => endsIn(execution, pairs));
  const put = (pairs, found) => {
    if (found.length === 0) place.replaceChildren(make("p", { role: "alert" }, "No execution was found within the limits."));
    else {
      place.replaceChildren(executionsView(pairs, found, tools));
      place.firstChild.focus({ preventScroll: true });
      place.scrollIntoView({ block: "nearest" });
    }
  };
  const open = (pairs) => {
    const found = known(pairs);
    if (found.length > 0 || !explain) put(pairs, found);
    else explain(pairs).then((more) => put(pairs, more), (error) => {
      place.replaceChildren(make("p", { class: "error", role: "alert" }, error.message));
    });
  };
  const can = (pairs) => explain !== undefined || known(pairs).length > 0;
  // Executions of states that no machine reaches stand in no row of the table.
  const states = result.machines ? allStates(result.machines) : [];
  const groups = new Map();
  for (const execution of executions) {
    if (!states.some(({ pairs }) => endsIn(execution, pairs))) {
      const key = JSON.stringify(execution.values);
      groups.set(key, [...(groups.get(key) ?? []), execution]);
    }
  }
  const unreached = [...groups.values()].map((group) => make("li", {},
    make("code", {}, stateText(group[0].values)), " ",
    make("button", { type: "button", onclick: () => put(group[0].values, group) }, "why not")));
  const about = [["path", withText ? result.path : undefined], ["description", result.description], ["hash", result.hash],
    ...Object.entries(result.metadata ?? {}), ...Object.entries(options ?? {})]
    .filter(([, value]) => value !== undefined && value !== null);
  return make("article", {},
    make("h2", {}, result.name),
    result.error ? errorView(result.status, result.error) : null,
    leftOut ? make("p", {}, `Its ${leftOut} states are more than a page shows: see the formats json and jsonl.`) : null,
    result.machines ? verdicts(result) : null,
    (result.warnings ?? []).map((warning) => make("p", { class: "warning" }, `warning: ${warning}`)),
    result.machines ? statesTable(result, can, open) : null,
    unreached.length > 0 && make("div", {}, make("h3", {}, "Reached by no machine"), make("ul", {}, unreached)),
    place,
    withText && text !== undefined ? [make("h3", {}, "Text"), textView(text, result.error)] : null,
    withText && text === undefined ? make("p", { class: "note" },
      "The results that this page was made of have neither the text nor executions: `rvlitmus run --details` writes them.") : null,
    about.length > 0 && [make("h3", {}, "About"), make("dl", {}, about.map(([key, value]) =>
      [make("dt", {}, key), make("dd", {}, Array.isArray(value) ? value.join(", ") : String(value))]))]);
}
