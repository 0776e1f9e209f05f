/** Local calendar dates as `YYYY-MM-DD`, without a zone; ranges are half-open, `[from, to)`. */
const DAY_MS = 86_400_000;

export interface DateRange {
  readonly from: string;
  readonly to: string;
}

export function isDate(text: unknown): text is string {
  return typeof text === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Return the date some months on; a day the month does not have becomes its last. */
export function addMonths(date: string, months: number): string {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  const last = new Date(Date.UTC(year, month - 1 + months + 1, 0));
  last.setUTCDate(Math.min(day, last.getUTCDate()));
  return last.toISOString().slice(0, 10);
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
}

export function startOfMonth(date: string): string {
  return `${date.slice(0, 7)}-01`;
}

export function startOfQuarter(date: string): string {
  const month = 3 * Math.floor((Number(date.slice(5, 7)) - 1) / 3) + 1;
  return `${date.slice(0, 4)}-${String(month).padStart(2, '0')}-01`;
}

/** Return the local date of an instant in a zone. */
export function dateIn(zone: string, instant: string): string {
  return localTime(zone, instant).slice(0, 10);
}

/** Return an instant as a local `YYYY-MM-DDTHH:MM:SS` of a zone. */
export function localTime(zone: string, instant: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(new Date(instant));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((each) => each.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}:${part('second')}`;
}

const write = (date: string, options: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...options })
    .format(new Date(date.slice(0, 10)))
    .replace('Sept ', 'Sep ');

export function showDate(date: string): string {
  return write(date, { day: 'numeric', month: 'short', year: 'numeric' });
}

/**
 * Name the period that starts at an ISO time (with the zone's offset), such as `Mar 2013` or `Q1 2013`. The whole range,
 * and a period of a fiscal year or of a calendar of one's own, is named by its days.
 */
export function showPeriod(start: string, end: string, grain: string | null): string {
  switch (grain) {
    case 'second':
      return `${showDate(start)}, ${start.slice(11, 19)}`;
    case 'minute':
    case 'hour':
      return `${showDate(start)}, ${start.slice(11, 16)}`;
    case 'day':
      return write(start, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });
    case 'week':
      return `Week of ${showDate(start)}`;
    case 'month':
      return write(start, { month: 'short', year: 'numeric' });
    case 'quarter':
      return `Q${Math.ceil(Number(start.slice(5, 7)) / 3)} ${start.slice(0, 4)}`;
    case 'year':
      return start.slice(0, 4);
    default:
      return showRange({ from: start.slice(0, 10), to: end.slice(0, 10) });
  }
}

/** Name a period as short as an axis wants it. */
export function showPeriodShort(start: string, end: string, grain: string | null): string {
  switch (grain) {
    case 'minute':
    case 'hour':
      return `${write(start, { day: 'numeric', month: 'short' })} ${start.slice(11, 16)}`;
    case 'day':
    case 'week':
      return showDate(start);
    default:
      return showPeriod(start, end, grain);
  }
}

/** Write a half-open range by its first and last day; whole months and years are named. */
export function showRange({ from, to }: DateRange): string {
  const wholeMonths = from.endsWith('-01') && to.endsWith('-01');
  if (wholeMonths && addMonths(from, 1) === to) return write(from, { month: 'long', year: 'numeric' });
  if (wholeMonths && from.slice(5) === '01-01' && addMonths(from, 12) === to) return from.slice(0, 4);
  if (wholeMonths) {
    const last = addMonths(to, -1);
    const first = write(from, {
      month: 'short',
      ...(from.slice(0, 4) !== last.slice(0, 4) && { year: 'numeric' }),
    });
    return `${first} \u2013 ${write(last, { month: 'short', year: 'numeric' })}`;
  }
  const lastDay = addDays(to, -1);
  return lastDay <= from ? showDate(from) : `${showDate(from)} \u2013 ${showDate(lastDay)}`;
}
