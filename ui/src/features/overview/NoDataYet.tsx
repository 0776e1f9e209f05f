import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useApi } from '@/api/ApiContext';
import type { SampleLoad } from '@/api/types';
import { EmptyState } from '@/components/EmptyState';
import { readSamples } from './api/readSamples';
import styles from './NoDataYet.module.css';

/** What stands in for the overview while no data is loaded; it follows a load of this client's sample to its end. */
export function NoDataYet({ clientId }: { clientId: string }) {
  const queries = useQueryClient();
  const samples = useQuery(readSamples(useApi()));
  const load = samples.data?.find((sample) => sample.client_id === clientId)?.latest_load ?? null;
  const status = load?.status;

  useEffect(() => {
    if (status === 'succeeded') void queries.invalidateQueries({ queryKey: ['coverage'] });
  }, [status, queries]);

  if (load && (status === 'queued' || status === 'running')) return <Loading load={load} />;
  if (load && status === 'failed') {
    return (
      <EmptyState icon="alert" title="Loading the sample data failed">
        {load.detail} {load.remedy}
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No data has been loaded yet">
      The KPIs are defined, but the object models they read hold no rows for this client. Load data through
      the API or the command line, and the numbers appear here.
    </EmptyState>
  );
}

function Loading({ load }: { load: SampleLoad }) {
  const percent = Math.round(load.progress * 100);
  return (
    <EmptyState icon="download" title="The sample data is being loaded">
      <progress className={styles['progress']} max={100} value={percent} aria-label="Progress" />
      <p role="status">
        {percent}% {load.step && `\u00b7 ${load.step}`}
      </p>
    </EmptyState>
  );
}
