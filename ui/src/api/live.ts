import type { Query, QueryClient, QueryKey } from '@tanstack/react-query';
import { eventsOf } from './serverSent';
import type { SessionKeeper } from './session';
import type { KpiQuery, LiveUpdate } from './types';

const SETTLE_MS = 200;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
const MOST_QUERIES = 50;
const UNAUTHENTICATED = 401;

/** The questions behind what is kept under a key: one, or those a group of cards is made of. */
export function questionsOf(key: QueryKey): readonly KpiQuery[] {
  if (key[0] !== 'calculate') return [];
  return key[1] === 'cards' ? (key[2] as KpiQuery[]) : [key[1] as KpiQuery];
}

/**
 * Keeps what is on the page as it is: every answer that some component shows is followed in one stream, and
 * replaced when the server has a newer one. Components know nothing of it.
 */
export class LiveAnswers {
  #open = false;
  readonly #session: SessionKeeper;
  readonly #listeners = new Set<() => void>();

  constructor(session: SessionKeeper) {
    this.#session = session;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Whether the page is followed at present. */
  read = (): boolean => this.#open;

  /** Follow what is shown, until the function that is returned is called. */
  start(queries: QueryClient): () => void {
    let following = '';
    let ending = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;

    const look = () => {
      const shown = document.visibilityState === 'hidden' ? [] : shownQuestions(queries);
      const wanted = JSON.stringify(shown);
      if (wanted === following) return;
      following = wanted;
      ending.abort();
      ending = new AbortController();
      if (shown.length > 0) void this.#follow(shown, queries, ending.signal);
    };
    const settle = () => {
      clearTimeout(timer);
      timer = setTimeout(look, SETTLE_MS);
    };
    const leave = queries.getQueryCache().subscribe((event) => {
      const key = event.query.queryKey as QueryKey;
      if (key[0] === 'calculate' && event.type.startsWith('observer')) settle();
    });
    document.addEventListener('visibilitychange', settle);
    settle();
    return () => {
      clearTimeout(timer);
      leave();
      document.removeEventListener('visibilitychange', settle);
      ending.abort();
    };
  }

  async #follow(questions: readonly KpiQuery[], queries: QueryClient, signal: AbortSignal): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      try {
        const body = await this.#connect(questions, signal);
        this.#set(true);
        pause = FIRST_PAUSE_MS;
        for await (const event of eventsOf(body)) {
          if (event.name === 'update') bring(JSON.parse(event.data) as LiveUpdate, questions, queries);
        }
      } catch {
        // the connection is told of elsewhere; here one only tries again
      }
      this.#set(false);
      await new Promise((resolve) => setTimeout(resolve, pause));
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    }
  }

  async #connect(questions: readonly KpiQuery[], signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const response = await fetch('/api/v1/live', {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Authorization: `Bearer ${this.#session.accessToken ?? ''}`,
      },
      body: JSON.stringify({ queries: questions }),
      signal,
    });
    if (response.status === UNAUTHENTICATED) await this.#session.refresh();
    if (!response.ok || !response.body) throw new Error(`the stream was refused with ${response.status}`);
    return response.body;
  }

  #set(open: boolean): void {
    if (this.#open === open) return;
    this.#open = open;
    for (const listener of this.#listeners) listener();
  }
}

function shownQuestions(queries: QueryClient): readonly KpiQuery[] {
  const shown = new Map<string, KpiQuery>();
  for (const query of calculated(queries)) {
    for (const question of questionsOf(query.queryKey)) shown.set(JSON.stringify(question), question);
  }
  return [...shown.values()].slice(0, MOST_QUERIES);
}

/** What some component shows now. */
function calculated(queries: QueryClient): Query[] {
  return queries.getQueryCache().findAll({ queryKey: ['calculate'], type: 'active' });
}

/** Put a newer answer where it is shown; what is made of several answers is asked for anew. */
function bring(update: LiveUpdate, questions: readonly KpiQuery[], queries: QueryClient): void {
  const text = JSON.stringify(questions[update.query]);
  for (const query of calculated(queries)) {
    if (!questionsOf(query.queryKey).some((one) => JSON.stringify(one) === text)) continue;
    if (query.queryKey[1] !== 'cards' && update.result) queries.setQueryData(query.queryKey, update.result);
    else void askAgain(query, queries);
  }
}

const waiting = new WeakSet<Query>();

/** Ask again once the present asking is over, for its answer may be from before the change. */
async function askAgain(query: Query, queries: QueryClient): Promise<void> {
  if (waiting.has(query)) return;
  waiting.add(query);
  if (query.state.fetchStatus === 'fetching') await query.fetch().catch(() => undefined);
  waiting.delete(query);
  await queries.invalidateQueries({ queryKey: query.queryKey, exact: true });
}
