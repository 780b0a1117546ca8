#pragma once
// The page that `gasket partition --html` writes. @GRAPH@ and @ROWS@ are replaced by JSON; the script draws from them.
// Nothing is loaded from anywhere.

#include <string_view>

namespace gasket {

inline constexpr std::string_view kPartitionPage = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>gasket partition lab</title>
<style>
:root { --ink: #1c2330; --soft: #5d6778; --line: #dfe3ea; --paper: #ffffff; --accent: #0b5cad; --tint: #f2f7fc;
  --grid: #e9edf2; --axis: #9aa3b2; color-scheme: light dark;
  --c0: #0b5cad; --c1: #d1353f; --c2: #1b8a5a; --c3: #d97d00; --c4: #7a3db8; --c5: #008fa3; --c6: #8c5a2b; --c7: #d0389b;
  --c8: #5f6b1e; }
@media screen and (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ef; --soft: #a0a9b8; --line: #39414f; --paper: #14181f; --accent: #6fb3ff; --tint: #1c2632;
    --grid: #272e39; --axis: #66707f;
    --c0: #5aa9ff; --c1: #ff6f75; --c2: #4fcf95; --c3: #ffb547; --c4: #bd93f9; --c5: #4fd3e6; --c6: #d09a63; --c7: #ff7fcf;
    --c8: #b9c95a; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1280px; padding: 2.2rem 1.6rem 4rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .2rem; letter-spacing: -.01em; }
h2 { font-size: 1.15rem; margin: 2.4rem 0 .6rem; }
p { margin: .3rem 0; max-width: 62rem; }
.facts { color: var(--soft); }
.advice { border-left: 4px solid var(--accent); background: var(--tint); padding: .8rem 1.1rem; margin: 1.3rem 0; }
.legend { display: flex; flex-wrap: wrap; gap: .35rem .5rem; margin: 1rem 0; }
.legend button { font: inherit; font-size: 13px; color: var(--ink); background: var(--paper); border: 1px solid var(--line);
  border-radius: 999px; padding: .12rem .65rem .12rem .45rem; cursor: pointer; display: flex; align-items: center;
  gap: .4rem; }
.legend button.off { opacity: .35; }
.legend button:focus-visible { outline: 2px solid var(--accent); }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(500px, 1fr)); gap: 1.4rem; }
@media (max-width: 620px) { .plots { grid-template-columns: 1fr; } }
figure { margin: 0; border: 1px solid var(--line); border-radius: 8px; padding: .8rem .8rem .5rem; }
figcaption { font-weight: 600; margin-bottom: .2rem; }
figcaption span { display: block; font-weight: 400; font-size: 13px; color: var(--soft); }
svg { width: 100%; height: auto; display: block; }
svg text { font: 12px system-ui, "Segoe UI", Arial, sans-serif; fill: var(--ink); }
svg .tick { fill: var(--soft); font-size: 11px; }
svg .grid { stroke: var(--grid); }
svg .axis { stroke: var(--axis); }
svg g[data-n] { transition: opacity .12s; }
.focus svg g[data-n]:not(.lit) { opacity: .1; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 12.5px; font-variant-numeric: tabular-nums; width: 100%; }
th, td { padding: .22rem .45rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { cursor: pointer; position: sticky; top: 0; background: var(--paper); border-bottom: 2px solid var(--axis); font-weight: 600; }
th:first-child, td:first-child { text-align: left; }
td.best { font-weight: 700; color: var(--accent); }
select { font: inherit; padding: .15rem .4rem; }
#tip { position: fixed; pointer-events: none; background: var(--ink); color: var(--paper); font-size: 12.5px; padding: .35rem .6rem;
  border-radius: 5px; display: none; white-space: pre; z-index: 9; }
footer { margin-top: 3rem; color: var(--soft); font-size: 13px; }
@media print { .legend button.off { display: none; } figure { break-inside: avoid; } }
</style>
</head>
<body>
<h1>How to cut <span id="name"></span></h1>
<p class="facts" id="facts"></p>
<p class="advice" id="advice"></p>
<div class="legend" id="legend"></div>
<div class="plots" id="plots"></div>
<h2>All figures at <select id="parts"></select> parts</h2>
<p class="facts">Balances are the largest part over the mean; 1 is perfect. Bold: the best of a column. Click a head to sort.</p>
<div class="scroll"><table id="table"></table></div>
<h2>Random against theory</h2>
<p class="facts">A random vertex cut has p (1 &minus; (1 &minus; 1/p)<sup>d</sup>) copies of a vertex with d distinct neighbours.</p>
<div class="scroll"><table id="theory"></table></div>
<h2>What the columns mean</h2>
<p><b>Copies per vertex</b>: masters and ghosts over vertices (replication factor). <b>With edges</b>: parts that hold an edge of
a vertex, over vertices that have edges, which is what papers report. <b>Cut</b>: edges whose ends are mastered by different parts.
<b>Bytes per superstep</b>: what travels when every value changes: <span id="widths"></span> <b>Memory</b>: of the largest part, rows in
one direction. <b>Seconds</b>: to place, degrees included, files not.</p>
<footer id="footer"></footer>
<div id="tip"></div>
<script>
"use strict";
const graph = @GRAPH@;
const rows = @ROWS@;
const $ = id => document.getElementById(id);
const unit = (v, digits = 3) => {
  if (v === null || v === undefined) return "";
  const units = ["", "k", "M", "G", "T"];
  let u = 0;
  while (Math.abs(v) >= 1000 && u < 4) { v /= 1000; ++u; }
  return (u === 0 && Number.isInteger(v) ? v : Number(v.toPrecision(digits))) + units[u];
};
const names = [...new Set(rows.map(r => r.strategy))];
const partsList = [...new Set(rows.map(r => r.parts))].sort((a, b) => a - b);
// A colour, a dash and a shape of its own for each: readable in print and by the colour blind.
const dashes = ["", "6 3", "2 3"];
const shapes = ["circle", "square", "triangle", "diamond", "cross"];
const style = Object.fromEntries(names.map((n, i) =>
  [n, {colour: `var(--c${i % 9})`, dash: dashes[Math.floor(i / 9) % 3], shape: shapes[(i + Math.floor(i / 9)) % 5]}]));
const hidden = new Set();

$("name").textContent = graph.name.split("/").pop();
$("facts").textContent = `${graph.vertices.toLocaleString("en")} vertices, ${graph.edges.toLocaleString("en")} ` +
  `${graph.directed ? "directed" : "undirected"} edges; placed by ${graph.ranks} rank${graph.ranks > 1 ? "s" : ""} of ` +
  `${graph.threads} thread${graph.threads > 1 ? "s" : ""}.` +
  (graph.weights.length ? ` Parts get weights ${graph.weights.join(", ")} in turn; balances are by them.` : "");
$("advice").textContent = graph.recommendation;
$("widths").textContent = `sums of ${graph.accumulator} bytes to masters and values of ${graph.ghost} bytes to ghosts.`;
$("footer").textContent = `Made by gasket ${graph.version} partition.`;

function scale(values, from, to, log) {
  let lo = Math.min(...values), hi = Math.max(...values);
  if (log) {
    lo = Math.max(lo, 1e-12); hi = Math.max(hi, lo * 1.5);
    const a = Math.log(lo), b = Math.log(hi), pad = (b - a) * .04;
    const f = v => from + (Math.log(Math.max(v, 1e-12)) - a + pad) / (b - a + 2 * pad) * (to - from);
    f.ticks = [];
    const wide = hi / lo > 200;
    for (let e = Math.floor(Math.log10(lo)); e <= Math.ceil(Math.log10(hi)); ++e)
      for (const m of wide ? [1] : hi / lo < 4 ? [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8] : [1, 2, 5]) { const t = m * 10 ** e; if (t >= lo * .98 && t <= hi * 1.02) f.ticks.push(t); }
    return f;
  }
  if (hi - lo < 1e-9) { hi += .5; lo -= .5; }
  const rough = (hi - lo) / 5, base = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(m => m * base).find(s => s >= rough);
  lo = Math.floor(lo / step) * step; hi = Math.ceil(hi / step) * step;
  const f = v => from + (v - lo) / (hi - lo) * (to - from);
  f.ticks = [];
  for (let i = 0; lo + i * step <= hi + step / 2; ++i) f.ticks.push(lo + i * step);
  return f;
}
const W = 560, H = 370, L = 62, R = 92, T = 14, B = 46;
const esc = s => String(s).replace(/[&<>"]/g, c => ({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}[c]));
// Labels at one x that do not cover each other.
function spread(labels) {
  labels.sort((a, b) => a.y - b.y);
  for (let i = 1; i < labels.length; ++i) labels[i].y = Math.max(labels[i].y, labels[i - 1].y + 12.5);
  const over = labels.length ? labels[labels.length - 1].y - (H - B + 4) : 0;
  if (over > 0) for (let i = labels.length - 1, y = H - B + 4; i >= 0; --i, y -= 12.5) labels[i].y = Math.min(labels[i].y, y);
  return labels;
}
function frame(x, y, xLabel, yLabel, xTicks, xText) {
  let s = "";
  for (const t of y.ticks) s += `<line class="grid" x1="${L}" x2="${W - R}" y1="${y(t)}" y2="${y(t)}"/>` +
    `<text class="tick" x="${L - 7}" y="${y(t) + 4}" text-anchor="end">${unit(t)}</text>`;
  for (const t of xTicks) s += `<line class="axis" x1="${x(t)}" x2="${x(t)}" y1="${H - B}" y2="${H - B + 4}"/>` +
    `<text class="tick" x="${x(t)}" y="${H - B + 17}" text-anchor="middle">${xText(t)}</text>`;
  s += `<line class="axis" x1="${L}" x2="${W - R}" y1="${H - B}" y2="${H - B}"/>`;
  s += `<text x="${(L + W - R) / 2}" y="${H - 8}" text-anchor="middle">${xLabel}</text>`;
  s += `<text transform="translate(14 ${(T + H - B) / 2}) rotate(-90)" text-anchor="middle">${yLabel}</text>`;
  return s;
}
function shape(kind, cx, cy, s) {
  const points = list => `<polygon points="${list.map(([x, y]) => `${(cx + x * s).toFixed(1)},${(cy + y * s).toFixed(1)}`).join(" ")}"`;
  if (kind === "square") return points([[-.9, -.9], [.9, -.9], [.9, .9], [-.9, .9]]);
  if (kind === "triangle") return points([[0, -1.2], [1.1, .8], [-1.1, .8]]);
  if (kind === "diamond") return points([[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]]);
  if (kind === "cross") return points([[-1.2, -.45], [-.45, -.45], [-.45, -1.2], [.45, -1.2], [.45, -.45], [1.2, -.45], [1.2, .45],
    [.45, .45], [.45, 1.2], [-.45, 1.2], [-.45, .45], [-1.2, .45]]);
  return `<circle cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="${s}"`;
}
const mark = (r, cx, cy, size) => shape(style[r.strategy].shape, cx, cy, size) + ` fill="${style[r.strategy].colour}" ` +
  `data-tip="${esc(`${r.strategy}, ${r.parts} parts\ncopies ${r.replication_factor.toFixed(3)}  edges ` +
  `${r.edge_balance.toFixed(3)}\n${unit(r.bytes_per_superstep)}B per superstep, ${r.seconds.toFixed(3)} s`)}"/>`;
function lines(key, yLabel, log) {
  const shown = rows.filter(r => !hidden.has(r.strategy) && r[key] > 0);
  if (!shown.length) return "";
  const values = shown.map(r => r[key]);
  const x = scale(partsList, L, W - R, true), y = scale(values, H - B, T, log || Math.max(...values) > 3 * Math.min(...values));
  let s = frame(x, y, "parts", yLabel, partsList.length < 14 ? partsList : x.ticks, String);
  const labels = [];
  for (const n of names) {
    const mine = shown.filter(r => r.strategy === n).sort((a, b) => a.parts - b.parts);
    if (!mine.length) continue;
    s += `<g data-n="${esc(n)}"><polyline fill="none" stroke="${style[n].colour}" stroke-width="1.8" stroke-dasharray="${style[n].dash}" ` +
      `points="${mine.map(r => x(r.parts).toFixed(1) + "," + y(r[key]).toFixed(1)).join(" ")}"/>`;
    for (const r of mine) s += mark(r, x(r.parts), y(r[key]), 3.2);
    s += "</g>";
    labels.push({n, y: y(mine[mine.length - 1][key]) + 4});
  }
  for (const l of spread(labels)) s += `<g data-n="${esc(l.n)}"><text x="${W - R + 9}" y="${l.y.toFixed(1)}" ` +
    `style="fill:${style[l.n].colour}">${esc(l.n)}</text></g>`;
  return s;
}
function scatter() {
  const most = partsList[partsList.length - 1];
  const shown = rows.filter(r => r.parts === most && !hidden.has(r.strategy));
  if (!shown.length) return "";
  const x = scale(shown.map(r => Math.max(r.seconds, 1e-6)), L, W - R, true);
  const y = scale(shown.map(r => r.replication_factor), H - B, T, true);
  let s = frame(x, y, "seconds to place", "copies per vertex", x.ticks, unit);
  // Marks first, then each label where it covers least of marks and labels.
  const at = shown.map(r => ({r, cx: x(Math.max(r.seconds, 1e-6)), cy: y(r.replication_factor)}));
  const taken = at.map(({cx, cy}) => [cx - 6, cy - 6, cx + 6, cy + 6]);
  const covered = (p, q) => Math.max(0, Math.min(p[2], q[2]) - Math.max(p[0], q[0])) * Math.max(0, Math.min(p[3], q[3]) - Math.max(p[1], q[1]));
  for (const {r, cx, cy} of at) {
    const wide = 6.6 * r.strategy.length;
    const spots = [];
    for (const dy of [0, -11, 11, -20, 20, -30, 30]) for (const dx of [9, -9 - wide, -wide / 2]) {
      if (dx === -wide / 2 && Math.abs(dy) < 20) continue;
      const box = [cx + dx, cy + dy - 6, cx + dx + wide, cy + dy + 6];
      const out = Math.max(0, box[2] - W) + Math.max(0, L - box[0]) + Math.max(0, box[3] - (H - B)) + Math.max(0, -box[1]);
      spots.push({box, cost: taken.reduce((sum, t) => sum + covered(box, t), 0) + 20 * out + .4 * Math.abs(dy) + (dx > 0 ? 0 : 1)});
    }
    const best = spots.reduce((p, q) => q.cost < p.cost ? q : p).box;
    taken.push(best);
    s += `<g data-n="${esc(r.strategy)}">` + mark(r, cx, cy, 4.6) + `<text x="${best[0].toFixed(1)}" y="${(best[1] + 10).toFixed(1)}" ` +
      `style="fill:${style[r.strategy].colour}">${esc(r.strategy)}</text></g>`;
  }
  return s;
}
const plots = [
  ["Copies per vertex", "how many parts hold a vertex, its master's included", () => lines("replication_factor", "copies per vertex", true)],
  ["Balance of edges", "edges of the largest part over the mean", () => lines("edge_balance", "largest over mean", false)],
  ["Bytes per superstep", "over all parts, when every value changes", () => lines("bytes_per_superstep", "bytes", true)],
  ["Time and quality", `at ${partsList[partsList.length - 1]} parts; lower left is better`, scatter],
  ["Partners", "parts that a part exchanges messages with, on average", () => lines("partners", "partners of a part", true)],
  ["Balance of vertices", "masters and ghosts of the largest part over the mean", () => lines("vertex_balance", "largest over mean", false)],
];
function draw() {
  $("plots").innerHTML = plots.map(([title, sub, body]) => `<figure><figcaption>${title}<span>${sub}</span></figcaption>` +
    `<svg viewBox="0 0 ${W} ${H}" role="img" aria-label="${title}">${body()}</svg></figure>`).join("");
  $("legend").innerHTML = names.map(n => `<button class="${hidden.has(n) ? "off" : ""}" data-n="${esc(n)}"><svg width="22" height="12" ` +
    `style="width:22px"><line x1="0" x2="22" y1="6" y2="6" stroke="${style[n].colour}" stroke-width="2.5" ` +
    `stroke-dasharray="${style[n].dash}"/>${shape(style[n].shape, 11, 6, 3.4)} fill="${style[n].colour}"/></svg>${esc(n)}</button>`).join("");
}
$("legend").addEventListener("click", e => {
  const b = e.target.closest("button");
  if (!b) return;
  const n = b.dataset.n;
  if (!hidden.delete(n)) hidden.add(n);
  draw();
});
// What the pointer is on stands out everywhere.
document.addEventListener("mouseover", e => {
  const on = e.target.closest("[data-n]"), plots = $("plots");
  plots.classList.toggle("focus", on !== null && !hidden.has(on.dataset.n));
  if (on) for (const g of plots.querySelectorAll("g[data-n]")) g.classList.toggle("lit", g.dataset.n === on.dataset.n);
});
document.addEventListener("mousemove", e => {
  const tip = $("tip"), text = e.target.dataset && e.target.dataset.tip;
  tip.style.display = text ? "block" : "none";
  if (!text) return;
  tip.textContent = text;
  tip.style.left = Math.min(e.clientX + 14, innerWidth - 240) + "px";
  tip.style.top = e.clientY + 14 + "px";
});
const columns = [
  ["strategy", "strategy", v => v], ["copies", "replication_factor", v => v.toFixed(3)], ["with edges", "edge_copies", v => v.toFixed(3)],
  ["edge bal.", "edge_balance", v => v.toFixed(3)], ["vertex bal.", "vertex_balance", v => v.toFixed(3)],
  ["master bal.", "master_balance", v => v.toFixed(3)], ["cut", "cut_edges", unit], ["ghosts", "ghosts", unit],
  ["bytes/step", "bytes_per_superstep", unit], ["reduce", "reduce_bytes", unit], ["broadcast", "broadcast_bytes", unit],
  ["partners", "partners", v => v.toFixed(1)], ["memory", "memory_bytes", unit], ["seconds", "seconds", v => v.toFixed(3)],
  ["edges/s", "edges_per_second", unit, true],
];
let sortBy = "replication_factor", up = true;
function table() {
  const shown = rows.filter(r => r.parts === Number($("parts").value));
  shown.sort((a, b) => (a[sortBy] < b[sortBy] ? -1 : a[sortBy] > b[sortBy] ? 1 : 0) * (up ? 1 : -1));
  const best = Object.fromEntries(columns.slice(1).map(([, key, , high]) =>
    [key, (high ? Math.max : Math.min)(...shown.map(r => r[key]))]));
  $("table").innerHTML = "<thead><tr>" + columns.map(c => `<th data-k="${c[1]}">${c[0]}</th>`).join("") + "</tr></thead><tbody>" +
    shown.map(r => "<tr>" + columns.map(([, key, text]) => `<td class="${r[key] === best[key] ? "best" : ""}">` +
      `${esc(text(r[key]))}</td>`).join("") + "</tr>").join("") + "</tbody>";
}
$("parts").innerHTML = partsList.map(p => `<option>${p}</option>`).join("");
$("parts").value = partsList[partsList.length - 1];
$("parts").addEventListener("change", table);
$("table").addEventListener("click", e => {
  const k = e.target.dataset.k;
  if (!k) return;
  up = sortBy === k ? !up : true;
  sortBy = k;
  table();
});
const random = rows.filter(r => r.random_theory);
$("theory").innerHTML = random.length ? "<thead><tr><th>parts</th><th>measured</th><th>theory</th><th>difference</th></tr></thead><tbody>" +
  random.map(r => `<tr><td>${r.parts}</td><td>${r.edge_copies.toFixed(4)}</td><td>${r.random_theory.toFixed(4)}</td>` +
    `<td>${((r.edge_copies / r.random_theory - 1) * 100).toFixed(2)} %</td></tr>`).join("") + "</tbody>" : "<tr><td>not in this study</td></tr>";
draw();
table();
</script>
</body>
</html>
)html";

}  // namespace gasket
