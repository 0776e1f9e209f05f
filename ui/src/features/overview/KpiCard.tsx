import { Link } from '@tanstack/react-router';
import type { Ref } from 'react';
import type { TreeKpi } from '@/api/types';
import { Change } from '@/components/Change';
import { Figure } from '@/components/Figure';
import { ProblemPanel } from '@/components/ProblemPanel';
import { RefetchBar } from '@/components/RefetchBar';
import { Loading, Skeleton } from '@/components/Skeleton';
import { Sparkline } from '@/components/Sparkline';
import { movement } from '@/lib/change';
import { showRange, type DateRange } from '@/lib/dates';
import { formatOf, position } from '@/lib/display';
import { reasonOf } from '@/lib/reasons';
import type { CardData } from './api/readCards';
import styles from './KpiCard.module.css';

/** One KPI over a range, and the way to its page. */
export function KpiCard({
  ref,
  kpi,
  range,
  answer,
  stale,
  fetching,
  onRetry,
}: {
  ref: Ref<HTMLLIElement> | undefined;
  kpi: TreeKpi;
  range: DateRange;
  /** Undefined until it is there. */
  answer: { readonly data: CardData } | { readonly problem: unknown } | undefined;
  stale: boolean;
  fetching: boolean;
  onRetry: () => void;
}) {
  return (
    <li ref={ref} className={styles['card']} data-stale={stale}>
      <h3 className={styles['name']}>
        <Link
          to="/kpis/$code"
          params={{ code: kpi.code }}
          search={{ from: range.from, to: range.to }}
          className={styles['link']}
        >
          {kpi.name}
        </Link>
      </h3>
      {!answer ? (
        <Loading label={`Loading ${kpi.name}`}>
          <Skeleton width="60%" height="2rem" />
          <br />
          <Skeleton height="38px" />
        </Loading>
      ) : 'data' in answer ? (
        <Value data={answer.data} />
      ) : (
        <ProblemPanel error={answer.problem} onRetry={onRetry} compact />
      )}
      <RefetchBar active={fetching && answer !== undefined} />
    </li>
  );
}

function Value({ data }: { data: CardData }) {
  const format = formatOf(data.column);
  const { before } = data;
  return (
    <>
      <p className={styles['value']}>
        <Figure value={data.value} format={format} />
      </p>
      <p className={styles['change']}>
        {data.value === null ? (
          <span>{reasonOf(data.column, 0)?.detail}</span>
        ) : before ? (
          <Change
            movement={movement(data.value, before.value, format, data.column.direction)}
            than={showRange(before.range)}
          />
        ) : (
          <span>no earlier data to compare with</span>
        )}
      </p>
      <div className={styles['trend']} title={`By ${data.grain}`}>
        <Sparkline values={data.trend.map((value) => position(value, format))} />
      </div>
    </>
  );
}
