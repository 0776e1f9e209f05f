/** The wire's types under the names the application uses; they are generated from openapi.json. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Session = Schemas['Tokens'];
export type User = Schemas['Identity'];
export type Client = Schemas['ClientProfile'];

export type Tree = Schemas['Tree'];
export type TreeValueChain = Tree['value_chains'][number];
export type TreeModule = TreeValueChain['modules'][number];
export type TreeKpi = TreeModule['kpis'][number];

export type KpiVersion = Schemas['DefinitionView_Kpi_'];
export type KpiDefinition = KpiVersion['definition'];
export type Dimension = Schemas['DimensionChoice'];
export type Validation = Schemas['Validation'];

export type KpiQuery = Schemas['KpiQuery'];
export type KpiResult = Schemas['KpiResult'];
export interface LiveUpdate {
  readonly query: number;
  readonly version: string;
  readonly result: KpiResult | null;
}
export type KpiColumn = Schemas['KpiColumn'];
export type Cell = KpiColumn['values'][number];
export type NullExplanation = Schemas['NullExplanation'];
export type AttributeFilter = Schemas['AttributeFilter'];
export type FilterOperator = Schemas['FilterOperator'];
export type Grain = Schemas['Grain'];
export type Display = Schemas['Display'];
export type Direction = Schemas['Direction'];
export type BatchItem = Schemas['BatchItem'];
export type Explanation = Schemas['Explanation'];
export type ValueType = Schemas['DataType'];

export type SystemReport = Schemas['SystemReport'];
export type Sample = Schemas['SampleView'];
export type SampleLoad = Schemas['SampleLoad'];
