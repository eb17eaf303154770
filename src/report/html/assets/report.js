// The report: a list of all tests, filtered, sorted, and one of them opened. All of that stands in the fragment
// of the address, so that a link leads to the same.

/** Unpacks what stands in the element of this id. */
async function unpack(id) {
  const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

const AT_A_TIME = 200;

class Report {
  constructor(index) {
    this.index = index;
    this.rows = index.rows.map((row, number) => ({
      ...row, number, verdicts: new Map(row.verdicts), text: `${row.path} ${row.name}`.toLowerCase(),
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
      const parts = word.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
      const pattern = new RegExp(`^${parts.join(".*")}$`);
      return (row) => pattern.test(row.name.toLowerCase()) || pattern.test(row.path.toLowerCase());
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

  columns() {
    const verdict = (number) => (row) => row.verdicts.get(number) ?? "";
    return [["name", "Test", (row) => row.name], ["status", "Status", (row) => row.status],
      ...this.index.machines.map((machine, number) => [`m.${machine}`, machine, verdict(number)]),
      ["states", "States", (row) => row.states], ["differs", "Differs", (row) => row.differs ?? ""]];
  }

  sorted(rows) {
    const sort = this.asked.sort ?? "";
    const column = this.columns().find(([key]) => key === sort.replace(/^-/, ""));
    if (!column) return rows;
    const way = sort.startsWith("-") ? -1 : 1;
    const [, , value] = column;
    return rows.map((row) => [value(row), row]).sort(([a, x], [b, y]) =>
      (a < b ? -way : a > b ? way : x.number - y.number)).map(([, row]) => row);
  }

  table() {
    this.body = make("tbody");
    this.heads = this.columns().map(([key, label]) => {
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
    const row = this.body.querySelector(`[data-path="${CSS.escape(this.asked.test ?? "")}"]`);
    if (row === null) return;
    row.classList.add("open");
    row.querySelector("a").setAttribute("aria-current", "true");
    row.scrollIntoView({ block: "nearest" });
  }

  row(row) {
    const open = this.asked.test === row.path;
    const link = make("a", { href: this.address({ test: row.path }), "aria-current": open ? "true" : null }, row.name);
    const cell = (text, kind) => make("td", { class: kind }, text ?? "");
    return make("tr", { class: open ? "open" : null, "data-path": row.path },
      make("th", { scope: "row" }, link, make("small", {}, row.path)),
      cell(row.warned ? `${row.status}, warnings` : row.status, row.status === "complete" ? null : "error"),
      this.index.machines.map((_, number) => cell(row.verdicts.get(number), row.verdicts.get(number)?.toLowerCase())),
      cell(row.states, "number"), cell(row.differs === "verdict" ? "verdict" : row.differs, row.differs && "differs"));
  }

  grow(to) {
    const most = Math.min(to, this.found.length);
    if (most > this.shown) {
      this.body.append(...this.found.slice(this.shown, most).map((row) => this.row(row)));
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
    const row = this.rows.find(({ path }) => path === this.asked.test);
    section.hidden = row === undefined;
    document.body.classList.toggle("opened", row !== undefined);
    if (row === undefined) {
      this.opened = undefined;
      section.replaceChildren();
      return;
    }
    const close = make("a", { href: this.address({ test: "" }), class: "close" }, "Close");
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
