import type { Client, Dimension } from '@/api/types';
import { Button } from '@/components/Button';
import { Field } from '@/components/Field';
import { Segmented } from '@/components/Segmented';
import { PRESET_LABELS, PRESETS, presetRange, type LoadedSpan } from '@/lib/coverage';
import { addDays, isDate, type DateRange } from '@/lib/dates';
import { GRAIN_LABELS, GRAINS } from '@/lib/grains';
import { presetOf, searchWithFilters, type Controls, type Cut, type KpiSearch } from './controls';
import { FilterBar } from './FilterBar';
import { ZonePicker } from './ZonePicker';
import { DimensionOptions } from './DimensionOptions';
import styles from './ControlBar.module.css';

const CUTS: readonly { value: Cut; label: string }[] = [
  ...GRAINS.map((value) => ({ value, label: GRAIN_LABELS[value] })),
  { value: 'whole', label: 'Whole' },
];
const MOST_DIMENSIONS = 3;

/** How the KPI is cut and filtered. Every change goes to the address. */
export function ControlBar({
  kpi,
  controls,
  dimensions,
  client,
  loaded,
  onChange,
}: {
  kpi: string;
  controls: Controls;
  dimensions: readonly Dimension[];
  client: Client | undefined;
  loaded: LoadedSpan;
  onChange: (change: KpiSearch) => void;
}) {
  const setRange = (range: DateRange) => {
    if (isDate(range.from) && isDate(range.to) && range.from < range.to) onChange(range);
  };
  return (
    <section className={styles['bar']} aria-label="Controls">
      <div className={styles['line']}>
        <Segmented
          label="Grain"
          options={CUTS}
          value={controls.cut}
          onChange={(grain) => onChange({ grain })}
        />
      </div>
      <div className={styles['line']}>
        <RangeFields range={controls.range} loaded={loaded} onRange={setRange} />
        <ZonePicker zone={controls.zone} client={client} onZone={(zone) => onChange({ zone: zone ?? '' })} />
        <SplitPicker by={controls.by} dimensions={dimensions} onBy={(by) => onChange({ by })} />
      </div>
      <FilterBar
        kpi={kpi}
        filters={controls.filters}
        dimensions={dimensions}
        range={controls.range}
        onFilters={(filters) => onChange(searchWithFilters(filters))}
      />
    </section>
  );
}

function RangeFields({
  range,
  loaded,
  onRange,
}: {
  range: DateRange;
  loaded: LoadedSpan;
  onRange: (range: DateRange) => void;
}) {
  const preset = presetOf(range, loaded);
  return (
    <>
      <Field label="Range">
        {(attributes) => (
          <select
            {...attributes}
            value={preset ?? 'own'}
            onChange={({ target }) => {
              const chosen = PRESETS.find((each) => each === target.value);
              if (chosen) onRange(presetRange(chosen, loaded));
            }}
          >
            {preset === null && <option value="own">Own dates</option>}
            {PRESETS.map((each) => (
              <option key={each} value={each}>
                {PRESET_LABELS[each]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="From">
        {(attributes) => (
          <input
            {...attributes}
            type="date"
            value={range.from}
            max={addDays(range.to, -1)}
            onChange={({ target }) => onRange({ ...range, from: target.value })}
          />
        )}
      </Field>
      <Field label="To and including">
        {(attributes) => (
          <input
            {...attributes}
            type="date"
            value={addDays(range.to, -1)}
            min={range.from}
            onChange={({ target }) => {
              if (isDate(target.value)) onRange({ ...range, to: addDays(target.value, 1) });
            }}
          />
        )}
      </Field>
    </>
  );
}

function SplitPicker({
  by,
  dimensions,
  onBy,
}: {
  by: readonly string[];
  dimensions: readonly Dimension[];
  onBy: (by: readonly string[]) => void;
}) {
  const label = (name: string) => dimensions.find((dimension) => dimension.name === name)?.label ?? name;
  const free = dimensions.filter((dimension) => !by.includes(dimension.name));
  return (
    <div className={styles['split']}>
      <Field label="Split by">
        {(attributes) => (
          <select
            {...attributes}
            value=""
            disabled={by.length >= MOST_DIMENSIONS || free.length === 0}
            onChange={({ target }) => target.value && onBy([...by, target.value])}
          >
            <option value="">{by.length === 0 ? 'Not split' : 'Add another\u2026'}</option>
            <DimensionOptions dimensions={free} />
          </select>
        )}
      </Field>
      {by.map((name) => (
        <span key={name} className={styles['chip']}>
          {label(name)}
          <Button
            look="ghost"
            icon="clear"
            iconOnly
            className={styles['remove']}
            onClick={() => onBy(by.filter((each) => each !== name))}
          >
            Do not split by {label(name)}
          </Button>
        </span>
      ))}
    </div>
  );
}
