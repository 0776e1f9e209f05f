import { useId, useMemo, useState } from 'react';
import type { Client } from '@/api/types';
import { Field } from '@/components/Field';
import { isZone, knownZones } from '@/lib/zones';

const COMMON = ['UTC', 'America/New_York', 'Asia/Kolkata'];
const OTHER = 'other';

/** In which zone days and months begin: the client's, a common one, or any other by its IANA name. */
export function ZonePicker({
  zone,
  client,
  onZone,
}: {
  zone: string | null;
  client: Client | undefined;
  onZone: (zone: string | null) => void;
}) {
  const [typing, setTyping] = useState(false);
  const choices = [...new Set([...COMMON, ...(zone ? [zone] : [])])];
  return (
    <>
      <Field label="Time zone">
        {(attributes) => (
          <select
            {...attributes}
            value={typing ? OTHER : (zone ?? '')}
            onChange={({ target }) => {
              setTyping(target.value === OTHER);
              if (target.value !== OTHER) onZone(target.value || null);
            }}
          >
            <option value="">{client ? `${client.time_zone} (client)` : 'The client\u2019s'}</option>
            {choices.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
            <option value={OTHER}>Another{'\u2026'}</option>
          </select>
        )}
      </Field>
      {typing && (
        <OtherZone
          onZone={(name) => {
            setTyping(false);
            onZone(name);
          }}
        />
      )}
    </>
  );
}

function OtherZone({ onZone }: { onZone: (zone: string) => void }) {
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState(false);
  const zones = useMemo(() => knownZones(), []);
  const listId = useId();
  const take = (name: string) => {
    if (isZone(name.trim())) onZone(name.trim());
    else setWrong(name.trim() !== '');
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        take(text);
      }}
    >
      <Field
        label="Zone"
        error={wrong ? 'There is no such zone. An IANA name looks like Europe/Paris.' : undefined}
      >
        {(attributes) => (
          <>
            <input
              {...attributes}
              list={listId}
              placeholder="Europe/Paris"
              value={text}
              onChange={({ target }) => {
                setText(target.value);
                setWrong(false);
                if (zones.includes(target.value)) take(target.value);
              }}
              onBlur={() => take(text)}
            />
            <datalist id={listId}>
              {zones.map((each) => (
                <option key={each} value={each} />
              ))}
            </datalist>
          </>
        )}
      </Field>
    </form>
  );
}
