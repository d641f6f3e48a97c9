import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, MarkAreaComponent } from 'echarts/components';
import { init, use, type EChartsCoreOption } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { escapeHtml, Html } from './markup.js';

use([BarChart, LineChart, GridComponent, MarkAreaComponent, SVGRenderer]);

/**
 * The colours of charts. A chart is drawn once for light and dark: echarts gets a stand-in colour for each
 * name, and the SVG gets the style sheet's variable `--c-<name>` in its place.
 */
const COLOURS = [
  'ink',
  'line',
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
] as const;
export type Colour = (typeof COLOURS)[number];

/** The stand-in for a colour: one that nothing else in a chart has. */
export function colour(name: Colour): string {
  return `#0102${(COLOURS.indexOf(name) + 16).toString(16)}`;
}

/**
 * Draws a chart as SVG, without a browser and without a script in the page. The page's policy allows no
 * inline styles, so those that echarts writes become attributes.
 * @param label what the chart shows, for those who do not see it.
 * @param overlay markup to lay over it, such as the hover titles.
 */
export function drawSvg(
  option: EChartsCoreOption,
  size: { readonly width: number; readonly height: number },
  label: string,
  overlay = new Html(''),
): Html {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size });
  try {
    chart.setOption({ animation: false, ...option });
    const svg = chart
      .renderToSVGString()
      .replace(/<svg [^>]*>/, (tag) =>
        tag
          .replace(/ (?:width|height|xmlns:xlink|version|baseProfile)="[^"]*"/g, '')
          .replace('<svg ', `<svg class="chart" role="img" aria-label="${escapeHtml(label)}" `),
      )
      .replace(/ style="([^"]*)"/g, (_, css: string) => attributes(css))
      .replace(/ class="zr\d+-cls-\d+"| pointer-events="[^"]*"/g, '')
      .replace(/<style[^>]*>[\s\S]*?<\/style>/g, '')
      .replace(/"#0102([0-9a-f]{2})"/g, (found, hex: string) => {
        const name = COLOURS[parseInt(hex, 16) - 16];
        return name === undefined ? found : `"var(--c-${name})"`;
      })
      .replace(/>\n</g, '><');
    return new Html(svg.replace('</svg>', `${overlay.text}</svg>`));
  } finally {
    chart.dispose();
  }
}

/** CSS declarations as SVG presentation attributes. The font is the page's. */
function attributes(css: string): string {
  return css
    .split(';')
    .map((declaration) => declaration.split(':').map((part) => part.trim()))
    .flatMap(([property = '', value = '']) =>
      property === '' || property === 'font-family' ? [] : [` ${property}="${value}"`],
    )
    .join('');
}
