import { QueryClientProvider, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { ApiProvider, useApi, useSession } from '@/api/ApiContext';
import type { Api } from '@/api/client';
import { ProblemPanel } from '@/components/ProblemPanel';
import { SignInPage } from '@/features/session/SignInPage';
import styles from './App.module.css';
import { createAppRouter, type AppRouter } from './router';

/** The whole application: whoever has no session signs in; the address stays, so they land where they meant to. */
export function App({ api, queries }: { api: Api; queries: QueryClient }) {
  const [router] = useState(() => createAppRouter());
  return (
    <ApiProvider api={api}>
      <QueryClientProvider client={queries}>
        <Gate router={router} />
      </QueryClientProvider>
    </ApiProvider>
  );
}

function Gate({ router }: { router: AppRouter }) {
  const session = useSession();
  const { live } = useApi();
  const queries = useQueryClient();
  const signedIn = session.phase === 'signed-in';
  useEffect(() => (signedIn ? live.start(queries) : undefined), [live, queries, signedIn]);
  if (session.phase === 'restoring') return <Restoring />;
  if (session.phase === 'signed-out') return <SignInPage expired={session.expired} />;
  return <RouterProvider router={router} />;
}

/** The moment in which the refresh cookie is tried; where the server is away it says so and goes on trying. */
function Restoring() {
  const { session } = useApi();
  const [failure, setFailure] = useState<unknown>(null);
  useEffect(() => {
    session.restore().catch(setFailure);
  }, [session]);
  if (failure === null) return <div className={styles['splash']} role="status" aria-label="Opening" />;
  return (
    <main className={styles['splash']}>
      <ProblemPanel
        error={failure}
        onRetry={() => {
          session.refresh().catch(setFailure);
        }}
      />
    </main>
  );
}
