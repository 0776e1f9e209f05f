import { lazy, Suspense, useMemo } from 'react';
import type { KpiResult } from '@/api/types';
import { Card } from '@/components/Card';
import { useChartColours } from '@/components/chart/colours';
import { EmptyState } from '@/components/EmptyState';
import { ProblemPanel } from '@/components/ProblemPanel';
import { RefetchBar } from '@/components/RefetchBar';
import { Segmented } from '@/components/Segmented';
import { Loading, Skeleton } from '@/components/Skeleton';
import { reasonOf } from '@/lib/reasons';
import { chartOption, MOST_SERIES } from './chartOption';
import type { ChartKind } from './controls';
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
  const option = useMemo(() => chartOption(set, kind, colours), [set, kind, colours]);
  const hidden = set.series.length - MOST_SERIES;
  return (
    <figure>
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
