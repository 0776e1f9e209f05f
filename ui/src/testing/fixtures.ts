import type { Client, KpiDefinition, KpiResult, KpiVersion, Session, Tree } from '@/api/types';

/** Answers as the product gives them, small enough to read. */
export const session: Session = {
  access_token: 'token-1',
  token_type: 'Bearer',
  expires_in: 900,
  refresh_token: null,
  user: {
    subject: 'user-1',
    email: 'ann@example.com',
    name: 'Ann Alyst',
    role: 'analyst',
    client_id: 'nyc-flights',
    home_client_id: 'nyc-flights',
  },
};

export const client: Client = {
  client_id: 'nyc-flights',
  name: 'NYC flights',
  time_zone: 'America/New_York',
  week_start: 0,
  fiscal_year_start_month: 1,
  base_currency: 'USD',
  calendars: [],
  version: 1,
};

const node = (code: string, name: string) => ({
  code,
  name,
  description: '',
  unit: 'min',
  direction: 'lower' as const,
  status: 'certified' as const,
  tags: [],
  version: 1,
});

export const tree: Tree = {
  catalog_version: 'c1',
  value_chains: [
    {
      code: 'FLIGHT_OPERATIONS',
      name: 'Flight operations',
      description: '',
      modules: [
        {
          code: 'PUNCTUALITY',
          name: 'Punctuality',
          description: 'How close flights keep to the schedule.',
          object_models: ['flight'],
          kpis: [node('FL_DELAY', 'Mean departure delay'), node('FL_ON_TIME', 'On-time rate')],
        },
        {
          code: 'FLEET',
          name: 'Fleet',
          description: '',
          object_models: ['plane'],
          kpis: [node('FL_AGE', 'Aircraft age')],
        },
      ],
    },
    {
      code: 'NETWORK',
      name: 'Network',
      description: '',
      modules: [
        {
          code: 'FLEET',
          name: 'Fleet',
          description: '',
          object_models: ['plane'],
          kpis: [node('FL_AGE', 'Aircraft age')],
        },
      ],
    },
  ],
};

const definition: KpiDefinition = {
  code: 'FL_DELAY',
  name: 'Mean departure delay',
  description: 'Average of actual minus scheduled departure.',
  module: 'PUNCTUALITY',
  formula: 'avg(flight.departure_delay)',
  direction: 'lower',
  display: { scale: 'one', decimals: 1, unit: '' },
  target: { value: null, warning: null, critical: null },
  default_grain: 'month',
  allowed_grains: [],
  parameters: [],
  filter: '',
  empty_period: 'as_computed',
  owner: '',
  tags: [],
  standard: '',
  status: 'certified',
  replaced_by: null,
};

export const kpi: KpiVersion = {
  version: 1,
  scope: 'global',
  author: 'catalog',
  created_at: '2026-11-01T00:00:00Z',
  definition,
};

/** Three months of a mean delay, the last without a value. */
export const result: KpiResult = {
  grain: 'month',
  grains: ['month'],
  ranges: [{ start: '2013-01-01T00:00:00-05:00', end: '2013-04-01T00:00:00-04:00' }],
  time_zone: 'America/New_York',
  catalog_version: 'c1',
  watermark: 7,
  asked_at: '2013-04-01T00:00:00Z',
  coverage: { flight: { covered_from: '2013-01-01T05:00:00Z', covered_until: '2013-04-01T04:00:00Z' } },
  period: {
    start: ['2013-01-01T00:00:00-05:00', '2013-02-01T00:00:00-05:00', '2013-03-01T00:00:00-05:00'],
    end: ['2013-02-01T00:00:00-05:00', '2013-03-01T00:00:00-05:00', '2013-04-01T00:00:00-04:00'],
    complete: [true, true, false],
    grain: [],
    range: [],
  },
  levels: [[]],
  level: [],
  dimensions: [],
  kpis: [
    {
      code: 'FL_DELAY',
      name: 'Mean departure delay',
      version: 1,
      unit: 'min',
      type: 'decimal',
      display: { scale: 'one', decimals: 1, unit: '' },
      direction: 'lower',
      values: ['10.036665240012', '9.8', null],
      reasons: {
        2: { code: 'zero_denominator', detail: 'No flight departed, so there is nothing to divide by.' },
      },
      rows: { 'avg(flight.departure_delay)': [26483, 23690, 0] },
      skipped: {},
      shown: {},
      status: [],
      comparisons: [],
    },
  ],
  row_count: 3,
  page: { offset: 0, next: null },
  truncated: false,
  cached: false,
};
