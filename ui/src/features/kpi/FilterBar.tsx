import type { Dimension } from '@/api/types';
import { Button } from '@/components/Button';
import { Popover } from '@/components/Popover';
import type { DateRange } from '@/lib/dates';
import { FilterEditor } from './FilterEditor';
import { OPERATORS, writeFilter, type Filter } from './filters';
import styles from './FilterBar.module.css';

const NAMED_VALUES = 3;

/** The filters as chips: a chip opens its editor, its cross takes it off. */
export function FilterBar({
  kpi,
  filters,
  dimensions,
  range,
  onFilters,
}: {
  kpi: string;
  filters: readonly Filter[];
  dimensions: readonly Dimension[];
  range: DateRange;
  onFilters: (filters: readonly Filter[]) => void;
}) {
  const inWords = ({ attribute, operator, values }: Filter) => {
    const label = dimensions.find((dimension) => dimension.name === attribute)?.label ?? attribute;
    const named = values.slice(0, NAMED_VALUES).join(', ');
    const more = values.length > NAMED_VALUES ? ` and ${values.length - NAMED_VALUES} more` : '';
    return `${label} ${OPERATORS[operator].label} ${named}${more}`.trim();
  };
  return (
    <ul className={styles['bar']} aria-label="Filters">
      {filters.map((filter, index) => (
        <li key={writeFilter(filter)} className={styles['chip']}>
          <Popover look="ghost" label={inWords(filter)}>
            {(close) => (
              <FilterEditor
                kpi={kpi}
                dimensions={dimensions}
                range={range}
                initial={filter}
                onDone={(changed) => {
                  onFilters(filters.with(index, changed));
                  close();
                }}
              />
            )}
          </Popover>
          <Button look="ghost" icon="clear" iconOnly onClick={() => onFilters(filters.toSpliced(index, 1))}>
            Take off: {inWords(filter)}
          </Button>
        </li>
      ))}
      <li>
        <Popover icon="filter" label="Add a filter">
          {(close) => (
            <FilterEditor
              kpi={kpi}
              dimensions={dimensions}
              range={range}
              initial={null}
              onDone={(added) => {
                onFilters([...filters, added]);
                close();
              }}
            />
          )}
        </Popover>
      </li>
    </ul>
  );
}
