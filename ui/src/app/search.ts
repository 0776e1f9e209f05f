/** The part of an address after `?`, readable: repeated names are lists, and nothing is JSON. */
export function parseSearch(text: string): Record<string, string | string[]> {
  const search: Record<string, string | string[]> = {};
  const parameters = new URLSearchParams(text);
  for (const name of new Set(parameters.keys())) {
    const values = parameters.getAll(name);
    search[name] = values.length === 1 ? (values[0] ?? '') : values;
  }
  return search;
}

export function stringifySearch(search: Record<string, unknown>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    for (const each of values) {
      if (typeof each === 'string' && each !== '') parameters.append(name, each);
    }
  }
  // what a URL may show as it is stays readable
  const text = parameters.toString().replaceAll('%2F', '/').replaceAll('%7E', '~').replaceAll('%3A', ':');
  return text && `?${text}`;
}
