import type { AttributeFilter, Dimension, FilterOperator } from '@/api/types';

/** A condition on an attribute, with its values as they are written in the address. */
export interface Filter {
  readonly attribute: string;
  readonly operator: FilterOperator;
  readonly values: readonly string[];
}

type Arity = 'none' | 'one' | 'many';

interface OperatorFacts {
  readonly label: string;
  readonly arity: Arity;
  /** How it is written in an address. */
  readonly token: string;
  /** Offered in the editor; the others are understood in an address. */
  readonly offered: boolean;
  /** Makes sense for what has an order. */
  readonly ordered: boolean;
}

const fact = (
  token: string,
  label: string,
  arity: Arity,
  { offered = true, ordered = false } = {},
): OperatorFacts => ({
  token,
  label,
  arity,
  offered,
  ordered,
});

export const OPERATORS: Record<FilterOperator, OperatorFacts> = {
  in: fact('in', 'is any of', 'many'),
  'not in': fact('not-in', 'is none of', 'many'),
  '>=': fact('ge', 'is at least', 'one', { ordered: true }),
  '<=': fact('le', 'is at most', 'one', { ordered: true }),
  '>': fact('gt', 'is more than', 'one', { ordered: true }),
  '<': fact('lt', 'is less than', 'one', { ordered: true }),
  'is null': fact('missing', 'is missing', 'none'),
  'is not null': fact('present', 'is present', 'none'),
  '=': fact('eq', 'is', 'one', { offered: false }),
  '!=': fact('ne', 'is not', 'one', { offered: false }),
};

const NAMES = Object.keys(OPERATORS) as FilterOperator[];

/** Return the operators the editor offers for an attribute of this type. */
export function operatorsFor(type: Dimension['type']): readonly FilterOperator[] {
  const ordered = type !== 'text' && type !== 'boolean';
  return NAMES.filter((name) => OPERATORS[name].offered && (ordered || !OPERATORS[name].ordered));
}

/** Write a filter for an address, such as `flight.carrier~in~UA~AA`. */
export function writeFilter({ attribute, operator, values }: Filter): string {
  const parts = [attribute, OPERATORS[operator].token, ...values];
  return parts.map((part) => encodeURIComponent(part).replaceAll('~', '%7E')).join('~');
}

/** Return the filter that a part of an address writes, or null when it writes none. */
export function readFilter(text: string): Filter | null {
  let parts: string[];
  try {
    parts = text.split('~').map(decodeURIComponent);
  } catch {
    return null;
  }
  const [attribute, token, ...values] = parts;
  const operator = NAMES.find((name) => OPERATORS[name].token === token);
  if (!attribute || !operator) return null;
  const { arity } = OPERATORS[operator];
  const fits = { none: values.length === 0, one: values.length === 1, many: values.length > 0 }[arity];
  return fits ? { attribute, operator, values } : null;
}

/** Return filters as the API takes them: values in the type of their attribute. */
export function askedFilters(
  filters: readonly Filter[],
  dimensions: readonly Dimension[],
): AttributeFilter[] {
  return filters.map(({ attribute, operator, values }) => {
    const type = dimensions.find((dimension) => dimension.name === attribute)?.type ?? 'text';
    return { attribute, operator, values: values.map((value) => typed(value, type)) };
  });
}

function typed(value: string, type: Dimension['type']): string | number | boolean {
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  if (
    (type === 'integer' || type === 'float') &&
    value.trim() !== '' &&
    String(Number(value)) === value.trim()
  ) {
    return Number(value);
  }
  return value; // decimals and long integers keep their digits as text
}
