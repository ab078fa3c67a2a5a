/** The page's one style sheet, allowed by its hash: no other style, script, image or font may load. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: #1c2024; --soft: #60666d; --line: #e2e5e9; --card: #fff; --page: #f5f6f8;
  --go: #18794e; --no: #c62a2f; --wait: #946800; }
@media (prefers-color-scheme: dark) { :root { --ink: #edeef0; --soft: #a0a6ad; --line: #30343a; --card: #1a1d21;
  --page: #111316; --go: #3dd68c; --no: #ff7b80; --wait: #f5c451; } }
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
.sentence { font-size: 1.05rem; max-width: 60rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 500; color: var(--soft); font-size: .85rem; }
td, th { padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: middle; }
.interval { white-space: nowrap; }
.margin { color: var(--soft); font-size: .8rem; max-width: 17rem; line-height: 1.3; }
.number { text-align: right; white-space: nowrap; }
svg { display: block; width: 9rem; height: 1.4rem; color: inherit; }
pre, code { font: 13px/1.45 ui-monospace, monospace; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; padding: .5rem .75rem; background: var(--page); border-radius: 6px; }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: .75rem; margin: .25rem 0; }
details { margin-top: .75rem; } summary { cursor: pointer; }
ul { margin: .25rem 0; padding-left: 1.25rem; }
`
