import { useState } from 'react';
import { MOST_ROWS } from '@/api/question';
import type { KpiResult } from '@/api/types';
import { Button } from '@/components/Button';
import { Card } from '@/components/Card';
import { EmptyState } from '@/components/EmptyState';
import { Loading, Skeleton } from '@/components/Skeleton';
import { csvOf } from './csv';
import { ValuesTable } from './ValuesTable';
import styles from './ValuesCard.module.css';

/** The values in a table: rounded as the KPI says, or with every digit; and as a file. */
export function ValuesCard({ result, name }: { result: KpiResult | undefined; name: string }) {
  const [exact, setExact] = useState(false);
  return (
    <Card
      title="Values"
      actions={
        result && (
          <>
            <label className={styles['exact']}>
              <input type="checkbox" checked={exact} onChange={(event) => setExact(event.target.checked)} />
              Every digit
            </label>
            <Button look="ghost" icon="download" onClick={() => download(result)}>
              CSV
            </Button>
          </>
        )
      }
    >
      {!result ? (
        <Loading label="Loading the values">
          {Array.from({ length: 6 }, (_, index) => (
            <p key={index} className={styles['line']}>
              <Skeleton height="1.4rem" />
            </p>
          ))}
        </Loading>
      ) : result.row_count === 0 ? (
        <EmptyState title="No rows">No row passes the filters in this range.</EmptyState>
      ) : (
        <>
          {result.truncated && (
            <p className={styles['cut']} role="status">
              Only the first {MOST_ROWS.toLocaleString('en')} rows are here. Take a coarser grain, a shorter
              range or a filter to see all of them.
            </p>
          )}
          <ValuesTable
            key={result.dimensions.map(({ name: each }) => each).join()}
            result={result}
            caption={name}
            exact={exact}
          />
        </>
      )}
    </Card>
  );
}

function download(result: KpiResult): void {
  const address = URL.createObjectURL(new Blob([csvOf(result)], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = `${result.kpis[0]?.code ?? 'kpi'}.csv`;
  link.click();
  URL.revokeObjectURL(address);
}
