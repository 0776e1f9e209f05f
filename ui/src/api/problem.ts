/** What went wrong, in the terms of an RFC 9457 problem document; nothing else is ever thrown by the API. */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly remedy: string;
  readonly requestId: string;

  constructor(facts: {
    status: number;
    title: string;
    detail?: string;
    remedy?: string;
    requestId?: string;
    cause?: unknown;
  }) {
    super(facts.title, { cause: facts.cause });
    this.name = 'Problem';
    this.status = facts.status;
    this.title = facts.title;
    this.detail = facts.detail ?? '';
    this.remedy = facts.remedy ?? '';
    this.requestId = facts.requestId ?? '';
  }

  /** The request never reached the gateway, or its answer never came back. */
  get disconnected(): boolean {
    return this.status === 0;
  }

  /** Asking again may well succeed: it was not the question that was wrong. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Return the problem an answer describes; an answer that is no problem document still gives a clear one. */
export function problemOf(response: Response, body: unknown): Problem {
  const text = (name: string): string => {
    const value = isRecord(body) ? body[name] : undefined;
    return typeof value === 'string' ? value : '';
  };
  return new Problem({
    status: response.status,
    title: text('title') || 'The server gave an unexpected answer',
    detail: text('detail') || `It answered ${response.status} ${response.statusText}`.trim() + '.',
    remedy: text('remedy'),
    requestId: text('request_id') || (response.headers.get('x-request-id') ?? ''),
  });
}

/** Return the problem a batch item carries in place of a result. */
export function problemOfItem(item: Readonly<Record<string, unknown>> | null | undefined): Problem {
  const text = (name: string): string => (typeof item?.[name] === 'string' ? item[name] : '');
  return new Problem({
    status: typeof item?.['status'] === 'number' ? item['status'] : 500,
    title: text('title') || 'The value could not be computed',
    detail: text('detail'),
    remedy: text('remedy'),
    requestId: text('request_id'),
  });
}

export function disconnection(cause: unknown): Problem {
  return new Problem({
    status: 0,
    title: 'The server cannot be reached',
    detail: 'The request got no answer.',
    remedy: 'Check that you are online and that Analytics Engine is running; this page asks again by itself.',
    cause,
  });
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem({
    status: 500,
    title: 'This page met an error of its own',
    detail: error instanceof Error ? error.message : String(error),
    remedy: 'Reload the page; if it happens again, report it with the text above.',
    cause: error,
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
