import { lazy, Suspense, useMemo, useState } from 'react';
import type { KpiResult } from '@/api/types';
import { Card } from '@/components/Card';
import { useChartColours } from '@/components/chart/colours';
import { EmptyState } from '@/components/EmptyState';
import { ProblemPanel } from '@/components/ProblemPanel';
import { RefetchBar } from '@/components/RefetchBar';
import { Segmented } from '@/components/Segmented';
import { Loading, Skeleton } from '@/components/Skeleton';
import { reasonOf } from '@/lib/reasons';
import { chartOption, drawable, MOST_SERIES } from './chartOption';
import type { ChartKind } from './controls';
import { Legend } from './Legend';
import { seriesOf, type SeriesSet } from './series';
import styles from './ChartCard.module.css';

const EChart = lazy(() => import('@/components/chart/EChart'));

const KINDS = [
  { value: 'line', label: 'Line' },
  { value: 'bar', label: 'Bars' },
] as const satisfies readonly { value: ChartKind; label: string }[];

/** The course of a KPI as a chart; its text alternative is the table of values below it. */
export function ChartCard({
  result,
  ranking,
  error,
  onRetry,
  fetching,
  kind,
  onKind,
}: {
  result: KpiResult | undefined;
  /** Which members are the largest; null where the KPI is not split. */
  ranking: KpiResult | null;
  error: unknown;
  onRetry: () => void;
  fetching: boolean;
  kind: ChartKind;
  onKind: (kind: ChartKind) => void;
}) {
  const set = useMemo(() => result && seriesOf(result, ranking), [result, ranking]);
  return (
    <Card
      title="Chart"
      actions={<Segmented label="Kind of chart" options={KINDS} value={kind} onChange={onKind} />}
    >
      <RefetchBar active={fetching && result !== undefined} />
      {error ? (
        <ProblemPanel error={error} onRetry={onRetry} />
      ) : !set ? (
        <Loading label="Loading the chart">
          <Skeleton height="22rem" />
        </Loading>
      ) : set.series.some((series) => series.values.some((value) => value !== null)) ? (
        <Drawing set={set} kind={kind} truncated={result?.truncated ?? false} />
      ) : (
        <EmptyState title="There is no value in this range">
          {reasonOf(result?.kpis[0], 0)?.detail ??
            'No row passes the filters. Take a filter off or widen the range.'}
        </EmptyState>
      )}
    </Card>
  );
}

function Drawing({ set, kind, truncated }: { set: SeriesSet; kind: ChartKind; truncated: boolean }) {
  const colours = useChartColours();
  const [off, setOff] = useState<ReadonlySet<string>>(new Set());
  const series = useMemo(() => drawable(set, colours), [set, colours]);
  const option = useMemo(() => {
    const drawn = series.filter(({ label }) => !off.has(label));
    return chartOption(set, drawn, kind, colours);
  }, [set, series, off, kind, colours]);
  const hidden = set.series.length - series.length;
  return (
    <figure>
      {series.length > 1 && <Legend series={series} off={off} onOff={setOff} />}
      <Suspense fallback={<Skeleton height="22rem" />}>
        <EChart
          option={option}
          label={`${set.column.name}, ${set.periods.length} periods, ${set.series.length} series. The table of values below holds the same numbers.`}
        />
      </Suspense>
      {(hidden > 0 || truncated) && (
        <figcaption className={styles['note']}>
          {truncated && 'The answer was cut off, so the last periods are not drawn. '}
          {hidden > 0 &&
            `The ${MOST_SERIES} largest of ${set.series.length} series over the range are drawn; the table has the other ${hidden}.`}
        </figcaption>
      )}
    </figure>
  );
}
