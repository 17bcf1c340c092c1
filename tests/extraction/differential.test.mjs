// What our JMESPath and JSONPath find against what other implementations do: random expressions on random bodies.
// EXTRACTION_CASES and EXTRACTION_SEED choose how many and which.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import { Random } from '../schedule/random.mjs';
import { randomBody } from './bodies.mjs';
import { expression } from './jmespath_expressions.mjs';
import { query } from './jsonpath_expressions.mjs';
import { others } from './others.mjs';

const cases = Number(process.env.EXTRACTION_CASES ?? 20_000);
const seed = Number(process.env.EXTRACTION_SEED ?? 1);
const program = process.env.EXTRACTION_LINES ?? path.join(path.dirname(process.env.BELLPULL_BINARY ?? 'build/release/bellpull'), 'bin/extraction_lines');

const writers = { jmespath: (random) => expression(random, 3), jsonpath: query };

function ourAnswers(asked) {
  const input = asked.map((line) => `${JSON.stringify(line)}\n`).join('');
  const { stdout, error } = spawnSync(program, { input, encoding: 'utf8', maxBuffer: 1 << 30 });
  if (error) throw error;
  return stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
}

// Why they may differ; README.md.
function excuse(language, text, ours) {
  if (ours.wrong?.includes('nested deeper than 24')) return 'nested too deep for a run';
  if (ours.wrong?.startsWith('merge() needs an object as argument')) return 'its merge looks at the first argument only';
  if (language === 'jmespath' && /avg\(/.test(text)) return 'its avg of nothing is no null';
  if (language === 'jmespath' && /(min|max)_by/.test(text)) return 'its min_by and max_by give undefined for no element and for texts';
  return undefined;
}

for (const language of Object.keys(writers)) {
  test(`${cases} expressions of ${language} find what another implementation does (seed ${seed})`, (context) => {
    const random = new Random(seed);
    const asked = Array.from({ length: cases }, () => ({ [language]: writers[language](random), body: randomBody(random) }));
    const answers = ourAnswers(asked);
    assert.equal(answers.length, cases);
    const tally = {};
    const faults = [];
    let excused = 0;
    asked.forEach(({ [language]: text, body }, i) => {
      const ours = answers[i];
      const theirs = others[language](text, body);
      const same = 'wrong' in ours ? 'wrong' in theirs : isDeepStrictEqual(ours, theirs);
      const outcome = same ? `the same, ${Object.keys(ours)[0]}` : excuse(language, text, ours) ?? 'UNEXPLAINED';
      if (!same) ++excused;
      tally[outcome] = (tally[outcome] ?? 0) + 1;
      if (outcome === 'UNEXPLAINED') {
        faults.push(`${text}\n  of     ${JSON.stringify(body)}\n  ours   ${JSON.stringify(ours)}\n  theirs ${JSON.stringify(theirs)}`);
      }
    });
    for (const [what, number] of Object.entries(tally).sort()) context.diagnostic(`${what}: ${number}`);
    assert.ok((tally['the same, found'] ?? 0) > cases / 4, 'most expressions are refused: the test says little');
    assert.ok(excused < cases / 100 || faults.length > 0, `${excused} are excused: that hides too much`);
    assert.equal(faults.length, 0, `${faults.length} are not explained:\n${faults.slice(0, 10).join('\n')}`);
  });
}
