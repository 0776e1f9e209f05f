import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '@/api/ApiContext';
import type { Explanation, KpiQuery } from '@/api/types';
import { Button } from '@/components/Button';
import { Card } from '@/components/Card';
import { CopyButton } from '@/components/CopyButton';
import { ProblemPanel } from '@/components/ProblemPanel';
import { Loading, Skeleton } from '@/components/Skeleton';
import { explain } from './api/explain';
import styles from './ExplainCard.module.css';

/** How the numbers on this page came about; asked for when it is opened. */
export function ExplainCard({ query }: { query: KpiQuery }) {
  const [open, setOpen] = useState(false);
  const { data, error, refetch } = useQuery({ ...explain(useApi(), query), enabled: open });
  return (
    <Card
      title="How this was computed"
      actions={
        <Button onClick={() => setOpen(!open)} aria-expanded={open}>
          {open ? 'Hide' : 'Explain'}
        </Button>
      }
    >
      {!open ? (
        <p className={styles['hint']}>
          The steps, the SQL with its parameters, and the state of the data it reads.
        </p>
      ) : error ? (
        <ProblemPanel error={error} onRetry={() => void refetch()} />
      ) : data ? (
        <Details explanation={data} />
      ) : (
        <Loading label="Loading the explanation">
          <Skeleton height="12rem" />
        </Loading>
      )}
    </Card>
  );
}

function Details({ explanation }: { explanation: Explanation }) {
  const parameters = Object.entries(explanation.parameters);
  return (
    <div className={styles['details']}>
      <ol className={styles['steps']}>
        {explanation.steps.map((step, index) => (
          <li key={index}>
            <p>
              <strong>{step.name}</strong> {step.summary}
            </p>
            {step.detail !== undefined && step.detail !== null && (
              <details>
                <summary>Details of {step.name}</summary>
                {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by keyboard */}
                <pre tabIndex={0}>{inWords(step.detail)}</pre>
              </details>
            )}
          </li>
        ))}
      </ol>
      <section aria-label="SQL">
        <header className={styles['head']}>
          <h3>SQL</h3>
          <CopyButton text={explanation.sql} label="Copy SQL" />
        </header>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by keyboard */}
        <pre tabIndex={0}>
          <code>{explanation.sql}</code>
        </pre>
      </section>
      {parameters.length > 0 && (
        <section aria-label="Parameters">
          <h3>Parameters</h3>
          <dl className={styles['parameters']}>
            {parameters.map(([name, value]) => (
              <div key={name}>
                <dt>
                  <code>{name}</code>
                </dt>
                <dd>
                  <code>{typeof value === 'string' ? value : JSON.stringify(value)}</code>
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      <p className={styles['hint']}>
        Watermark <code>{explanation.watermark}</code>: every transaction below this id is in the answer.
        Asked at {new Date(explanation.asked_at).toLocaleString()}.
      </p>
    </div>
  );
}

function inWords(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}
