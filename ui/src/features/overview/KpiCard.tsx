import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useApi } from '@/api/ApiContext';
import type { TreeKpi } from '@/api/types';
import { Change } from '@/components/Change';
import { ProblemPanel } from '@/components/ProblemPanel';
import { RefetchBar } from '@/components/RefetchBar';
import { Loading, Skeleton } from '@/components/Skeleton';
import { Sparkline } from '@/components/Sparkline';
import { movement } from '@/lib/change';
import { showRange, type DateRange } from '@/lib/dates';
import { formatOf, position, show, showExact } from '@/lib/display';
import { reasonOf } from '@/lib/reasons';
import { useInView } from '@/lib/useInView';
import { readCard, type CardData } from './api/readCard';
import styles from './KpiCard.module.css';

/** One KPI over a range, and the way to its page. It is asked for when it comes near the screen. */
export function KpiCard({ kpi, range, loaded }: { kpi: TreeKpi; range: DateRange; loaded: DateRange }) {
  const api = useApi();
  const [ref, inView] = useInView<HTMLLIElement>();
  const { data, error, isFetching, isPlaceholderData, refetch } = useQuery({
    ...readCard(api, kpi.code, range, loaded),
    enabled: inView,
    placeholderData: (earlier) => earlier,
  });

  return (
    <li ref={ref} className={styles['card']} data-stale={isPlaceholderData}>
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
      {data ? (
        <Value data={data} />
      ) : error ? (
        <ProblemPanel error={error} onRetry={() => void refetch()} compact />
      ) : (
        <Loading label={`Loading ${kpi.name}`}>
          <Skeleton width="60%" height="2rem" />
          <br />
          <Skeleton height="38px" />
        </Loading>
      )}
      <RefetchBar active={isFetching && data !== undefined} />
    </li>
  );
}

function Value({ data }: { data: CardData }) {
  const format = formatOf(data.column);
  const { before } = data;
  return (
    <>
      <p className={styles['value']} title={showExact(data.value, format)}>
        {show(data.value, format)}
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
        <Sparkline values={data.trend.values.map((value) => position(value, format))} />
      </div>
    </>
  );
}
