import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '@/api/ApiContext';
import { Button } from '@/components/Button';
import { Field } from '@/components/Field';
import { ProblemPanel } from '@/components/ProblemPanel';
import { Loading, Skeleton } from '@/components/Skeleton';
import type { DateRange } from '@/lib/dates';
import { MOST_MEMBERS, readMembers } from './api/readMembers';
import styles from './MemberPicker.module.css';

/** Chooses among the values an attribute has in the range; one that is not listed can be typed. */
export function MemberPicker({
  kpi,
  dimension,
  range,
  chosen,
  onChosen,
}: {
  kpi: string;
  dimension: string;
  range: DateRange;
  chosen: readonly string[];
  onChosen: (values: readonly string[]) => void;
}) {
  const [text, setText] = useState('');
  const { data, error, refetch } = useQuery(readMembers(useApi(), kpi, dimension, range));
  const known = [...new Set([...chosen, ...(data ?? []).map(String)])];
  const words = text.trim().toLowerCase();
  const found = known.filter((value) => value.toLowerCase().includes(words));
  const toggle = (value: string) =>
    onChosen(chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value]);

  return (
    <fieldset className={styles['picker']}>
      <legend className="visually-hidden">Values</legend>
      <Field
        label={chosen.length > 0 ? `Values (${chosen.length} chosen)` : 'Values'}
        hint={data && data.length >= MOST_MEMBERS ? `The first ${MOST_MEMBERS}; type others.` : undefined}
      >
        {(attributes) => (
          <input
            {...attributes}
            type="search"
            placeholder="Find or type a value"
            value={text}
            onChange={({ target }) => setText(target.value)}
          />
        )}
      </Field>
      {error && <ProblemPanel error={error} onRetry={() => void refetch()} compact />}
      {!data && !error ? (
        <Loading label="Loading the values">
          <Skeleton height="6rem" />
        </Loading>
      ) : (
        <ul className={styles['list']}>
          {found.map((value) => (
            <li key={value}>
              <label className={styles['member']}>
                <input type="checkbox" checked={chosen.includes(value)} onChange={() => toggle(value)} />
                {value}
              </label>
            </li>
          ))}
          {words !== '' && !known.includes(text.trim()) && (
            <li>
              <Button
                look="ghost"
                icon="plus"
                onClick={() => {
                  toggle(text.trim());
                  setText('');
                }}
              >
                Use {'\u201c'}
                {text.trim()}
                {'\u201d'}
              </Button>
            </li>
          )}
        </ul>
      )}
    </fieldset>
  );
}
