import type { EChartsCoreOption } from 'echarts/core';
import type { ChartColours } from '@/components/chart/colours';
import { formatOf, position, show, unitLabel, type Format } from '@/lib/display';
import type { ChartKind } from './controls';
import type { Series, SeriesSet } from './series';

export const MOST_SERIES = 8;
const ZOOM_FROM_POINTS = 90;
const MARKS_UP_TO_POINTS = 40;

/** A series and the colour it keeps, whichever others are drawn. */
export interface Drawn extends Series {
  readonly colour: string;
}

/** Return the series that have a place in the chart: the largest ones. */
export function drawable(set: SeriesSet, colours: ChartColours): readonly Drawn[] {
  return set.series
    .slice(0, MOST_SERIES)
    .map((series, index) => ({ ...series, colour: colours.series[index] ?? colours.text }));
}

/** Return the chart of a set's series. */
export function chartOption(
  set: SeriesSet,
  drawn: readonly Drawn[],
  kind: ChartKind,
  colours: ChartColours,
): EChartsCoreOption {
  const format = formatOf(set.column);
  const zoom = set.periods.length > ZOOM_FROM_POINTS;
  const fromZero = reachesTowardsZero(drawn, format);
  return {
    color: drawn.map((series) => series.colour),
    textStyle: { fontFamily: colours.font, color: colours.muted },
    grid: {
      left: 8,
      right: 12,
      top: 28,
      bottom: zoom ? 56 : 8,
      outerBoundsMode: 'same',
    },
    tooltip: {
      trigger: 'axis',
      axisPointer: { type: kind === 'bar' ? 'shadow' : 'line', lineStyle: { color: colours.line } },
      backgroundColor: colours.raised,
      borderColor: colours.line,
      textStyle: { color: colours.text, fontSize: 13 },
      confine: true,
      formatter: (points: unknown) => tooltip(set, drawn, pointed(points), format, colours),
    },
    xAxis: {
      type: 'category',
      data: set.periods.map((period) => period.short),
      boundaryGap: kind === 'bar',
      axisLine: { lineStyle: { color: colours.line } },
      axisTick: { show: false },
      axisLabel: { color: colours.muted, hideOverlap: true },
    },
    yAxis: {
      type: 'value',
      name: unitLabel(format),
      nameTextStyle: { color: colours.muted, align: 'left' },
      scale: kind === 'line' && !fromZero,
      splitLine: { lineStyle: { color: colours.line, opacity: 0.7 } },
      axisLabel: { color: colours.muted, formatter: axisNumber },
    },
    ...(zoom && {
      dataZoom: [
        {
          type: 'slider',
          height: 22,
          bottom: 8,
          borderColor: colours.line,
          textStyle: { color: colours.muted },
        },
      ],
    }),
    series: drawn.map((series, index) => ({
      type: kind,
      name: series.label || set.column.name,
      data: points(set, series, format, colours),
      barMaxWidth: 44,
      itemStyle: kind === 'bar' ? { borderRadius: [3, 3, 0, 0] } : {},
      lineStyle: { width: 2 },
      symbol: 'circle',
      symbolSize: 6,
      showSymbol: set.periods.length <= MARKS_UP_TO_POINTS,
      connectNulls: false,
      ...(kind === 'line' && drawn.length === 1 && fromZero && { areaStyle: { opacity: 0.07 } }),
      z: drawn.length - index,
    })),
  };
}

/** A point of a period that is not complete is hollow (a bar of one is pale). */
function points(set: SeriesSet, series: Series, format: Format, colours: ChartColours) {
  return series.values.map((cell, place) => {
    const value = position(cell, format);
    if (value === null || (set.periods[place]?.complete ?? true)) return value;
    return { value, itemStyle: { opacity: 0.55, borderWidth: 1, borderColor: colours.text } };
  });
}

/** Tell whether the axis may start at zero without flattening the lines; an area is drawn from zero only. */
function reachesTowardsZero(drawn: readonly Series[], format: Format): boolean {
  const sizes = drawn.flatMap((series) =>
    series.values.map((value) => position(value, format)).filter((value) => value !== null),
  );
  return Math.min(...sizes) < 0 || Math.min(...sizes) < 0.5 * Math.max(...sizes);
}

function axisNumber(value: number): string {
  return new Intl.NumberFormat('en', { notation: Math.abs(value) >= 10_000 ? 'compact' : 'standard' }).format(
    value,
  );
}

function pointed(points: unknown): number {
  const [first] = Array.isArray(points) ? (points as { dataIndex?: number }[]) : [];
  return first?.dataIndex ?? 0;
}

/** The tooltip as elements: names of members are data, and never become markup. */
function tooltip(
  set: SeriesSet,
  drawn: readonly Drawn[],
  place: number,
  format: Format,
  colours: ChartColours,
): HTMLElement {
  const period = set.periods[place];
  const box = document.createElement('div');
  const head = box.appendChild(document.createElement('div'));
  head.textContent = `${period?.label ?? ''}${period?.complete === false ? ' (not complete)' : ''}`;
  head.style.color = colours.muted;
  drawn.forEach((series) => {
    const line = box.appendChild(document.createElement('div'));
    line.style.cssText = 'display:flex;gap:1.2em;justify-content:space-between';
    const name = line.appendChild(document.createElement('span'));
    const mark = name.appendChild(document.createElement('span'));
    mark.textContent = '\u25cf ';
    mark.style.color = series.colour;
    name.append(series.label || set.column.name);
    const value = line.appendChild(document.createElement('strong'));
    value.textContent = show(series.values[place] ?? null, format);
  });
  return box;
}
