import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LiveAnswers } from './live';
import { question } from './question';
import { SessionKeeper } from './session';

const SALES = question({ kpis: ['SALES'], range: { from: '2026-01-01', to: '2026-02-01' } });
const COSTS = question({ kpis: ['COSTS'], range: { from: '2026-01-01', to: '2026-02-01' } });

interface Stream {
  readonly queries: readonly unknown[];
  readonly signal: AbortSignal;
  send(text: string): void;
  end(): void;
}

let streams: Stream[];
let queries: QueryClient;
let session: SessionKeeper;

beforeEach(() => {
  streams = [];
  queries = new QueryClient();
  session = new SessionKeeper();
  vi.stubGlobal('fetch', (_: string, init: RequestInit) => {
    const encoder = new TextEncoder();
    if (!init.signal) throw new Error('a stream can be ended');
    const { signal } = init;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        const { queries: asked } = JSON.parse(init.body as string) as { queries: unknown[] };
        streams.push({
          queries: asked,
          signal,
          send: (text) => controller.enqueue(encoder.encode(text)),
          end: () => controller.close(),
        });
      },
    });
    return Promise.resolve(new Response(body));
  });
});

afterEach(() => {
  session.stop();
  vi.unstubAllGlobals();
});

function show(query: unknown, answer: () => unknown): { seen: unknown[]; hide: () => void } {
  const seen: unknown[] = [];
  const observer = new QueryObserver(queries, {
    queryKey: ['calculate', ...(Array.isArray(query) ? ['cards', query] : [query])],
    queryFn: () => Promise.resolve(answer()),
    staleTime: Infinity,
  });
  const hide = observer.subscribe(({ data }) => {
    if (data !== undefined && data !== seen.at(-1)) seen.push(data);
  });
  return { seen, hide };
}

function update(query: number, result: unknown): string {
  return `event: update\nid: 1\ndata: ${JSON.stringify({ query, version: '1', result })}\n\n`;
}

test('what is shown is replaced by the newer answer, however its bytes are cut', async () => {
  const live = new LiveAnswers(session);
  const stop = live.start(queries);
  const { seen } = show(SALES, () => 'first');
  await vi.waitFor(() => expect(streams).toHaveLength(1));
  expect(streams[0]?.queries).toEqual([SALES]);
  await vi.waitFor(() => expect(live.read()).toBe(true));
  const text = `: still here\n\n${update(0, 'second')}`;
  streams[0]?.send(text.slice(0, 30));
  streams[0]?.send(text.slice(30));
  await vi.waitFor(() => expect(seen).toEqual(['first', 'second']));
  stop();
  expect(streams[0]?.signal.aborted).toBe(true);
});

test('what is made of several answers is asked for anew when one of them changes', async () => {
  const stop = new LiveAnswers(session).start(queries);
  let asked = 0;
  const { seen } = show([SALES, COSTS], () => ++asked);
  await vi.waitFor(() => expect(streams[0]?.queries).toEqual([SALES, COSTS]));
  streams[0]?.send(update(1, 'newer'));
  await vi.waitFor(() => expect(seen).toEqual([1, 2]));
  stop();
});

test('the stream follows the page, and is opened again when it ends', async () => {
  const stop = new LiveAnswers(session).start(queries);
  const sales = show(SALES, () => 'sales');
  await vi.waitFor(() => expect(streams).toHaveLength(1));
  show(COSTS, () => 'costs');
  await vi.waitFor(() => expect(streams.at(-1)?.queries).toEqual([SALES, COSTS]));
  expect(streams[0]?.signal.aborted).toBe(true);
  sales.hide();
  await vi.waitFor(() => expect(streams.at(-1)?.queries).toEqual([COSTS]));
  const before = streams.length;
  streams.at(-1)?.end();
  await vi.waitFor(() => expect(streams.length).toBe(before + 1), { timeout: 3000 });
  expect(streams.at(-1)?.queries).toEqual([COSTS]);
  stop();
});
