import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test } from 'vitest';
import { createApi } from '@/api/client';
import { client, kpi, result, session, tree } from '@/testing/fixtures';
import { problem, serve } from '@/testing/service';
import { App } from './App';
import { createQueries } from './queries';
import { parseSearch, stringifySearch } from './search';

const product = () => ({
  'POST /api/v1/auth/login': { body: session },
  'POST /api/v1/auth/refresh': { body: session },
  'POST /api/v1/auth/logout': { status: 204 },
  'GET /api/v1/health': { body: { status: 'healthy', services: {} } },
  'GET /api/v1/config/clients/nyc-flights': { body: client },
  'GET /api/v1/metadata/tree': { body: tree },
  'GET /api/v1/metadata/kpis/FL_DELAY': { body: kpi },
  'GET /api/v1/calculate/dimensions': { body: { dimensions: [] } },
  'POST /api/v1/calculate': { body: result },
  'POST /api/v1/calculate/batch': () => ({
    body: {
      items: [
        { result, problem: null },
        { result, problem: null },
      ],
      succeeded: 2,
      failed: 0,
    },
  }),
  'POST /api/v1/calculate/validate': {
    body: {
      valid: true,
      unit: 'min',
      type: 'decimal',
      problems: [],
      object_models: ['flight'],
      attributes: ['flight.departure_delay'],
      kpis: [],
      formula: 'avg(flight.departure_delay)',
    },
  },
});

function open(path: string): void {
  window.history.replaceState(null, '', path);
  render(<App api={createApi()} queries={createQueries()} />);
}

async function signIn(): Promise<void> {
  await userEvent.type(await screen.findByLabelText('Email'), 'ann@example.com');
  await userEvent.type(screen.getByLabelText('Password'), 'secret');
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
}

beforeEach(() => localStorage.clear());

describe('signing in', () => {
  test('empty fields are named, and nothing is sent', async () => {
    const service = serve(product());
    open('/');
    await userEvent.click(await screen.findByRole('button', { name: 'Sign in' }));
    expect(await screen.findByText('Enter your email address.')).toBeVisible();
    expect(screen.getByText('Enter your password.')).toBeVisible();
    expect(service.asked).toEqual([]);
  });

  test('a wrong password shows what the server says, and empties the password', async () => {
    serve({
      ...product(),
      'POST /api/v1/auth/login': {
        status: 401,
        body: problem(401, 'Sign in first', 'The email or the password is wrong.', 'Check both.'),
      },
    });
    open('/');
    await signIn();
    expect(await screen.findByText('The email or the password is wrong.')).toBeVisible();
    expect(screen.getByText('Check both.')).toBeVisible();
    expect(screen.getByText('req-1')).toBeVisible();
    expect(screen.getByLabelText('Password')).toHaveValue('');
  });

  test('the page that was asked for opens, and the token goes with every request', async () => {
    const service = serve(product());
    open('/kpis/FL_DELAY?grain=month');
    await signIn();
    expect(await screen.findByRole('heading', { name: 'Mean departure delay' })).toBeVisible();
    const asked = service.asked.filter(({ what }) => !what.includes('/auth/'));
    expect(new Set(asked.map(({ token }) => token))).toEqual(new Set(['Bearer token-1']));
  });
});

describe('the session', () => {
  test('a visit after an earlier one goes on without signing in', async () => {
    localStorage.setItem('ae.session', 'yes');
    serve(product());
    open('/');
    expect(await screen.findByRole('heading', { name: 'NYC flights' })).toBeVisible();
  });

  test('a refused token is renewed once for all requests, and they are sent again', async () => {
    localStorage.setItem('ae.session', 'yes');
    let renewals = 0;
    const service = serve({
      ...product(),
      'POST /api/v1/auth/refresh': () => {
        renewals += 1;
        return { body: { ...session, access_token: `token-${renewals}` } };
      },
    });
    const honest = service.answers['GET /api/v1/metadata/tree'];
    service.answers['GET /api/v1/metadata/tree'] = () =>
      renewals < 2 ? { status: 401, body: problem(401, 'Sign in first') } : (honest as { body: unknown });
    open('/');
    expect(await screen.findByRole('treeitem', { name: 'Network, 1 KPIs' })).toBeVisible();
    expect(renewals).toBe(2);
  });

  test('signing out ends it on the server and shows the sign-in page', async () => {
    const service = serve(product());
    open('/');
    await signIn();
    await userEvent.click(await screen.findByRole('button', { name: 'Ann Alyst' }));
    await userEvent.click(screen.getByRole('button', { name: 'Sign out' }));
    expect(await screen.findByRole('heading', { name: 'Sign in' })).toBeVisible();
    expect(service.asked.at(-1)).toMatchObject({ what: 'POST /api/v1/auth/logout', token: 'Bearer token-1' });
  });
});

