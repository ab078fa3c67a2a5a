/** The page's one style sheet, allowed by its hash: no other style, script, image or font may load. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: #1c2024; --soft: #5a6068; --line: #dfe3e8; --card: #fff; --page: #f5f6f8;
  --go: #006b4f; --no: #b3261e; --wait: #7a5b00; --ours: #0067a5; --theirs: #b35c00; --within: #0067a514; }
@media (prefers-color-scheme: dark) { :root { --ink: #edeef0; --soft: #a9afb6; --line: #343940; --card: #1a1d21;
  --page: #111316; --go: #4fd6a5; --no: #ff8a80; --wait: #f5c451; --ours: #62b5f0; --theirs: #f0a04b; --within: #62b5f01f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.25rem 4rem; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.2rem; margin: 0; } h3 { font-size: .95rem; margin: 1.5rem 0 .5rem; }
.soft, small { color: var(--soft); }
article { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.25rem 1.5rem; margin-top: 1.25rem; }
header { display: flex; gap: .75rem; align-items: baseline; flex-wrap: wrap; }
.badge { border: 1.5px solid currentColor; border-radius: 6px; padding: 0 .5rem; font-weight: 650; letter-spacing: .03em; }
.go, .inside { color: var(--go); } .no_go, .outside { color: var(--no); } .inconclusive, .undecided { color: var(--wait); }
.no_data, .off { color: var(--soft); }
.advice { font-size: 1.15rem; font-weight: 600; margin: .75rem 0 0; max-width: 60rem; } .sentence { max-width: 60rem; }
.scroll { overflow-x: auto; } .narrow { max-width: 44rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 500; color: var(--soft); font-size: .85rem; }
td, th { padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: middle; }
.interval { white-space: nowrap; }
.margin { color: var(--soft); font-size: .8rem; max-width: 17rem; line-height: 1.3; }
.number { text-align: right; white-space: nowrap; }
svg { display: block; color: inherit; }
.forest { width: 9rem; height: 1.4rem; } .chart { width: 100%; height: auto; max-width: 44rem; }
.within { fill: var(--within); } .axis { stroke: var(--soft); stroke-width: 1.5; } .ring { fill: var(--card); }
.candidate { fill: var(--ours); stroke: var(--ours); } .control { fill: none; stroke: var(--theirs); stroke-width: 1.5; }
.whisker { stroke: var(--ink); stroke-width: 1.5; }
text { fill: var(--ink); font: 11px system-ui, sans-serif; } .label, .end { text-anchor: end; } .middle { text-anchor: middle; } .value { fill: var(--soft); }
figure { margin: 1.25rem 0 0; } figcaption { color: var(--soft); font-size: .8rem; margin-top: .35rem; max-width: 44rem; }
footer { margin-top: 1.25rem; color: var(--soft); font-size: .85rem; overflow-wrap: anywhere; }
pre, code { font: 13px/1.45 ui-monospace, monospace; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; padding: .5rem .75rem; background: var(--page); border-radius: 6px; }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: .75rem; margin: .25rem 0; }
details { margin-top: .75rem; } summary { cursor: pointer; }
ul { margin: .25rem 0; padding-left: 1.25rem; }
@page { size: A4; margin: 14mm; }
@media print { :root { color-scheme: light; --ink: #000; --soft: #444; --line: #bbb; --card: #fff; --page: #fff; --go: #005a42; --no: #a01b14;
  --wait: #634900; --ours: #0067a5; --theirs: #9a4f00; }
  body { padding: 0; max-width: none; font-size: 9.5pt; } article { border: 0; padding: 0; border-radius: 0; }
  article + article { break-before: page; } tr, figure, pre, .sides { break-inside: avoid; } h2, h3, summary { break-after: avoid; }
  .scroll { overflow: visible; } td, th { padding: .2rem .45rem .2rem 0; } .interval, .number { white-space: normal; } .forest { width: 6rem; }
  th, small, .soft, .margin, figcaption { font-size: 8pt; } .advice { font-size: 11pt; } .worst { break-inside: avoid; }
  pre { border: 1px solid var(--line); } details::details-content { content-visibility: visible; display: block; block-size: auto; } }
`
