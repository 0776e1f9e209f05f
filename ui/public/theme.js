// Runs before the first paint, so that a chosen theme does not flash. The switch is in src/features/theme.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem('ae.theme');
  } catch {
    // storage may be refused; the system's theme serves
  }
  const dark =
    chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
