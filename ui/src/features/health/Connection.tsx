import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useApi, useIsLive } from '@/api/ApiContext';
import type { SystemReport } from '@/api/types';
import { Popover } from '@/components/Popover';
import { readHealth } from './api/readHealth';
import styles from './Connection.module.css';

const WORDS = {
  connecting: 'Connecting',
  healthy: 'Connected',
  degraded: 'Degraded',
  unhealthy: 'Unhealthy',
  disconnected: 'Disconnected',
} as const;

type State = keyof typeof WORDS;

/** Whether the product can be reached and is well; when it comes back, what failed is asked for again. */
export function Connection() {
  const { data, error } = useQuery(readHealth(useApi()));
  const queries = useQueryClient();
  const state: State = error ? 'disconnected' : (data?.status ?? 'connecting');
  const live = useIsLive() && state === 'healthy';
  const wasWell = useRef(true);

  useEffect(() => {
    const well = state === 'healthy' || state === 'connecting';
    if (well && !wasWell.current) {
      void queries.refetchQueries({ predicate: (query) => query.state.status === 'error' });
    }
    wasWell.current = well;
  }, [state, queries]);

  return (
    <>
      <Popover
        look="ghost"
        align="end"
        label={
          <span className={styles['state']} data-state={state}>
            <span className={styles['dot']} aria-hidden="true" />
            <span className={styles['word']}>{live ? 'Live' : WORDS[state]}</span>
          </span>
        }
      >
        {() => <Details state={state} live={live} report={data} />}
      </Popover>
      <span className="visually-hidden" role="status">
        {state === 'healthy' || state === 'connecting' ? '' : `The system is ${WORDS[state].toLowerCase()}.`}
      </span>
    </>
  );
}

function Details({ state, live, report }: { state: State; live: boolean; report: SystemReport | undefined }) {
  if (state === 'disconnected') {
    return (
      <p>No answer from the server. What you see may be out of date; it is asked again every 3 seconds.</p>
    );
  }
  return (
    <ul className={styles['services']}>
      {live && <li>What you see follows the data as it is written.</li>}
      {Object.entries(report?.services ?? {}).map(([name, service]) => (
        <li key={name} className={styles['state']} data-state={service.status}>
          <span className={styles['dot']} aria-hidden="true" />
          <span>
            {name.replaceAll('_', ' ')} <span className={styles['verdict']}>{service.status}</span>
            {troubles(service).map((trouble) => (
              <span key={trouble} className={styles['trouble']}>
                {trouble}
              </span>
            ))}
          </span>
        </li>
      ))}
    </ul>
  );
}

function troubles(service: SystemReport['services'][string]): readonly string[] {
  const dependencies = Object.values(service.dependencies ?? {}).flatMap((report) =>
    report.status === 'healthy' || !report.detail ? [] : [report.detail],
  );
  return [...(service.detail ? [service.detail] : []), ...dependencies];
}

/** A line across the page while the product cannot be reached. */
export function DisconnectedBanner() {
  const { error } = useQuery(readHealth(useApi()));
  if (!error) return null;
  return (
    <p className={styles['banner']} role="alert">
      Disconnected: the server does not answer. What you see may be out of date; this page goes on by itself
      when the server is back.
    </p>
  );
}
