// The style of a report: calm, light or dark as the reader's system has it, readable on a phone, fit to print.
#pragma once
#include <string_view>

namespace figment {

inline constexpr std::string_view kPageStyle = R"css(
:root {
  --paper: #fcfbf9; --raised: #ffffff; --ink: #1d2126; --soft: #5c6570; --edge: #e3e0da; --grid: #ebe8e2;
    --accent: #1f5f8b;
  --line-0: #2a6fb0; --line-1: #c8641b; --line-2: #2f8a57; --line-3: #8a4fa8; --line-4: #b03a48; --line-5: #6b6f2a;
  --warn-paper: #fdf4e3; --warn-edge: #e0b65c; --good: #2f7d4f; --waiting: #a8690f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --raised: #1b1f25; --ink: #e6e8eb; --soft: #9aa4b0; --edge: #2d333b; --grid: #282e36;
      --accent: #86bce8;
    --line-0: #78b4ec; --line-1: #f0a062; --line-2: #74c795; --line-3: #c99be2; --line-4: #ee8a96; --line-5: #c3c77a;
    --warn-paper: #2a2417; --warn-edge: #7d642c; --good: #7fcf9d; --waiting: #e7b765;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); line-height: 1.55;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", "DejaVu Sans",
    sans-serif; font-size: 16px; }
header, main, footer { max-width: 61rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2.75rem; }
h1 { font-size: clamp(1.75rem, 5vw, 2.5rem); line-height: 1.15; letter-spacing: -0.02em; margin: 0.2rem 0 0.5rem;
  font-weight: 650; }
h2 { font-size: 1.3rem; letter-spacing: -0.01em; margin: 0 0 0.15rem; font-weight: 640; }
h3 { font-size: 1rem; margin: 1.6rem 0 0.4rem; font-weight: 620; }
p { margin: 0.4rem 0; }
section { margin-top: 3rem; }
.eyebrow { color: var(--soft); font-size: 0.85rem; margin: 0; overflow-wrap: anywhere; }
.summary { color: var(--soft); font-size: 1.1rem; max-width: 44rem; margin: 0; }
.lead { color: var(--soft); max-width: 46rem; margin: 0 0 1.1rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 0.9rem;
  margin: 1.5rem 0 0; padding: 1rem 0; border: solid var(--edge); border-width: 1px 0; }
.facts dt { color: var(--soft); font-size: 0.8rem; }
.facts dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
.state::before { content: ""; display: inline-block; width: 0.6em; height: 0.6em; border-radius: 50%;
  margin-right: 0.45em; background: var(--waiting); }
.state.finished::before { background: var(--good); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 0.9rem; }
.card { background: var(--raised); border: 1px solid var(--edge); border-radius: 10px; padding: 0.9rem 1.1rem 1rem; }
.card h3 { margin: 0; font-size: 0.92rem; font-weight: 600; }
.card .value { color: var(--ink); font-size: 2rem; line-height: 1.25; font-weight: 620; letter-spacing: -0.02em;
  margin: 0.1rem 0 0; font-variant-numeric: tabular-nums; }
.card .value small { font-size: 0.95rem; font-weight: 450; color: var(--soft); letter-spacing: 0; }
.card p { color: var(--soft); font-size: 0.85rem; line-height: 1.45; margin: 0.15rem 0 0; }
.card .how { margin-top: 0.5rem; font-size: 0.8rem; }
.note { color: var(--soft); font-size: 0.92rem; margin-top: 1rem; }
figure { margin: 0; }
figcaption { color: var(--soft); font-size: 0.88rem; margin-top: 0.45rem; max-width: 46rem; }
img { display: block; max-width: 100%; height: auto; border-radius: 4px; border: 1px solid var(--edge); }
img.crisp { image-rendering: pixelated; }
.show { display: flex; flex-wrap: wrap; gap: 1.5rem 2rem; align-items: flex-start; }
.show > figure { flex: 0 1 auto; max-width: 100%; }
.earlier { flex: 1 1 18rem; }
.earlier h3 { margin: 0 0 0.6rem; color: var(--soft); font-weight: 550; font-size: 0.88rem; }
.strip { display: grid; grid-template-columns: repeat(auto-fill, minmax(7.5rem, 1fr)); gap: 0.9rem; }
.corner { overflow: hidden; aspect-ratio: 1; border: 1px solid var(--edge); border-radius: 4px; }
.corner img { width: 200%; height: 200%; max-width: none; object-fit: cover; object-position: 0 0;
  border: 0; border-radius: 0; }
.strip figcaption { font-size: 0.8rem; margin-top: 0.25rem; }
.stack { display: grid; gap: 1.5rem; }
.beside { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1.5rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); gap: 1.1rem; }
.charts figure { background: var(--raised); border: 1px solid var(--edge); border-radius: 10px;
  padding: 0.9rem 1rem 0.6rem; display: flex; flex-direction: column; }
