// What tests in TypeScript know of eventually.mjs.
type Nothing = false | null | undefined | 0 | '';
export function eventually<Found>(what: string, check: () => Promise<Found>, withinMs?: number): Promise<Exclude<Found, Nothing>>;