describe('the overview', () => {
  beforeEach(() => localStorage.setItem('ae.session', 'yes'));

  test('one KPI that cannot be answered does not take the others with it', async () => {
    const wrong = {
      result: null,
      problem: problem(422, 'The formula is not valid', 'FL_ON_TIME reads a lost attribute.'),
    };
    const right = { result, problem: null };
    serve({
      ...product(),
      'POST /api/v1/calculate/batch': (body) => {
        const { queries } = body as { queries: { kpis: string[] }[] };
        return { body: { items: queries.map(({ kpis }) => (kpis.join() === 'FL_DELAY' ? right : wrong)) } };
      },
    });
    open('/?range=whole');
    const delay = (await screen.findByRole('link', { name: 'Mean departure delay' })).closest('li');
    const onTime = screen.getByRole('link', { name: 'On-time rate' }).closest('li');
    await waitFor(() => expect(delay).toHaveTextContent('10.0 min'));
    expect(onTime).toHaveTextContent('FL_ON_TIME reads a lost attribute.');
  });
});

describe('a KPI page', () => {
  beforeEach(() => localStorage.setItem('ae.session', 'yes'));

  test('shows the value, the numbers, the formula, and keeps its controls in the address', async () => {
    const service = serve(product());
    open('/kpis/FL_DELAY');
    const table = await screen.findByRole('table', { name: 'Mean departure delay' });
    expect(within(table).getByRole('rowheader', { name: 'Jan 2013' })).toBeVisible();
    expect(screen.getByText('flight.departure_delay')).toBeVisible();
    await userEvent.click(screen.getByRole('radio', { name: 'Quarter' }));
    await waitFor(() => expect(window.location.search).toBe('?grain=quarter'));
    await waitFor(() =>
      expect(service.asked.at(-1)).toMatchObject({
        what: 'POST /api/v1/calculate',
        body: { grain: 'quarter' },
      }),
    );
  });

  test('says what is wrong with a question, what to do, and the id to report it by', async () => {
    serve({
      ...product(),
      'GET /api/v1/metadata/kpis/FL_NOPE': {
        status: 404,
        body: problem(
          404,
          'There is no KPI of this code',
          "There is no KPI 'FL_NOPE'.",
          'Did you mean FL_DELAY?',
        ),
      },
    });
    open('/kpis/FL_NOPE');
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent("There is no KPI 'FL_NOPE'.Did you mean FL_DELAY?Try againRequest req-1");
  });

  test('says that no data is loaded instead of showing numbers', async () => {
    serve({ ...product(), 'POST /api/v1/calculate': { body: { ...result, coverage: {} } } });
    open('/kpis/FL_DELAY');
    expect(await screen.findByText('No data has been loaded yet')).toBeVisible();
  });
});

test('an address reads as a person would write it', () => {
  const text = stringifySearch({
    grain: 'month',
    by: ['a.b', 'c'],
    zone: 'Asia/Kolkata',
    filter: ['x~in~y'],
    empty: '',
  });
  expect(text).toBe('?grain=month&by=a.b&by=c&zone=Asia/Kolkata&filter=x~in~y');
  expect(parseSearch(text.slice(1))).toEqual({
    grain: 'month',
    by: ['a.b', 'c'],
    zone: 'Asia/Kolkata',
    filter: 'x~in~y',
  });
});
