import { useTable, type SortDirection } from '@tanstack/react-table';
import { useMemo, useState } from 'react';
import type { KpiResult } from '@/api/types';
import { Button } from '@/components/Button';
import { NullValue } from '@/components/NullValue';
import { formatOf, showExact, showNumber, showPlain, type Format } from '@/lib/display';
import { features, valueColumns, valueRows, type ValueRow } from './valuesColumns';
import styles from './ValuesTable.module.css';

const PAGE_SIZE = 50;
const ORDERS = { asc: 'ascending', desc: 'descending' } as const satisfies Record<SortDirection, string>;

/** The values of a result, sortable, each as the API gave it; a missing one says why. */
export function ValuesTable({
  result,
  caption,
  exact,
}: {
  result: KpiResult;
  caption: string;
  exact: boolean;
}) {
  const rows = useMemo(() => valueRows(result), [result]);
  const columns = useMemo(() => valueColumns(result), [result]);
  const [pagination, setPagination] = useState({ pageIndex: 0, pageSize: PAGE_SIZE });
  const table = useTable({
    features,
    columns,
    data: rows,
    getRowId: (row) => String(row.row),
    state: { pagination },
    onPaginationChange: setPagination,
  });
  const column = result.kpis[0];
  if (!column) return null;
  const format = formatOf(column);

  return (
    <>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls is reached by keyboard */}
      <div className={styles['scroll']} tabIndex={0} role="region" aria-label={`${caption}, table`}>
        <table className={styles['table']}>
          <caption className="visually-hidden">{caption}</caption>
          <thead>
            {table.getHeaderGroups().map((group) => (
              <tr key={group.id}>
                {group.headers.map((header) => {
                  const sorted = header.column.getIsSorted();
                  return (
                    <th
                      key={header.id}
                      scope="col"
                      data-column={header.column.id}
                      aria-sort={sorted ? ORDERS[sorted] : 'none'}
                    >
                      <button type="button" onClick={() => header.column.toggleSorting(undefined, false)}>
                        <table.FlexRender header={header} />
                        <span aria-hidden="true">
                          {sorted === 'asc' ? ' \u2191' : sorted === 'desc' ? ' \u2193' : ''}
                        </span>
                      </button>
                    </th>
                  );
                })}
              </tr>
            ))}
          </thead>
          <tbody>
            {table.getRowModel().rows.map((row) => (
              <Row key={row.id} row={row.original} format={format} exact={exact} />
            ))}
          </tbody>
        </table>
      </div>
      <Pager
        index={pagination.pageIndex}
        total={rows.length}
        onIndex={(pageIndex) => setPagination({ ...pagination, pageIndex })}
      />
    </>
  );
}

function Row({ row, format, exact }: { row: ValueRow; format: Format; exact: boolean }) {
  return (
    <tr>
      <th scope="row">
        {row.period}
        {!row.complete && (
          <span
            className={styles['partial']}
            title="The period is not wholly within the range and the loaded data."
          >
            {' '}
            partial
          </span>
        )}
      </th>
      {row.members.map((member, index) => (
        <td key={index}>{showPlain(member)}</td>
      ))}
      <td data-column="value">
        {row.value === null ? (
          <NullValue reason={row.reason} />
        ) : (
          <data value={String(row.value)} title={showExact(row.value, format)}>
            {showNumber(row.value, format, { exact })}
          </data>
        )}
      </td>
      <td data-column="rows" title={row.counts.map(([term, rows]) => `${term}: ${rows}`).join('\n')}>
        {row.counts.map(([, rows]) => rows.toLocaleString('en')).join(' / ')}
      </td>
    </tr>
  );
}

function Pager({
  index,
  total,
  onIndex,
}: {
  index: number;
  total: number;
  onIndex: (index: number) => void;
}) {
  const last = Math.ceil(total / PAGE_SIZE) - 1;
  const from = index * PAGE_SIZE + 1;
  const to = Math.min(total, (index + 1) * PAGE_SIZE);
  return (
    <nav className={styles['pager']} aria-label="Pages of the table">
      <span role="status">
        {last > 0 ? `Rows ${from.toLocaleString('en')} to ${to.toLocaleString('en')} of ` : ''}
        {total.toLocaleString('en')} {last > 0 || total !== 1 ? (last > 0 ? '' : 'rows') : 'row'}
      </span>
      {last > 0 && (
        <>
          <Button disabled={index <= 0} onClick={() => onIndex(index - 1)}>
            Previous
          </Button>
          <Button disabled={index >= last} onClick={() => onIndex(index + 1)}>
            Next
          </Button>
        </>
      )}
    </nav>
  );
}
