// The report: a list of all tests, filtered, sorted, and one of them opened. All of that stands in the fragment
// of the address, so that a link leads to the same.

/** Unpacks what stands in the element of this id. */
async function unpack(id) {
  const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

const AT_A_TIME = 200;

/** Does a text match a pattern in which a star stands for any text? Each part is looked for once, from left to right. */
function matchesPattern(pattern, text) {
  const [first, ...parts] = pattern.split(/\*+/);
  const last = parts.pop() ?? "";
  let at = first.length;
  const all = text.startsWith(first) && parts.every((part) => {
    const found = text.indexOf(part, at);
    at = found + part.length;
    return found >= 0;
  });
  return all && text.length - last.length >= at && text.endsWith(last);
}

/** What each row is called in addresses: its path, with a number behind it where that is nothing or taken. */
function keys(rows) {
  const taken = new Set();
  const times = new Map();
  return rows.map(({ path }) => {
    let key = path;
    while (key === "" || taken.has(key)) {
      times.set(path, (times.get(path) ?? 1) + 1);
      key = `${path}#${times.get(path)}`;
    }
    taken.add(key);
    return key;
  });
}

class Report {
  constructor(index) {
    this.index = index;
    const names = keys(index.rows);
    this.rows = index.rows.map((row, number) => ({
      ...row, number, key: names[number], verdicts: new Map(row.verdicts), text: `${row.path} ${row.name}`.toLowerCase(),
    }));
    this.pieces = new Map();
    this.shown = 0;
    this.readAddress();
    this.summary();
    this.filterForm();
    this.table();
    this.update();
    addEventListener("hashchange", () => {
      this.readAddress();
      this.filterForm();
      this.update();
    });
    addEventListener("beforeprint", () => this.grow(this.found.length));
  }

  // What is asked for: { q, status, differs, sort, test, and m.MACHINE for each verdict }.
  readAddress() {
    this.asked = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  }

  address(changes) {
    const asked = Object.entries({ ...this.asked, ...changes }).filter(([, value]) => value);
    return `#${new URLSearchParams(asked)}`;
  }

  ask(changes) {
    history.replaceState(null, "", this.address(changes));
    this.readAddress();
    this.update();
  }

  summary() {
    const { summary, options, interrupted } = this.index;
    const said = options && Object.entries(options).filter(([, value]) => value !== null);
    document.getElementById("summary").replaceChildren(
      make("ul", {}, summary.map((sentence) => make("li", {}, sentence))),
      interrupted ? make("p", { class: "error" }, "The run was interrupted: tests are missing.") : "",
      said ? make("details", {}, make("summary", {}, "Options"), make("dl", {}, said.map(([key, value]) =>
        [make("dt", {}, key), make("dd", {}, Array.isArray(value) ? value.join(", ") : String(value))]))) : "");
  }

  filterForm() {
    const { machines } = this.index;
    const choice = (key, label, values) => {
      const select = make("select", { name: key, onchange: () => this.ask({ [key]: select.value }) },
        make("option", { value: "" }, "any"), values.map(([value, text]) =>
          make("option", { value, selected: this.asked[key] === value }, text ?? value)));
      return make("label", {}, label, " ", select);
    };
    const seen = (of) => [...new Set(this.rows.flatMap(of))].filter(Boolean).sort().map((value) => [value]);
    const name = make("input", {
      type: "search", name: "q", placeholder: "words, or MP*", value: this.asked.q,
      oninput: () => this.ask({ q: name.value }),
    });
    const form = document.getElementById("filter");
    form.replaceChildren(
      make("label", {}, "Name ", name),
      ...machines.map((machine, number) => choice(`m.${machine}`, machine, seen((row) => row.verdicts.get(number)))),
      choice("differs", "Differs", [["yes", "in states"], ["verdict", "in the verdict"], ["no", "nowhere"]]),
      choice("status", "Status", [...seen((row) => row.status), ["error", "any error"], ["warned", "with warnings"]]),
      make("button", { type: "button", onclick: () => { location.hash = ""; } }, "Clear"));
    form.onsubmit = (event) => event.preventDefault();
  }

  matches() {
    const { machines } = this.index;
    const words = (this.asked.q ?? "").toLowerCase().split(/\s+/).filter(Boolean).map((word) => {
      if (!word.includes("*")) return (row) => row.text.includes(word);
      return (row) => [row.name, row.path].some((text) => matchesPattern(word, text.toLowerCase()));
    });
    const verdicts = machines.map((machine, number) => [number, this.asked[`m.${machine}`]]).filter(([, v]) => v);
    const { differs, status } = this.asked;
    const differing = { yes: (row) => row.differs, verdict: (row) => row.differs === "verdict", no: (row) => !row.differs };
    const answered = new Set(["complete", "bounded", "no-execution"]);
    return (row) => words.every((word) => word(row))
      && verdicts.every(([number, verdict]) => row.verdicts.get(number) === verdict)
      && (!differs || (differing[differs] ?? (() => true))(row))
      && (!status || row.status === status || (status === "warned" && row.warned)
        || (status === "error" && !answered.has(row.status)));
  }

  /** The columns of the list: what each is called, by what it is sorted, and its cell. */
  columns() {
    const cell = (text, kind) => make("td", { class: kind }, text);
    const verdict = (machine, number) => {
      const value = (row) => row.verdicts.get(number) ?? "";
      return { key: `m.${machine}`, label: machine, value, cell: (row) => cell(value(row), value(row).toLowerCase()) };
    };
    return [
      { key: "name", label: "Test", value: (row) => row.name, cell: (row) => make("th", { scope: "row" }, this.link(row), make("small", {}, row.path)) },
      { key: "status", label: "Status", value: (row) => row.status,
        cell: (row) => cell(row.warned ? `${row.status}, warnings` : row.status, row.status === "complete" ? null : "error") },
      ...this.index.machines.map(verdict),
      { key: "states", label: "States", value: (row) => row.states, cell: (row) => cell(row.states, "number") },
      { key: "differs", label: "Differs", value: (row) => row.differs ?? "", cell: (row) => cell(row.differs, row.differs && "differs") },
    ];
  }

  sorted(rows) {
    const sort = this.asked.sort ?? "";
    const column = this.columns().find(({ key }) => key === sort.replace(/^-/, ""));
    if (!column) return rows;
    const way = sort.startsWith("-") ? -1 : 1;
    return rows.map((row) => [column.value(row), row]).sort(([a, x], [b, y]) =>
      (a < b ? -way : a > b ? way : x.number - y.number)).map(([, row]) => row);
  }

  table() {
    this.body = make("tbody");
    this.heads = this.columns().map(({ key, label }) => {
      const button = make("button", { type: "button", onclick: () => {
        this.ask({ sort: this.asked.sort === key ? `-${key}` : this.asked.sort === `-${key}` ? "" : key });
      } }, label);
      return make("th", { scope: "col", "data-key": key }, button);
    });
    this.more = make("button", { type: "button", onclick: () => this.grow(this.shown + AT_A_TIME) });
    this.all = make("button", { type: "button", onclick: () => this.grow(this.found.length) }, "Show all");
    this.rest = make("p", { class: "controls" }, this.more, this.all);
    document.getElementById("table").replaceChildren(
      make("div", { class: "scroll" }, make("table", { class: "tests" }, make("caption", { class: "hidden" }, "Tests"),
        make("thead", {}, make("tr", {}, this.heads)), this.body)), this.rest);
    new IntersectionObserver((seen) => {
      if (seen.some((entry) => entry.isIntersecting)) this.grow(this.shown + AT_A_TIME);
    }, { rootMargin: "400px" }).observe(this.rest);
  }

  /** Marks the row of the test that is open; the others stay where they are. */
  mark() {
    for (const row of this.body.querySelectorAll(".open")) {
      row.classList.remove("open");
      row.querySelector("a").removeAttribute("aria-current");
    }
    const row = this.body.querySelector(`[data-key="${CSS.escape(this.asked.test ?? "")}"]`);
    if (row === null) return;
    row.classList.add("open");
    row.querySelector("a").setAttribute("aria-current", "true");
    row.scrollIntoView({ block: "nearest" });
  }

  link({ key, name, path }) {
    const open = this.asked.test === key;
    return make("a", { href: this.address({ test: key }), "aria-current": open ? "true" : null }, name || path || key);
  }

  row(row, columns) {
    const open = this.asked.test === row.key;
    return make("tr", { class: open ? "open" : null, "data-key": row.key }, columns.map(({ cell }) => cell(row)));
  }

  grow(to) {
    const most = Math.min(to, this.found.length);
    if (most > this.shown) {
      const columns = this.columns();
      this.body.append(...this.found.slice(this.shown, most).map((row) => this.row(row, columns)));
      this.shown = most;
    }
    const left = this.found.length - this.shown;
    this.rest.hidden = left === 0;
    this.more.textContent = `Show ${Math.min(left, AT_A_TIME)} more`;
  }

  update() {
    const begun = performance.now();
    this.open();
    const { test, ...list } = this.asked;
    if (this.listed === JSON.stringify(list)) {
      this.mark();
      return;
    }
    this.listed = JSON.stringify(list);
    this.found = this.sorted(this.rows.filter(this.matches()));
    this.body.replaceChildren();
    this.shown = 0;
    this.grow(AT_A_TIME);
    const { sort = "" } = this.asked;
    for (const head of this.heads) {
      const order = { [head.dataset.key]: "ascending", [`-${head.dataset.key}`]: "descending" }[sort];
      if (order) head.setAttribute("aria-sort", order);
      else head.removeAttribute("aria-sort");
    }
    const all = counted(this.rows.length, "test");
    document.getElementById("count").textContent =
      this.found.length === this.rows.length ? all : `${this.found.length} of ${all}`;
    document.documentElement.dataset.milliseconds = String(Math.round(performance.now() - begun));
  }

  async open() {
    const section = document.getElementById("test");
    const { test } = this.asked;
    section.hidden = !test;
    document.body.classList.toggle("opened", Boolean(test));
    const row = this.rows.find(({ key }) => key === test);
    const close = make("a", { href: this.address({ test: "" }), class: "close" }, "Close");
    if (row === undefined) {
      this.opened = undefined;
      section.replaceChildren(...(test ? [close, make("p", { class: "error", role: "alert" }, `There is no test ${test} in this report.`)] : []));
      return;
    }
    if (this.opened === row) {
      section.querySelector(".close").replaceWith(close);
      return;
    }
    this.opened = row;
    const shown = await this.shownTest(row.number);
    if (this.opened !== row) return;
    section.replaceChildren(close, testView(shown, { options: this.index.options }));
    section.scrollTop = 0;
    // In a narrow window the list is not there beside it.
    if (document.getElementById("list").offsetParent === null) section.scrollIntoView();
    section.focus({ preventScroll: true });
  }

  /** What is shown of a test, from its piece, which is unpacked when it is needed first. */
  async shownTest(number) {
    let piece = 0;
    let first = 0;
    while (number >= first + this.index.pieces[piece]) {
      first += this.index.pieces[piece];
      piece += 1;
    }
    if (!this.pieces.has(piece)) this.pieces.set(piece, unpack(`piece${piece}`));
    return (await this.pieces.get(piece))[number - first];
  }
}

unpack("index").then((index) => new Report(index)).catch((error) => {
  document.getElementById("summary").replaceChildren(
    make("p", { class: "error", role: "alert" }, `This browser cannot show the report: ${error.message}`));
});
