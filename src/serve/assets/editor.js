"use strict";
// The editor: a text area, and behind it the same text in colours, with lines numbered and mistakes marked.

/** Longer texts are not coloured: it would take longer than typing does. */
const MOST_COLOURED = 20000;

const TOKENS = new RegExp([
  String.raw`(?<comment>\(\*[\s\S]*?(?:\*\)|$)|\/\/.*|"[^"]*")`,
  String.raw`(?<word>~?\bexists\b|\b(?:forall|locations|filter|final|not|true|false)\b|^[A-Z]\w*(?=\s))`,
  String.raw`(?<register>\b(?:x\d{1,2}|zero|ra|sp|gp|tp|[ast]\d{1,2}|P\d+)\b)`,
  String.raw`(?<number>-?\b(?:0x[0-9a-fA-F]+|\d+)\b)`,
  String.raw`(?<instruction>\b[a-z][a-z0-9]*(?:\.[a-z0-9]+)*\b(?=[ \t]+[^ \t=:|;\n]))`,
].join("|"), "gm");

/** The pieces of a text: where each begins, where it ends, and what it is. */
function tokens(text) {
  return [...text.matchAll(TOKENS)].map((match) => {
    const [kind] = Object.entries(match.groups).find(([, found]) => found !== undefined);
    return { start: match.index, end: match.index + match[0].length, kind: `t-${kind}` };
  });
}

class Editor {
  constructor(place, changed) {
    this.area = make("textarea", {
      spellcheck: "false", autocapitalize: "off", autocomplete: "off", "aria-label": "Text of the test", wrap: "off",
    });
    this.behind = make("pre", { "aria-hidden": "true" });
    this.mistakes = [];
    this.area.addEventListener("input", () => {
      this.mistakes = [];
      this.paint();
      changed();
    });
    this.area.addEventListener("scroll", () => this.follow());
    place.replaceChildren(make("div", { class: "editor" }, this.behind, this.area));
  }

  get text() {
    return this.area.value;
  }

  set text(text) {
    this.area.value = text;
    this.mistakes = [];
    this.paint();
  }

  /** Puts another text in its place as if it were typed, so that it can be undone. */
  replace(text) {
    const before = document.activeElement;
    this.area.focus({ preventScroll: true });
    this.area.select();
    text = text.replaceAll(/\r\n?/g, "\n");
    // It is the only way to a text area's undoing.
    if (text === "" || !document.execCommand("insertText", false, text)) this.text = text;
    this.area.setSelectionRange(0, 0);
    this.area.scrollTop = 0;
    before?.focus({ preventScroll: true });
  }

  /** Marks mistakes: { line, column }, in characters from 1. */
  mark(mistakes) {
    this.mistakes = mistakes;
    this.paint();
  }

  /** Where a place is in the text. */
  offset({ line, column }) {
    const lines = this.text.split("\n");
    const before = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    return before + [...(lines[line - 1] ?? "")].slice(0, column - 1).join("").length;
  }

  /** Puts the caret on a place. */
  go(place) {
    const at = this.offset(place);
    this.area.focus();
    this.area.setSelectionRange(at, at);
    this.area.scrollTop = Math.max(0, (place.line - 4) * 20);
  }

  paint() {
    const { text } = this;
    const coloured = text.length <= MOST_COLOURED;
    this.area.classList.toggle("plain", !coloured);
    if (!coloured) {
      this.behind.replaceChildren();
      return;
    }
    const kinds = tokens(text);
    const wrong = this.mistakes.filter(({ line }) => line > 0).map((place) => {
      const start = this.offset(place);
      const word = /^[^\s,;|()]+/.exec(text.slice(start));
      return { start, end: start + Math.max(1, word ? word[0].length : 1) };
    });
    let at = 0;
    const lines = text.split("\n").map((line, number) => {
      const [from, to] = [at, at + line.length];
      at = to + 1;
      const inside = kinds.filter(({ start, end }) => start < to && end > from);
      const marked = wrong.filter(({ start }) => start >= from && start <= to);
      const borders = [from, to, ...inside.flatMap(({ start, end }) => [start, end]),
        ...marked.flatMap(({ start, end }) => [start, end])];
      const cuts = [...new Set(borders.filter((border) => border >= from && border <= to))].sort((a, b) => a - b);
      const pieces = cuts.slice(0, -1).map((start, index) => {
        const end = cuts[index + 1];
        const kind = inside.find((token) => token.start <= start && token.end >= end)?.kind ?? "";
        const mistaken = marked.some((mark) => mark.start <= start && mark.end >= end) ? " mistake" : "";
        return make("span", { class: kind + mistaken }, text.slice(start, end));
      });
      const atEnd = marked.some(({ start }) => start === to) ? make("span", { class: "mistake" }, " ") : null;
      return make("span", { class: "line", "data-line": number + 1 }, pieces, atEnd);
    });
    this.behind.replaceChildren(...lines);
    this.follow();
  }

  follow() {
    this.behind.scrollTop = this.area.scrollTop;
    this.behind.scrollLeft = this.area.scrollLeft;
  }
}
