import { vi } from 'vitest';

interface Answer {
  readonly status?: number;
  readonly body?: unknown;
}
type Answers = Record<string, Answer | ((body: unknown) => Answer | Promise<Answer>)>;

export interface ServiceDouble {
  /** What was asked, such as `POST /api/v1/calculate`, in order, with bodies. */
  readonly asked: readonly { readonly what: string; readonly body: unknown; readonly token: string | null }[];
  readonly answers: Answers;
}

/** Stand in for the server at the network's edge: each `METHOD /path` answers as told, anything else with 404. */
export function serve(answers: Answers): ServiceDouble {
  const asked: { what: string; body: unknown; token: string | null }[] = [];
  vi.stubGlobal('fetch', async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(
      input instanceof Request ? input : new URL(String(input), location.href),
      init,
    );
    const what = `${request.method} ${new URL(request.url).pathname}`;
    const text = await request.text();
    const body: unknown = text ? JSON.parse(text) : undefined;
    asked.push({ what, body, token: request.headers.get('authorization') });
    const told = answers[what] ?? { status: 404, body: problem(404, 'There is no such thing', what) };
    const { status = 200, body: answer } = typeof told === 'function' ? await told(body) : told;
    const media = status >= 400 ? 'application/problem+json' : 'application/json';
    return new Response(answer === undefined ? null : JSON.stringify(answer), {
      status,
      headers: { 'Content-Type': media },
    });
  });
  return { asked, answers };
}

export function problem(status: number, title: string, detail = '', remedy = '') {
  return { type: 'urn:analytics-engine:problem:test', status, title, detail, remedy, request_id: 'req-1' };
}
