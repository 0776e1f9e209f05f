import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test } from 'vitest';
import { result } from '@/testing/fixtures';
import { ValuesTable } from './ValuesTable';

const values = () =>
  screen
    .getAllByRole('row')
    .slice(1)
    .map((row) => within(row).getAllByRole('cell')[0]?.textContent);

describe('the table of values', () => {
  test('values are rounded as the KPI says, and every digit is there on demand', () => {
    const { rerender } = render(<ValuesTable result={result} caption="Delay" exact={false} />);
    expect(screen.getByText('10.0')).toHaveAttribute('value', '10.036665240012');
    rerender(<ValuesTable result={result} caption="Delay" exact />);
    expect(screen.getByText('10.036665240012')).toBeVisible();
  });

  test('a missing value says why when it has the focus', async () => {
    render(<ValuesTable result={result} caption="Delay" exact={false} />);
    const dash = screen.getByRole('button', { name: 'No value' });
    expect(dash).toHaveAccessibleDescription('No flight departed, so there is nothing to divide by.');
    dash.focus();
    expect(await screen.findByRole('tooltip')).toBeVisible();
  });

  test('sorting goes by size, and missing values stay last either way', async () => {
    render(<ValuesTable result={result} caption="Delay" exact={false} />);
    const head = screen.getByRole('button', { name: /Value/ });
    await userEvent.click(head);
    expect(values().slice(0, 2)).toEqual(['9.8', '10.0']);
    expect(values()[2]).toContain('\u2014');
    await userEvent.click(head);
    expect(values().slice(0, 2)).toEqual(['10.0', '9.8']);
    expect(values()[2]).toContain('\u2014');
    expect(screen.getByRole('columnheader', { name: /Value/ })).toHaveAttribute('aria-sort', 'descending');
  });

  test('a period that is not complete is marked', () => {
    render(<ValuesTable result={result} caption="Delay" exact={false} />);
    expect(screen.getByRole('rowheader', { name: 'Mar 2013 partial' })).toBeVisible();
  });
});