.charts figcaption { margin: 0 0 0.5rem; flex: 1; }
.charts figcaption b { display: block; color: var(--ink); font-size: 0.98rem; font-weight: 620; }
.chart { display: block; width: 100%; max-width: 34rem; height: auto; overflow: visible; }
.chart text { font-size: 12px; fill: var(--soft); font-family: inherit; font-variant-numeric: tabular-nums; }
.chart .name { fill: currentColor; font-weight: 600; }
.chart .unit { font-size: 11px; }
.axis { stroke: var(--soft); stroke-width: 1; opacity: 0.6; } .grid { stroke: var(--grid); stroke-width: 1; }
.line { fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
.dot { fill: currentColor; } .hit { fill: currentColor; fill-opacity: 0; } .hit:hover { fill-opacity: 0.35; }
.bar { fill: var(--line-0); } .bar:hover { fill: var(--line-1); }
.line-0 { color: var(--line-0); } .line-1 { color: var(--line-1); } .line-2 { color: var(--line-2); }
.line-3 { color: var(--line-3); } .line-4 { color: var(--line-4); } .line-5 { color: var(--line-5); }
.warnings { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.6rem; }
.warnings li { background: var(--warn-paper); border-left: 4px solid var(--warn-edge); border-radius: 4px;
  padding: 0.6rem 0.9rem; overflow-wrap: anywhere; }
.warnings small { color: var(--soft); }
.plain { margin: 0.2rem 0 0; padding-left: 1.2rem; color: var(--soft); font-size: 0.92rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
th { text-align: left; font-weight: 550; color: var(--soft); font-size: 0.8rem; }
th, td { padding: 0.32rem 1rem 0.32rem 0; border-bottom: 1px solid var(--edge); vertical-align: top;
  overflow-wrap: anywhere; }
td:first-child { width: 27%; } td:nth-child(2) { font-family: ui-monospace, "DejaVu Sans Mono", monospace;
  font-size: 0.85rem; }
.figures td { width: auto !important; } .figures td:first-child { min-width: 8.5rem; overflow-wrap: normal; }
.figures td:not(:first-child):not(:nth-last-child(-n+2)) {
  font: inherit; font-variant-numeric: tabular-nums; color: var(--ink); overflow-wrap: normal; }
.figures td:not(:first-child):not(:nth-last-child(-n+3)) { white-space: nowrap; }
.figures td:nth-last-child(3) { min-width: 6.5rem; } .figures td:nth-last-child(2) { min-width: 7rem; }
.figures td:last-child { min-width: 12rem; }
.figures td:nth-last-child(2), .figures td:last-child { color: var(--soft); font-size: 0.83rem; }
.wide td:nth-child(2) { width: 24%; } td:nth-child(3) { color: var(--soft); }
pre { margin: 0.3rem 0 1rem; padding: 0.75rem 1rem; background: var(--raised); border: 1px solid var(--edge);
  border-radius: 8px; overflow-x: auto;
  font: 0.87rem/1.5 ui-monospace, "DejaVu Sans Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.commands { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 0 1.5rem; }
.commands p { margin: 0.2rem 0 0; font-size: 0.92rem; }
footer { color: var(--soft); font-size: 0.85rem; margin-top: 3.5rem; padding-top: 1rem; padding-bottom: 2.5rem; }
@media (max-width: 36rem) {
  header { padding-top: 1.6rem; } section { margin-top: 2.3rem; } .chart text { font-size: 13.5px; }
  .facts { grid-template-columns: 1fr 1fr; } .facts > :first-child { grid-column: 1 / -1; }
  .wide thead { display: none; } .wide tr { display: grid; grid-template-columns: 1fr auto;
    border-bottom: 1px solid var(--edge); padding: 0.4rem 0; }
  .wide td { border: 0; padding: 0; width: auto !important; } .wide td:nth-child(2) { text-align: right;
    padding-left: 1rem; }
  .wide td:nth-child(3) { grid-column: 1 / -1; font-size: 0.83rem; }
}
@media print {
  :root { --paper: #fff; --raised: #fff; --ink: #000; --soft: #444; --edge: #ccc; --grid: #e4e4e4; --warn-paper: #fff;
    --line-0: #2a6fb0; --line-1: #c8641b; --line-2: #2f8a57; --line-3: #8a4fa8; --line-4: #b03a48; --line-5: #6b6f2a; }
  body { font-size: 10.5pt; } header, main, footer { max-width: none; padding: 0; } section { margin-top: 1.6rem; }
  figure, .card, .warnings li, tr, pre, .lead { break-inside: avoid; } h2, h3, .lead { break-after: avoid; }
  .cards { grid-template-columns: repeat(3, 1fr); } .charts { grid-template-columns: 1fr 1fr; }
  .show { display: block; } .show > figure img { width: 11cm; } .earlier { margin-top: 0.6cm; }
  .strip { grid-template-columns: repeat(6, 1fr); }
}
)css";

}  // namespace figment
