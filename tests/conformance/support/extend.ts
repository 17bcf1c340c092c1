// A family's row with more to prove.
import type { Row } from './row.ts';
import type { Stage } from './stage.ts';

export const extended = (rows: readonly Row[], http: string, more: (stage: Stage) => Promise<void>): Row[] => {
  if (!rows.some((row) => row.http === http)) throw new Error(`no row ${http}`);
  return rows.map((row) => (row.http !== http ? row : {
    ...row,
    check: async (stage) => {
      await row.check?.(stage);
      await more(stage);
    },
  }));
};
