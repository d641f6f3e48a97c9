/**
 * The style sheet of every page. Two palettes, both with WCAG AA contrast for text; the charts draw with
 * the `--c-` variables (svg.ts). No font and no picture is loaded: a report opens without a network.
 */
export const STYLE = `
:root{color-scheme:light dark;
--page:#f5f4f0;--paper:#fff;--ink:#1b1c1e;--soft:#55585e;--line:#dedcd5;--hair:#eceae4;--link:#1f5aa6;
--pass:#17703f;--fail:#b3261e;--inconclusive:#855300;--skipped:#5c6066;
--pass-wash:#e9f4ed;--fail-wash:#fbebe9;--inconclusive-wash:#fbf2e0;--skipped-wash:#efeeea;
--c-ink:#55585e;--c-line:#e4e2dc;--c-accepted:#3c78b8;--c-deferred:#d99a2b;--c-rejected:#b3261e;--c-ambiguous:#8358a8;--c-unsent:#8b9097;
--c-fault:#cf5546;--c-healing:#d99a2b;--c-v1:#b3452f;--c-v2:#2b7a78;--c-v3:#3c78b8;--c-v4:#8358a8;--c-v5:#a07a12;--c-v6:#5c6066;
--serif:Charter,"Bitstream Charter","Iowan Old Style","Source Serif 4",Georgia,"Noto Serif",serif;
--sans:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;
--mono:ui-monospace,"SF Mono","Cascadia Mono","DejaVu Sans Mono","Liberation Mono",monospace}
@media (prefers-color-scheme:dark){:root{
--page:#121315;--paper:#1a1c1f;--ink:#e9e8e4;--soft:#a9adb4;--line:#34373c;--hair:#272a2e;--link:#8ab8f0;
--pass:#62c98d;--fail:#ff8f85;--inconclusive:#eab54f;--skipped:#a9adb4;
--pass-wash:#16291e;--fail-wash:#341b19;--inconclusive-wash:#2f2613;--skipped-wash:#24262a;
--c-ink:#a9adb4;--c-line:#303338;--c-accepted:#6ea6e0;--c-deferred:#e3ae4c;--c-rejected:#f2776b;--c-ambiguous:#b48fd8;--c-unsent:#7d828a;
--c-fault:#f07a6b;--c-healing:#e3ae4c;--c-v1:#f0866f;--c-v2:#5cc0ba;--c-v3:#6ea6e0;--c-v4:#b48fd8;--c-v5:#d9b44a;--c-v6:#a9adb4}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 var(--sans)}
a{color:var(--link);text-underline-offset:.18em}
:focus-visible{outline:2px solid var(--link);outline-offset:3px;border-radius:2px}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem;background:var(--paper);padding:.5rem 1rem;z-index:1}
header,main,footer{max-width:1160px;margin:0 auto;padding:0 40px}
.brand{display:flex;gap:1rem;justify-content:space-between;flex-wrap:wrap;padding-top:28px;color:var(--soft);font-size:.875rem}
.brand strong{color:var(--ink);letter-spacing:.01em}
.verdict{display:inline-block;margin:44px 0 0;padding:.22em .8em .24em;border-radius:3px;font-size:.8125rem;font-weight:700;letter-spacing:.09em;text-transform:uppercase}
.is-pass{color:var(--pass);background:var(--pass-wash)}
.is-fail{color:var(--fail);background:var(--fail-wash)}
.is-inconclusive{color:var(--inconclusive);background:var(--inconclusive-wash)}
.is-skipped{color:var(--skipped);background:var(--skipped-wash)}
h1{font:400 clamp(1.6rem,1.1rem + 2.1vw,2.6rem)/1.22 var(--serif);letter-spacing:-.012em;margin:.45em 0 .5em;max-width:27em;text-wrap:balance}
.broken .tag{min-width:0}.broken{margin:0 0 1.2rem;padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:.4rem 1.4rem}
.lede{color:var(--soft);margin:0 0 2rem;max-width:48em}
.causes{margin:0 0 1rem;padding-left:1.2rem;max-width:60em}.causes li{margin:.3rem 0;overflow-wrap:anywhere}
section{margin:56px 0 0}
h2{font:600 1.375rem/1.3 var(--serif);margin:0 0 .35rem}
h2+p{margin:.1rem 0 1.1rem;color:var(--soft);max-width:48em}
h3{font-size:1rem;line-height:1.4;margin:0}
figure{margin:0 0 14px;padding:18px 20px 12px;background:var(--paper);border:1px solid var(--line);border-radius:6px}
figcaption p{margin:.1rem 0 .3rem;color:var(--soft);font-size:.875rem;max-width:58em}
.legend{display:flex;flex-wrap:wrap;gap:.1rem 1.2rem;list-style:none;margin:.2rem 0 .5rem;padding:0;font-size:.8125rem;color:var(--soft)}
.legend li{display:flex;align-items:center;gap:.45rem}
.key{display:inline-block;width:12px;height:12px;border-radius:2px;background:currentColor}.key.line{height:3px;width:16px;border-radius:2px}
svg.chart{display:block;width:100%;height:auto;font-family:var(--sans)}
.medium,.narrow{display:none}.medium svg{max-width:860px}
.cuts path{fill:none;stroke:var(--c-ink);stroke-width:1.25;stroke-dasharray:3 2}
.contents ul{display:flex;flex-wrap:wrap;gap:.2rem 1.4rem;list-style:none;margin:0 0 1.4rem;padding:0;font-size:.9375rem}
.dash{flex:none}
.hover rect{fill:transparent}.hover rect:hover{fill:var(--ink);fill-opacity:.07}
.strip text{font-size:12px;fill:var(--ink)}
.strip .phase rect{fill:var(--hair);stroke:var(--line)}.strip .phase.odd rect{fill:var(--paper)}
.strip .cut rect{stroke:var(--line)}.strip .unfelt rect{stroke:var(--c-ink)}.strip .unfelt text,.strip .cut text{paint-order:stroke;stroke:var(--paper);stroke-width:4px}
.hatched{background:repeating-linear-gradient(45deg,var(--c-ink) 0 2px,transparent 2px 5px);border:1px solid var(--c-ink)}
.strip .injected rect{fill:var(--c-fault);fill-opacity:.3}.strip .felt rect{fill:var(--c-fault)}.strip .going rect{fill:var(--c-healing);fill-opacity:.75}
.strip .felt text{fill:var(--on-fault);font-weight:600}
:root{--on-fault:#fff}@media (prefers-color-scheme:dark){:root{--on-fault:#1a1c1f}}
.c-injected{color:var(--c-fault);opacity:.35}.c-felt{color:var(--c-fault)}.c-going{color:var(--c-healing);opacity:.8}
details.figures{margin-top:.3rem;font-size:.875rem}
summary{cursor:pointer;padding:.3rem 0}
details.figures>summary{color:var(--soft)}
.scroll{position:relative;overflow-x:auto;max-height:26rem;overflow-y:auto}
table{border-collapse:collapse;width:100%;font-size:.875rem;line-height:1.45}
th,td{text-align:left;vertical-align:top;padding:.5rem .9rem .5rem 0;border-bottom:1px solid var(--hair)}
thead th{color:var(--soft);font-weight:500;border-bottom-color:var(--line);white-space:nowrap}
tbody th{font-weight:600}
tbody th small,tbody td small{display:block;font-weight:400;color:var(--soft)}
table.numbers td,table.numbers thead th+th{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
table.numbers tbody th{font-weight:400;white-space:nowrap}
table.numbers td.bad{color:var(--fail);font-weight:600}
table.life{margin-top:.5rem}table.life td{white-space:nowrap}table.life td.raw{white-space:normal}
.raw,code,pre,.id{font-family:var(--mono);font-size:.8125rem;overflow-wrap:anywhere}
.card{background:var(--paper);border:1px solid var(--line);border-radius:6px;padding:6px 20px}
.tag{display:inline-block;min-width:5.2rem;text-align:center;padding:.1em .5em;border-radius:3px;font-size:.75rem;font-weight:700;letter-spacing:.05em;text-transform:uppercase}
.tag.is-inconclusive{min-width:7.4rem}
.checks tbody th,.checks tbody td,.lede,h1{overflow-wrap:anywhere}.checks tbody th{width:42%}.checks thead th:first-child{width:8.4rem}.checks td:last-child{padding-right:0}.checks tr:last-child>*{border-bottom:0}
.findings h3{display:flex;align-items:baseline;gap:.8rem;flex-wrap:wrap}
.findings article{margin:0 0 14px;background:var(--paper);border:1px solid var(--line);border-radius:6px;padding:18px 20px 8px}
.findings article>p{margin:.2rem 0 .6rem;color:var(--soft)}
.findings h4{font-size:.9375rem;line-height:1.45;margin:1rem 0 .4rem;overflow-wrap:anywhere}
.finding{border-top:1px solid var(--hair)}
.finding>summary{display:list-item;padding:.65rem 0;overflow-wrap:anywhere}
.finding>summary time{color:var(--soft);font-variant-numeric:tabular-nums;margin-right:.6em}
.finding .inside{padding:0 0 1rem 1.15rem}
.evidence{list-style:none;margin:0 0 .6rem;padding:.6rem .8rem;background:var(--page);border-radius:4px}
.story{margin:.2rem 0 .8rem}
.story>summary{color:var(--soft)}
.story ol{list-style:none;margin:.2rem 0;padding:0 0 0 1rem;border-left:2px solid var(--line)}
.story li{display:grid;grid-template-columns:5.4rem 1fr;gap:.6rem;font-size:.875rem;padding:.16rem 0;overflow-wrap:anywhere}
.story time{color:var(--soft);text-align:right;font-variant-numeric:tabular-nums}
.story li.fault{color:var(--fail)}
.story p{margin:.3rem 0 0 1rem;font-weight:600;font-size:.9375rem}
.none{color:var(--soft)}
pre{margin:0;padding:14px 16px;background:var(--paper);border:1px solid var(--line);border-radius:6px;white-space:pre-wrap}
.two{display:grid;grid-template-columns:1fr 1fr;gap:14px}
.two>*{min-width:0}
.matrix td{text-align:center;padding:.35rem .2rem}.matrix thead th{vertical-align:bottom;font-size:.8125rem;padding:.3rem .2rem}.matrix thead th span{writing-mode:vertical-rl;transform:rotate(180deg)}
.matrix tbody th{white-space:nowrap;font-weight:400}.matrix a{text-decoration:none}.matrix tbody th a{text-decoration:underline}
.cell{display:inline-block;width:1.75rem;line-height:1.75rem;border-radius:3px;font-weight:700}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.alarm{border-left:4px solid var(--fail);padding:.6rem 1rem;background:var(--fail-wash);border-radius:3px;overflow-wrap:anywhere}
footer{margin-top:64px;padding-bottom:40px;color:var(--soft);font-size:.875rem}
footer p{border-top:1px solid var(--line);padding-top:16px}
${[
  'accepted',
  'deferred',
  'rejected',
  'ambiguous',
  'unsent',
  'fault',
  'healing',
  'v1',
  'v2',
  'v3',
  'v4',
  'v5',
  'v6',
]
  .map((name) => `.c-${name}{color:var(--c-${name})}`)
  .join('')}
@media (max-width:1120px){.wide{display:none}.medium{display:block}}
@media (max-width:600px){.medium{display:none}.narrow{display:block}}
@media (max-width:720px){
header,main,footer{padding:0 16px}
.verdict{margin-top:26px}.brand{padding-top:18px}
figure{padding:14px 12px 10px}.card,.findings article{padding-left:14px;padding-right:14px}
.two{grid-template-columns:1fr}
.checks,.checks tbody,.checks tr,.checks td,.checks th{display:block}.checks thead{display:none}
.checks tr{padding:.8rem 0;border-bottom:1px solid var(--hair)}.checks td,.checks th{border:0;padding:.15rem 0}
.checks td[data-name]::before{content:attr(data-name) ": ";color:var(--soft)}
.finding .inside{padding-left:.2rem}.story li{grid-template-columns:4.4rem 1fr}
}
@media print{
@page{margin:12mm}
.key,.tag,.verdict,.evidence,.alarm{-webkit-print-color-adjust:exact;print-color-adjust:exact}
:root{--page:#fff}body{font-size:9.5pt;line-height:1.4}header,main,footer{max-width:none;padding:0}
.brand{padding-top:0}.verdict{margin-top:10px}h1{font-size:17pt}.lede,.causes{margin-bottom:.6rem}
.skip,.hover,details.figures,.contents{display:none}.wide,.narrow{display:none}.medium{display:block}.medium svg{max-width:none}
section{margin-top:18px}footer{margin-top:18px;padding:0}
figure,tr,.finding>summary,.story li,.tag{break-inside:avoid}thead{display:table-header-group}
h2,h3,h4,h2+p,figcaption,.findings article>p,summary{break-after:avoid}h2+p,figcaption,.findings article>p{break-inside:avoid}p,li{orphans:2;widows:2}
figure{padding:8px 10px 4px;margin-bottom:8px}.card,.findings article{padding:4px 10px}
#course{display:grid;grid-template-columns:1fr 1fr;gap:0 8px;align-items:start}#course>*{min-width:0}#course>h2,#course>p,#strip{grid-column:1/-1}
#course .medium{display:none}#course .narrow{display:block}#strip .medium{display:block}#strip .narrow{display:none}
figcaption p,table,.raw,code,pre,.evidence,.story li,.finding>summary,.findings h4{font-size:8pt;line-height:1.35}th,td{padding-top:.12rem;padding-bottom:.12rem}.checks tbody th small{font-size:7.5pt;line-height:1.2}#tested pre{font-size:7pt;padding:6px 8px;columns:2}pre{padding:6px 8px}
.evidence{padding:.3rem .5rem;columns:2;column-gap:1.2rem}.evidence li{font:7.5pt/1.25 var(--sans)}.evidence li{break-inside:avoid;margin-bottom:.15rem}.inside{padding-bottom:.3rem}
.finding>summary{padding:.25rem 0}.again,.story{display:none}article:first-of-type .finding:first-of-type>.inside>.story:first-of-type{display:block}
.scroll{max-height:none;overflow:visible}
details::details-content{content-visibility:visible;display:block}
}
`;
