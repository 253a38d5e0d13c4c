"""The style sheet of the report."""

STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #ffffff; color: #16202e;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 32px 24px 64px; }
header { border-bottom: 3px solid #2774d3; margin-bottom: 24px; }
header p { color: #5b6778; margin: 0 0 16px; }
h1 { font-size: 28px; line-height: 1.25; margin: 0 0 6px; }
h2 { font-size: 20px; margin: 40px 0 12px; }
h3 { font-size: 15px; margin: 24px 0 8px; }
p { max-width: 76ch; margin: 8px 0 12px; }
ul { padding-left: 20px; max-width: 84ch; }
li { margin: 4px 0; overflow-wrap: anywhere; }
svg { display: block; width: 100%; height: auto; margin: 8px 0 20px; }
text { font-size: 13px; fill: #16202e; }
text.strong { font-weight: 650; }
text.small { font-size: 12.5px; fill: #5b6778; }
text.small.strong { fill: #16202e; }
text.rank { font-weight: 700; fill: #ffffff; }
.grid { stroke: #e3e8ee; stroke-width: 1; }
.box { fill: #f4f6f9; }
.headline dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr));
  gap: 12px; margin: 0 0 20px; }
.headline dl div { border: 1px solid #d5dce5; border-radius: 8px; padding: 12px 14px; }
.headline dt { color: #5b6778; font-size: 13px; }
.headline dd { margin: 2px 0 0; font-size: 21px; font-weight: 650; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
th, td { text-align: left; vertical-align: top; padding: 7px 10px; border-bottom: 1px solid #e3e8ee;
  overflow-wrap: anywhere; }
thead th { color: #5b6778; font-weight: 600; border-bottom: 2px solid #b9c3d0; overflow-wrap: normal; }
tbody th { font-weight: 600; min-width: 9em; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
thead .number { white-space: normal; }
@media screen and (max-width: 720px) { .scroll svg { width: 760px; } }
@page { size: A4; margin: 14mm; }
@media print {
  body { font-size: 10.5pt; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  h2, h3 { break-after: avoid; }
  svg, tr, li, .headline div { break-inside: avoid; }
  thead { display: table-header-group; }
  .scroll { overflow: visible; }
  table { font-size: 8.5pt; }
  th, td { padding: 4px 6px; }
}
"""
