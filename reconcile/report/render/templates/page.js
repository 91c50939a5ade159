"use strict";
// Fills the page's lists from its data (page_data.py says what it holds); searches, filters, opens and copies.

// How much a list shows at first, while something is searched, and more when it is asked for.
const FIRST = { open: 4, repaired: 4, approval: 50, closed: 50, recordings: 10 };
const [FOUND, MORE] = [20, 50];

const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const words = (text) => text.toLowerCase().split(/\/*(?:\s|$)/).filter(Boolean);
const count = (number) => number.toLocaleString("en");
const isNew = (age) => age === "new" || age === "came-back";

// Makes an element; whatever stands in it is text or another element, never markup.
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value) element.setAttribute(name, value);
  element.append(...children.flat(Infinity).filter(Boolean));
  return element;
}

// ---- Times: in the reader's zone, and in UTC on hover

const format = (options) => new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", ...options });
const clock = { hour: "2-digit", minute: "2-digit" };
const dated = { ...clock, year: "numeric" };
const formats = { day: format({}), short: format(clock), dated: format(dated), long: format({ ...dated, weekday: "short" }) };
const thisYear = new Date(one("time").dateTime).getFullYear();

function localise(element) {
  const date = new Date(element.dateTime);
  const usual = date.getFullYear() === thisYear ? "short" : "dated";
  element.title = `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
  element.textContent = formats[element.className || usual].format(date);
  return element;
}

const time = (moment) => localise(make("time", { datetime: new Date(moment).toISOString() }));

// ---- A finding: its line, and what it shows when it is opened

const cells = (values, columns) => values.map((value) => make("td", { colspan: columns > values.length && columns }, value));

// Candidates side by side, or a write; of its first column what was there is marked, of its second what is there now.
function table([title, mark, tone, target, heads, rows, note]) {
  const cell = ([start, middle, end], column) => [start, middle && make(["del", "ins"][column], {}, middle), end];
  const body = rows.map(([label, style, values]) =>
    make("tr", { class: style }, make("th", { scope: "row" }, label), cells(values.map(cell), heads.length)));
  const head = make("tr", {}, make("td", {}), heads.map((text) => make("th", { scope: "col" }, text)));
  const caption = [make("b", {}, title), " ", make("span", { class: `pill ${tone}` }, mark), " ", make("code", {}, target)];
  const parts = [make("thead", {}, head), make("tbody", {}, body)];
  return [title && make("p", {}, caption), make("div", { class: "scroll" }, make("table", { class: "compare" }, parts)), note];
}

function command(text) {
  const code = make("code", text.length > 300 ? { class: "long", tabindex: "0" } : {}, text);
  return make("div", { class: "command" }, code, make("button", { type: "button", class: "copy" }, "Copy"));
}

function evidence(line) {
  const fact = ([label, values]) => make("div", {}, make("dt", {}, label), values.map((value) => make("dd", {}, value)));
  const outside = { target: "_blank", rel: "noopener noreferrer" };
  const links = line.links.map(([label, url]) => make("a", { href: url, ...outside }, `${label} ↗`));
  const here = line.id && make("a", { href: `#f-${line.id}` }, "Link to this finding");
  return make("div", { class: "evidence" }, [
    line.place && make("code", { class: "place" }, line.place),
    line.step && make("p", {}, line.step),
    line.commands.map(command),
    line.cause && make("p", {}, `Root cause: ${line.cause}`),
    line.tables.map(table),
    make("dl", { class: "facts" }, line.facts.map(fact)),
    make("p", { class: "links" }, links, here),
  ]);
}

function lineElement(line, kind) {
  const when = [line.at && time(line.at), line.at && line.length && " · ", line.length];
  const [start, left, right, end] = line.change;
  const change = [start, left && make("del", {}, left), right && make("ins", {}, right), end];
  const status = line.status && make("span", { class: "pill medium" }, line.status);
  const tone = { repaired: "good", closed: "none" }[kind];
  const age = isNew(line.age) && !tone ? make("span", { class: "pill high" }, line.mark) : line.mark;
  const title = [make("b", {}, line.title), " ", make("span", { class: "when" }, when)];
  const parts = Object.entries({ title, change, mark: [status, " ", age] });
  const summary = make("summary", {}, parts.map(([name, part]) => make("span", { class: name }, part)));
  const element = make("details", { class: `line ${tone || line.severity}`, "data-finding": line.id }, summary);
  element.fill = () => element.children.length > 1 || element.append(evidence(line));
  element.addEventListener("toggle", () => element.open && element.fill());
  return element;
}

function recordingElement({ title, at, status, tone, program, place, finding }) {
  const state = make(finding ? "a" : "span", { class: `pill ${tone}`, href: finding && `#f-${finding}` }, status);
  const ids = [program, place.split("/").slice(3).join("/")].map((id) => make("code", { title: id }, id || "–"));
  return make("tr", {}, cells([title, at ? time(at) : "–", state, ...ids]));
}

// ---- Lists: of findings, and of recordings

let data, findings, recordings;
const unpack = (value) => (Array.isArray(value) ? value.map(unpack) : data.texts[value]);

// Shows the first of its rows in a box.
class List {
  constructor(box, fields, element) {
    Object.assign(this, { box, fields, make: element, kind: box.dataset.kind, rows: data.lists[box.dataset.list] });
    Object.assign(this, { limit: FIRST[this.kind], elements: [] });
    [this.group, this.fold, this.part] = [".group", ".fold", "[data-noun]"].map((name) => box.closest(name));
    this.more = make("button", { type: "button", class: "more" });
    this.more.addEventListener("click", () => this.extend());
    (box.closest(".table") || box).after(this.more);
  }

  value(place, field) {
    return unpack(this.rows[place][this.fields.indexOf(field)]);
  }

  element(place) {
    const row = () => Object.fromEntries(this.fields.map((field) => [field, this.value(place, field)]));
    return (this.elements[place] ??= this.make(row(), this.kind));
  }

  // Returns the places whose text holds every word; the texts are made once, in lower case.
  search(parts) {
    const places = [...this.rows.keys()];
    if (!parts.length) return places;
    this.texts ??= places.map((place) => {
      const at = this.value(place, "at");
      const values = unpack(this.rows[place].slice(0, data.searched)).flat(Infinity);
      return `${values.join("\n")}\n${at && formats.dated.format(new Date(at))}`.toLowerCase();
    });
    return places.filter((place) => parts.every((part) => this.texts[place].includes(part)));
  }

  show(found, limit = this.limit) {
    const rest = Math.max(0, found.length - limit);
    Object.assign(this, { found, shown: found.length - rest });
    this.box.replaceChildren(...found.slice(0, limit).map((place) => this.element(place)));
    this.more.hidden = !rest;
    this.more.textContent = `Show ${Math.min(rest, MORE)} more${rest > MORE ? ` of ${count(rest)}` : ""}`;
  }

  extend() {
    const next = this.shown;
    this.limit = next + MORE;
    this.show(this.found);
    one("summary", this.element(this.found[next]))?.focus();
  }
}

// ---- Searching and filtering

const filter = { words: [], only: "all", ids: null };

function passes(list, place) {
  if (filter.ids && !filter.ids.has(list.value(place, "id"))) return false;
  if (filter.only === "new") return isNew(list.value(place, "age"));
  return filter.only === "all" || list.value(place, "severity") === filter.only;
}

function showFindings() {
  const isActive = filter.words.length > 0 || filter.only !== "all" || filter.ids !== null;
  for (const list of findings) {
    list.show(list.search(filter.words).filter((place) => passes(list, place)), isActive ? Math.max(FOUND, list.limit) : list.limit);
    if (list.group) list.group.hidden = isActive && !list.found.length;
    const matches = isActive && list.found.length > 0;
    if (list.fold && matches !== Boolean(list.matches)) list.fold.open = matches;
    list.matches = matches;
  }
  for (const shelf of all(".shelf")) shelf.hidden = !one(".group:not([hidden])", shelf);
  for (const chip of all(".chips button")) chip.setAttribute("aria-pressed", !filter.ids && chip.dataset.filter === filter.only);
  const hits = [one("#open"), ...all("[data-noun]:not(#open)")].map((part) => {
    const inside = findings.filter((list) => list.part === part);
    const [found, size] = ["found", "rows"].map((name) => inside.reduce((sum, list) => sum + list[name].length, 0));
    if (part.id === "open") return make("span", {}, `${count(found)} of ${count(size)} shown`);
    return found && make("a", { href: `#${part.id}` }, `${count(found)} ${part.dataset.noun}`);
  });
  const rows = filter.words.length && recordings.search(filter.words).length;
  hits.push(rows && make("a", { href: "#recordings", class: "lookup" }, `${count(rows)} recordings`));
  one("#hits").replaceChildren(...(isActive ? hits.filter(Boolean) : []));
}

function setFilter(change, text = one("#search").value) {
  one("#search").value = text;
  Object.assign(filter, { words: words(text), only: "all", ids: null }, change);
  showFindings();
}

function showRecordings() {
  const parts = words(one("#lookup").value);
  recordings.show(recordings.search(parts));
  const hits = `${count(recordings.found.length)} of ${count(recordings.rows.length)} shown`;
  one("#rows-found").textContent = parts.length ? hits : "";
}

// Opens the finding or the closed list that the address names, though it be filtered away or not shown yet.
function follow() {
  const target = location.hash.slice(1);
  const named = document.getElementById(target);
  if (named?.matches(".fold")) named.open = true;
  if (!target.startsWith("f-")) return;
  const places = findings.map((list) => [list, list.rows.findIndex(([id]) => data.texts[id] === target.slice(2))]);
  const held = places.filter(([, place]) => place >= 0);
  const [list, place] = held.find(([list]) => !list.fold) || held[0] || [];
  if (!list) return void (one("#hits").textContent = "The finding of this link is not in this report.");
  if (!list.found.includes(place)) setFilter({}, "");
  if (list.found.indexOf(place) >= list.shown) list.show([place, ...list.found.filter((other) => other !== place)], list.shown);
  const element = list.element(place);
  for (let fold = element; fold; fold = fold.parentElement.closest("details")) fold.open = true;
  element.fill();
  element.scrollIntoView();
  element.firstChild.focus({ preventScroll: true });
}

// ---- Keys, copying, printing

async function copy(button) {
  const code = button.previousElementSibling;
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch {
    getSelection().selectAllChildren(code);
    if (!document.execCommand("copy")) return void (one("#status").textContent = "Selected: copy it with Ctrl+C.");
  }
  one("#status").textContent = "Copied.";
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = "Copy"), 1500);
}

function onClick({ target }) {
  const button = target.closest(".copy, [data-filter], [data-set], .lookup");
  if (!button) return;
  if (button.matches(".copy")) return void copy(button);
  if (button.matches(".lookup")) {
    one("#lookup").value = one("#search").value;
    return showRecordings();
  }
  const ids = button.dataset.set ? new Set(unpack(data.sets[button.dataset.set])) : null;
  const only = ["new", "high"].includes(button.dataset.filter) ? button.dataset.filter : "all";
  setFilter({ ids, only }, button.closest(".chips") ? undefined : "");
  if (ids) findings.find((list) => list.found.length)?.part.scrollIntoView();
}

function onKey(event) {
  const { key, target } = event;
  const line = target.closest(".line");
  if (key === "/" && !target.matches("input") && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    one("#search").focus();
  } else if (key === "Escape" && target.matches("input")) {
    target.value = "";
    target.dispatchEvent(new Event("input"));
  } else if (key === "Escape" && line) {
    line.open = false;
    line.firstChild.focus();
  } else if ((key === "ArrowDown" || key === "ArrowUp") && (line || target.id === "search")) {
    event.preventDefault();
    const lines = all(".line > summary", line ? document : one("#open")).filter((one) => one.checkVisibility());
    lines[line ? lines.indexOf(line.firstChild) + (key === "ArrowDown" ? 1 : -1) : 0]?.focus();
  }
}

// Prints what a reader would open first.
function openFirst() {
  const first = all(".shelf .lines").flatMap((box) => all(".line:not([open])", box).slice(0, FIRST.open));
  for (const line of first) Object.assign(line, { open: true }).fill();
  addEventListener("afterprint", () => first.forEach((line) => (line.open = false)), { once: true });
}

async function load() {
  const { type, textContent: body } = one("#data");
  if (type === "application/json") return JSON.parse(body);
  const bytes = Uint8Array.from(atob(body), (char) => char.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

async function start() {
  all("time").forEach(localise);
  one("#zone").textContent = `Times are in your zone (${formats.day.resolvedOptions().timeZone}); hover for UTC.`;
  data = await load();
  findings = all("[data-list]:not(#rows)").map((box) => new List(box, data.fields.findings, lineElement));
  recordings = new List(one("#rows"), data.fields.recordings, recordingElement);
  showFindings();
  showRecordings();
  follow();
  let waiting = 0;
  const soon = (show) => cancelAnimationFrame(waiting) || (waiting = requestAnimationFrame(show));
  one("#search").addEventListener("input", () => soon(() => setFilter({ only: filter.only })));
  one("#lookup").addEventListener("input", () => soon(showRecordings));
  addEventListener("click", onClick);
  addEventListener("keydown", onKey);
  addEventListener("hashchange", follow);
  addEventListener("beforeprint", openFirst);
  for (const list of [...findings, recordings]) setTimeout(() => list.search([""]));
}

start().catch((error) => {
  one("#hits").textContent = `This browser cannot show the lists: ${error.message}`;
});
