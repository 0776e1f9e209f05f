/** The application's icons: one 16-unit line each, drawn in the text's colour. They only decorate. */
const PATHS = {
  alert: 'M8 2.2 14.4 13.4H1.6L8 2.2ZM8 6.6v3M8 11.6v.1',
  chart: 'M2 13.5h12M3 10.5l3.4-3.8 2.7 2.3L13.5 4',
  check: 'M3 8.6l3.2 3.2L13 4.8',
  chevron: 'M6 3.8 10.2 8 6 12.2',
  clear: 'M4 4l8 8M12 4l-8 8',
  copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
  download: 'M8 2.5v7.5M4.8 7.2 8 10.4l3.2-3.2M2.8 13.5h10.4',
  eye: 'M1.6 8S4 3.6 8 3.6 14.4 8 14.4 8 12 12.4 8 12.4 1.6 8 1.6 8ZM8 6.2a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6Z',
  filter: 'M2 3.5h12L9.5 8.8v4L6.5 11.4V8.8L2 3.5Z',
  home: 'M2.5 7.4 8 2.8l5.5 4.6v6h-3.8V9.6H6.3v3.8H2.5v-6Z',
  link: 'M6.8 9.2 9.2 6.8M7.4 4.6l1-1a2.8 2.8 0 0 1 4 4l-1 1M8.6 11.4l-1 1a2.8 2.8 0 0 1-4-4l1-1',
  menu: 'M2 4h12M2 8h12M2 12h12',
  moon: 'M13.2 9.8A5.7 5.7 0 0 1 6.2 2.8a5.7 5.7 0 1 0 7 7Z',
  plus: 'M8 3v10M3 8h10',
  refresh: 'M13.2 8a5.2 5.2 0 1 1-1.6-3.8M13.4 2v3h-3',
  search: 'M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9ZM10.4 10.4l3.4 3.4',
  sun: 'M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6ZM8 1.2v1.5M8 13.3v1.5M1.2 8h1.5M13.3 8h1.5M3.2 3.2l1 1M11.8 11.8l1 1M12.8 3.2l-1 1M4.2 11.8l-1 1',
  system: 'M2 3h12v8H2zM6 13.5h4M8 11v2.5',
  user: 'M8 2.5a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6ZM2.8 13.6c.5-2.4 2.6-3.6 5.2-3.6s4.7 1.2 5.2 3.6',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.4}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
