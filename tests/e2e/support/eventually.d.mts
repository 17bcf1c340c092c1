// What tests in TypeScript know of eventually.mjs.
export function eventually<Found>(what: string, check: () => Promise<Found>, withinMs?: number): Promise<Found>;
