import type { Dimension } from '@/api/types';

/** Dimensions as choices of a select, grouped by the object model they belong to. */
export function DimensionOptions({ dimensions }: { dimensions: readonly Dimension[] }) {
  const groups = new Map<string, Dimension[]>();
  for (const dimension of dimensions) {
    groups.set(dimension.object_model, [...(groups.get(dimension.object_model) ?? []), dimension]);
  }
  return [...groups].map(([model, members]) => (
    <optgroup key={model} label={model.replaceAll('_', ' ')}>
      {members.map(({ name, label, description }) => (
        <option key={name} value={name} title={description}>
          {label}
        </option>
      ))}
    </optgroup>
  ));
}
