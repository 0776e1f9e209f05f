import { useForm, useWatch } from 'react-hook-form';
import type { Dimension, FilterOperator } from '@/api/types';
import { Button } from '@/components/Button';
import { Field } from '@/components/Field';
import type { DateRange } from '@/lib/dates';
import { OPERATORS, operatorsFor, type Filter } from './filters';
import { MemberPicker } from './MemberPicker';
import { DimensionOptions } from './DimensionOptions';
import styles from './FilterEditor.module.css';

interface Form {
  attribute: string;
  operator: FilterOperator;
  values: readonly string[];
}

/** Makes or changes one filter: an attribute, how it is compared, and with what. */
export function FilterEditor({
  kpi,
  dimensions,
  range,
  initial,
  onDone,
}: {
  kpi: string;
  dimensions: readonly Dimension[];
  range: DateRange;
  initial: Filter | null;
  onDone: (filter: Filter) => void;
}) {
  const { register, handleSubmit, control, setValue, formState, clearErrors, setError } = useForm<Form>({
    defaultValues: initial ?? { attribute: '', operator: 'in', values: [] },
  });
  const [attribute, operator, values] = useWatch({ control, name: ['attribute', 'operator', 'values'] });
  const type = dimensions.find((dimension) => dimension.name === attribute)?.type ?? 'text';
  const { arity } = OPERATORS[operator];
  const offered = operatorsFor(type);
  const problem = formState.errors.values?.message;

  const setValues = (next: readonly string[]) => {
    setValue('values', next);
    clearErrors('values');
  };

  const done = handleSubmit((form) => {
    const kept = arity === 'none' ? [] : form.values.map((value) => value.trim()).filter(Boolean);
    if (arity !== 'none' && kept.length === 0) {
      setError('values', { message: arity === 'one' ? 'Enter a value.' : 'Choose at least one value.' });
      return;
    }
    onDone({ ...form, values: kept });
  });

  return (
    <form className={styles['editor']} onSubmit={done}>
      <Field label="Attribute" error={formState.errors.attribute?.message}>
        {(attributes) => (
          <select
            {...attributes}
            {...register('attribute', {
              required: 'Choose an attribute.',
              onChange: () => {
                setValue('operator', 'in');
                setValues([]);
              },
            })}
          >
            <option value="">Choose{'\u2026'}</option>
            <DimensionOptions dimensions={dimensions} />
          </select>
        )}
      </Field>
      {attribute && (
        <>
          <Field label="Condition">
            {(attributes) => (
              <select {...attributes} {...register('operator', { onChange: () => setValues([]) })}>
                {[...new Set([...offered, operator])].map((each) => (
                  <option key={each} value={each}>
                    {OPERATORS[each].label}
                  </option>
                ))}
              </select>
            )}
          </Field>
          {arity === 'one' && (
            <Field label="Value" error={problem}>
              {(attributes) => (
                <input
                  {...attributes}
                  type={type === 'date' ? 'date' : type === 'timestamp' ? 'datetime-local' : 'text'}
                  inputMode={
                    type === 'integer' || type === 'decimal' || type === 'float' ? 'decimal' : 'text'
                  }
                  value={values[0] ?? ''}
                  onChange={({ target }) => setValues([target.value])}
                />
              )}
            </Field>
          )}
          {arity === 'many' && (
            <>
              <MemberPicker
                kpi={kpi}
                dimension={attribute}
                range={range}
                chosen={values}
                onChosen={setValues}
              />
              {problem && <p role="alert">{problem}</p>}
            </>
          )}
        </>
      )}
      <Button type="submit" look="primary">
        {initial ? 'Change the filter' : 'Add the filter'}
      </Button>
    </form>
  );
}
