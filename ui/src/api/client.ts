import createClient, { type Client as FetchClient } from 'openapi-fetch';
import { LiveAnswers } from './live';
import { disconnection, problemOf } from './problem';
import type { paths } from './schema';
import { SessionKeeper } from './session';

const UNAUTHENTICATED = 401;

/** The product's API and the session it is asked in. Every request answers with data or throws a Problem. */
export interface Api {
  readonly http: FetchClient<paths>;
  readonly session: SessionKeeper;
  readonly live: LiveAnswers;
}

export function createApi(): Api {
  const session = new SessionKeeper();
  const http = createClient<paths>({
    baseUrl: window.location.origin,
    credentials: 'same-origin',
    fetch: (request) => fetchInSession(request, session),
  });
  return { http, session, live: new LiveAnswers(session) };
}

/** Return the data of an answer, or throw the Problem it describes. */
export async function answer<Data>(
  pending: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data> {
  const { data, error, response } = await pending;
  if (!response.ok || data === undefined) throw problemOf(response, error);
  return data;
}

/** Send a request with the access token; when it was refused, renew the token and send it once more. */
async function fetchInSession(request: Request, session: SessionKeeper): Promise<Response> {
  const again = request.clone();
  const response = await send(request, session.accessToken);
  if (response.status !== UNAUTHENTICATED || !(await session.refresh())) return response;
  return send(again, session.accessToken);
}

async function send(request: Request, token: string | null): Promise<Response> {
  if (token) request.headers.set('Authorization', `Bearer ${token}`);
  try {
    return await fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error; // the asker gave up; no fault of the server
    throw disconnection(error);
  }
}
