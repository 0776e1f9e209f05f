import { Problem, disconnection, problemOf } from './problem';
import type { Session, User } from './types';

/** Ask for a new access token this long before the present one ends. */
const RENEW_BEFORE_END_S = 60;
const SHORTEST_WAIT_S = 5;
const RETRY_AFTER_S = 5;

export type SessionState =
  | { readonly phase: 'restoring' }
  | { readonly phase: 'signed-out'; readonly expired: boolean }
  | { readonly phase: 'signed-in'; readonly user: User };

/**
 * Who is signed in. The access token lives in this object's memory only; the refresh token is a cookie the
 * page cannot read. All tabs share that cookie and its token can be used once, so tabs take turns by a lock.
 */
export class SessionKeeper {
  #state: SessionState = { phase: 'restoring' };
  #accessToken: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #refreshing: Promise<boolean> | null = null;
  readonly #listeners = new Set<() => void>();
  readonly #tabs = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('ae.session');

  constructor() {
    this.#tabs?.addEventListener('message', () => this.#end({ expired: false }));
  }

  get state(): SessionState {
    return this.#state;
  }

  get accessToken(): string | null {
    return this.#accessToken;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  read = (): SessionState => this.#state;

  /** Find out whether there is a session from an earlier visit; a browser that never had one is not asked about. */
  async restore(): Promise<void> {
    if (mayHaveSession()) await this.refresh();
    else this.#end({ expired: false });
  }

  async signIn(email: string, password: string): Promise<void> {
    this.#begin(await post<Session>('/api/v1/auth/login', { email, password }));
  }

  /** Return once the session is gone here, on the server, and in the other tabs. */
  async signOut(): Promise<void> {
    try {
      await post('/api/v1/auth/logout', undefined, this.#accessToken);
    } finally {
      this.#tabs?.postMessage('signed-out');
      this.#end({ expired: false });
    }
  }

  /** Return whether there is a session now, asking the server by the refresh cookie. */
  refresh(): Promise<boolean> {
    this.#refreshing ??= this.#takeTurn().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#tabs?.close();
  }

  #takeTurn(): Promise<boolean> {
    // lib.dom says `locks` is always there; it is not on plain-http hosts other than localhost
    const locks = (navigator as { locks?: LockManager }).locks;
    return locks ? locks.request('ae.refresh', () => this.#renew()) : this.#renew();
  }

  async #renew(): Promise<boolean> {
    try {
      this.#begin(await post<Session>('/api/v1/auth/refresh'));
      return true;
    } catch (error) {
      if (!(error instanceof Problem) || error.passing) {
        this.#renewIn(RETRY_AFTER_S);
        throw error;
      }
      this.#end({ expired: this.#state.phase === 'signed-in' });
      return false;
    }
  }

  #begin(session: Session): void {
    remember(true);
    this.#accessToken = session.access_token;
    this.#set({ phase: 'signed-in', user: session.user });
    this.#renewIn(Math.max(session.expires_in - RENEW_BEFORE_END_S, SHORTEST_WAIT_S));
  }

  #renewIn(seconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.refresh().catch(() => undefined); // it has set its next try
    }, seconds * 1000);
  }

  #end({ expired }: { expired: boolean }): void {
    clearTimeout(this.#timer);
    remember(false);
    this.#accessToken = null;
    this.#set({ phase: 'signed-out', expired });
  }

  #set(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

const HINT = 'ae.session';

/** Note that this browser has a session (never the session itself), so that only then a page asks for it. */
function remember(inSession: boolean): void {
  try {
    if (inSession) localStorage.setItem(HINT, 'yes');
    else localStorage.removeItem(HINT);
  } catch {
    // storage is refused: mayHaveSession then says yes, and the server is asked
  }
}

function mayHaveSession(): boolean {
  try {
    return localStorage.getItem(HINT) !== null;
  } catch {
    return true;
  }
}

async function post<Answer = void>(path: string, body?: unknown, token?: string | null): Promise<Answer> {
  const headers = new Headers({ Accept: 'application/json' });
  if (body !== undefined) headers.set('Content-Type', 'application/json');
  if (token) headers.set('Authorization', `Bearer ${token}`);
  const init: RequestInit = { method: 'POST', headers, credentials: 'same-origin' };
  if (body !== undefined) init.body = JSON.stringify(body);
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    throw disconnection(error);
  }
  const text = await response.text();
  let answer: unknown;
  try {
    answer = text ? JSON.parse(text) : undefined;
  } catch {
    answer = undefined; // not JSON: problemOf says what the status was
  }
  if (!response.ok) throw problemOf(response, answer);
  return answer as Answer;
}
