import type { ReactNode } from 'react';
import type { KpiResult } from '@/api/types';
import { Change } from '@/components/Change';
import { Figure } from '@/components/Figure';
import { NullValue } from '@/components/NullValue';
import { Loading, Skeleton } from '@/components/Skeleton';
import { shownCell } from '@/lib/cells';
import { movement } from '@/lib/change';
import type { LoadedSpan } from '@/lib/coverage';
import { showDate, showRange, addDays, type DateRange } from '@/lib/dates';
import { formatOf } from '@/lib/display';
import { reasonOf } from '@/lib/reasons';
import { periodLabel } from './series';
import styles from './Headline.module.css';

/** The value over the range, that of the last complete period, and what data there is. */
export function Headline({
  whole,
  course,
  range,
  loaded,
  failed,
}: {
  whole: KpiResult | undefined;
  course: KpiResult | undefined;
  range: DateRange;
  loaded: LoadedSpan;
  /** The values cannot be had; the page says why elsewhere. */
  failed: boolean;
}) {
  const missing = failed ? <span className={styles['plain']}>{'\u2014'}</span> : <Waiting />;
  return (
    <dl className={styles['headline']}>
      <Stat label={showRange(range)} main>
        {whole ? <Value result={whole} row={0} /> : missing}
      </Stat>
      {course?.grain !== null && (
        <Stat label={course ? `Last complete ${course.grain}` : 'Last complete period'}>
          {course ? <Latest result={course} /> : missing}
        </Stat>
      )}
      <Stat label="Data loaded">
        <span className={styles['plain']}>
          {showDate(loaded.from)} {'\u2013'} {showDate(addDays(loaded.to, -1))}
        </span>
        <span className={styles['detail']}>in {loaded.timeZone}</span>
      </Stat>
    </dl>
  );
}

function Stat({ label, main = false, children }: { label: string; main?: boolean; children: ReactNode }) {
  return (
    <div className={styles['stat']} data-main={main}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Value({ result, row }: { result: KpiResult; row: number }) {
  const column = result.kpis[0];
  if (!column) return null;
  const value = shownCell(column, row);
  if (value === null) return <NullValue reason={reasonOf(column, row)?.detail ?? 'There is no value.'} />;
  return (
    <span className={styles['value']}>
      <Figure value={value} format={formatOf(column)} />
    </span>
  );
}

function Latest({ result }: { result: KpiResult }) {
  const column = result.kpis[0];
  const row = result.period.complete.findLastIndex(
    (complete, index) => complete && reasonOf(column, index)?.code !== 'not_loaded',
  );
  if (!column || row < 0) return <span className={styles['detail']}>There is none in this range.</span>;
  const moved =
    row > 0 && result.period.complete[row - 1]
      ? movement(shownCell(column, row), shownCell(column, row - 1), formatOf(column), column.direction)
      : null;
  return (
    <>
      <Value result={result} row={row} />
      <span className={styles['detail']}>
        {periodLabel(result, row)}
        {row > 0 && (
          <>
            {' \u00b7 '}
            <Change movement={moved} than={periodLabel(result, row - 1)} />
          </>
        )}
      </span>
    </>
  );
}

function Waiting() {
  return (
    <Loading label="Loading the value">
      <Skeleton width="7rem" height="2rem" />
    </Loading>
  );
}
