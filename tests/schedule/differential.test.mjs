// Our next times against those of two other implementations: random expressions, zones and instants, most of them near a change
// of clocks. SCHEDULE_CASES and SCHEDULE_SEED choose how many and which.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';

import { explain, sameZoneData } from './explain.mjs';
import { neverRuns, randomExpression } from './expressions.mjs';
import { others } from './others.mjs';
import { Random } from './random.mjs';
import { changesOf, firstYear, lastYear, zones } from './zones.mjs';

const cases = Number(process.env.SCHEDULE_CASES ?? 2000);
const seed = Number(process.env.SCHEDULE_SEED ?? 1);
const program = process.env.SCHEDULE_LINES ?? path.join(path.dirname(process.env.BELLPULL_BINARY ?? 'build/release/bellpull'), 'bin/schedule_lines');
const count = 8;
const hour = 3_600_000;
const mostOtherZoneData = 0.01; // of the cases

// Most are asked from some hours before a change of clocks, or out of its midst.
function instantNear(random, zone) {
  const changes = changesOf(zone).filter(({ at }) => at < Date.UTC(lastYear, 0, 1));
  if (changes.length > 0 && random.below(10) < 8) return random.one(changes).at + random.between(-30 * 3600, 3 * 3600) * 1000;
  return Date.UTC(firstYear, 0, 1) + random.below((lastYear - firstYear) * 365 * 24) * hour + random.below(3600) * 1000;
}

function subjects(random) {
  return Array.from({ length: cases }, () => {
    const zone = random.one(zones);
    return { expression: randomExpression(random), zone, after: instantNear(random, zone) };
  });
}

// For each subject `{ times, offsets }`, or `{ refused }`.
function ourAnswers(asked) {
  const input = asked.map(({ expression, zone, after }) => `${expression.text}\t${zone}\t${after}\t${count}\n`).join('');
  const { stdout, error } = spawnSync(program, { input, encoding: 'utf8', maxBuffer: 1 << 30 });
  if (error) throw error;
  return stdout.trimEnd().split('\n').map((line) => {
    if (line.startsWith('!')) return { refused: line.slice(1) };
    const pairs = line === '' ? [] : line.split(' ').map((pair) => pair.split('/').map(Number));
    return { times: pairs.map(([time]) => time), offsets: pairs.map(([, offset]) => offset * 1000) };
  });
}

const shown = (times) => (Array.isArray(times) ? times.map((time) => new Date(time).toISOString()).join(' ') : times);

test(`${cases} schedules differ from croner's and cron-parser's only where the documents say so (seed ${seed})`, (context) => {
  const asked = subjects(new Random(seed));
  const ours = ourAnswers(asked);
  assert.equal(ours.length, cases);
  const tally = {};
  const faults = [];
  const note = (name, rule) => { tally[`${name}: ${rule}`] = (tally[`${name}: ${rule}`] ?? 0) + 1; };
  asked.forEach((subject, i) => {
    const { times, offsets, refused } = ours[i];
    const { expression, zone, after } = subject;
    const said = `"${expression.text}" in ${zone} after ${new Date(after).toISOString()}`;
    if (refused || neverRuns(expression)) {
      if (/it never runs/.test(refused) && neverRuns(expression)) note('ours', 'never runs');
      else if (!refused) faults.push(`${said} never runs and is not refused`);
      else faults.push(`${said} is refused: ${refused}`);
      return;
    }
    for (const [name, other] of Object.entries(others)) {
      const { rules, theirs } = explain(name, other, subject, times, count);
      if (rules) {
        for (const rule of rules.length > 0 ? new Set(rules) : ['the same']) note(name, rule);
      } else if (!sameZoneData(zone, times, offsets)) {
        note(name, 'other zone data');
      } else {
        note(name, 'UNEXPLAINED');
        faults.push(`${said}\n  ours    ${shown(times)}\n  ${name}  ${shown(theirs)}`);
      }
    }
  });
  // It excuses whatever else differs in such a case.
  for (const name of Object.keys(others)) {
    const excused = tally[`${name}: other zone data`] ?? 0;
    if (excused >= mostOtherZoneData * cases) faults.push(`${excused} cases with ${name} are excused by other zone data`);
  }
  for (const [what, number] of Object.entries(tally).sort()) context.diagnostic(`${what}: ${number}`);
  assert.equal(faults.length, 0, `${faults.length} are not explained:\n${faults.slice(0, 10).join('\n')}`);
});
