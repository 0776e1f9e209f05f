import { createContext, use, useSyncExternalStore, type ReactNode } from 'react';
import type { Api } from './client';
import type { SessionState } from './session';

const Context = createContext<Api | null>(null);

export function ApiProvider({ api, children }: { api: Api; children: ReactNode }) {
  return <Context value={api}>{children}</Context>;
}

export function useApi(): Api {
  const api = use(Context);
  if (!api) throw new Error('useApi needs an ApiProvider above it.');
  return api;
}

export function useSession(): SessionState {
  const { session } = useApi();
  return useSyncExternalStore(session.subscribe, session.read);
}

/** Whether what is on the page follows the data. */
export function useIsLive(): boolean {
  const { live } = useApi();
  return useSyncExternalStore(live.subscribe, live.read);
}
